"""What is known of images as a table, one row an image."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Box, Prediction
from core.annotations import read_drawn
from core.annotations.tables import Annotation
from core.atomic import atomic_path
from core.curation.tables import ImageTag, Tag
from core.ingest.tables import Batch
from core.maps.features import features as load_features
from core.maps.features import usable_rows
from core.maps.store import load_map
from core.media.images import chunks
from core.media.tables import Image
from core.projects.tables import Project

if TYPE_CHECKING:  # pandas and pyarrow take a second to load, which a page need not wait for
    import pandas as pd

# A cell that starts with one of these is a formula to a spreadsheet.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_DRAWN = ("label", "x0", "y0", "x1", "y1")
_INT64 = range(-(2**63), 2**63)


def image_table(
    session: Session,
    viewer: Viewer,
    project: Project,
    image_ids: Sequence[int] | npt.NDArray[np.int64],
    *,
    map_id: int | None = None,
    features: bool = False,
) -> "pd.DataFrame":
    """The images of a project as a table, in the order of `image_ids`.

    Ids that are not in the project, or that `viewer` may not see, have no row. Columns: `image_id`,
    `name`, `batch`, `format`, `width`, `height`, `bytes`, `uploaded_at` (UTC), `captured_at` (local
    time of the camera), `camera`, `content_hash` (SHA-256), `prediction`, `confidence`, `boxes`
    (JSON list; corners as shares of width and height), `truth` (the class that people said),
    `true_boxes` (JSON list of the boxes that people drew; empty where nobody said which there are),
    `tags` (joined by `;`, in a name `;` is `\\;` and `\\` is `\\\\`), `tag_list`, and
    `meta.<field>` for each attribute. With `map_id`
    also `x`, `y`, `z` (3D only) and `outlier`, empty for images that are not on that map; with
    `features` the project's model's feature vector, a list of float32.

    Raises:
        NotFound: no such map, or `viewer` may not see it.
        UserError: the map is not computed yet.
    """
    import pandas as pd
    import pyarrow as pa

    images = _image_columns(session, viewer, project, [int(i) for i in image_ids])
    ids: list[int] = images["image_id"]
    attributes: list[dict[str, Any]] = images.pop("attributes")
    frame = pd.DataFrame(images)
    for column in ("name", "batch", "format", "camera", "content_hash"):
        frame[column] = frame[column].astype("str")
    frame["uploaded_at"] = pd.to_datetime(frame["uploaded_at"], utc=True)
    frame["captured_at"] = pd.to_datetime(frame["captured_at"])
    _add_findings(frame, session, project, ids)
    for field in sorted({field for each in attributes for field in each}):
        frame[f"meta.{field}"] = _typed([each.get(field) for each in attributes])
    if map_id is not None:
        for column, values in _map_columns(session, viewer, map_id, ids).items():
            frame[column] = values
    if features:
        matrix = load_features(session, ids, project.model_key)
        usable = usable_rows(matrix)
        vectors = [row if good else None for row, good in zip(matrix, usable, strict=True)]
        number_list = pd.ArrowDtype(pa.list_(pa.float32()))
        frame["features"] = pd.Series(vectors, dtype=number_list)
    return frame


def write_csv(frame: "pd.DataFrame", target: Path | BinaryIO) -> None:
    """Write a table of `image_table` as CSV: UTF-8 with a byte order mark, as Excel wants it.

    A text that a spreadsheet would take for a formula (it starts with `=`, `+`, `-`, `@`, a tab or
    a line break) gets an apostrophe in front; numbers stay as they are. `tag_list` is left out, as
    `tags` says the same, and features become columns `f0000`, `f0001`, ... A file at a path
    appears when it is whole.
    """
    import pandas as pd

    plain = frame.drop(columns=["tag_list", "features"], errors="ignore")
    for column in plain.columns:
        if pd.api.types.is_string_dtype(plain[column].dtype):
            risky = plain[column].str.startswith(_FORMULA_STARTS, na=False)
            plain[column] = plain[column].mask(risky, "'" + plain[column])
    if "features" in frame:
        plain = pd.concat([plain, _feature_columns(frame["features"])], axis=1)
    if isinstance(target, Path):
        with atomic_path(target) as partial, partial.open("wb") as file:
            plain.to_csv(file, index=False, encoding="utf-8-sig", mode="wb")
    else:
        plain.to_csv(target, index=False, encoding="utf-8-sig", mode="wb")


def write_parquet(frame: "pd.DataFrame", target: Path) -> None:
    """Write a table of `image_table` as Parquet, all texts as they are; appears when whole."""
    with atomic_path(target) as partial:
        frame.to_parquet(partial, index=False)


def _image_columns(
    session: Session, viewer: Viewer, project: Project, image_ids: list[int]
) -> dict[str, list[Any]]:
    columns = {
        "image_id": col(Image.id),
        "name": col(Image.name),
        "batch": col(Batch.name),
        "format": col(Image.format),
        "width": col(Image.width),
        "height": col(Image.height),
        "bytes": col(Image.byte_size),
        "uploaded_at": col(Image.uploaded_at),
        "captured_at": col(Image.captured_at),
        "camera": col(Image.camera),
        "content_hash": col(Image.content_hash),
        "attributes": col(Image.attributes),
    }
    rows: dict[int, Any] = {}
    for part in chunks(image_ids):
        query = (
            sa.select(*columns.values())
            .join(Batch, col(Batch.id) == col(Image.batch_id))
            .where(
                col(Image.id).in_(part),
                col(Image.project_id) == project.id,
                visible_images(viewer),
            )
        )
        rows.update({row[0]: row for row in session.execute(query)})
    ordered = [rows[image_id] for image_id in image_ids if image_id in rows]
    return {name: [row[position] for row in ordered] for position, name in enumerate(columns)}


def _add_findings(
    frame: "pd.DataFrame", session: Session, project: Project, ids: list[int]
) -> None:
    """Add what the project's model and people said of each image: predictions, boxes, tags."""
    import pandas as pd
    import pyarrow as pa

    predictions = _predictions(session, project, ids)
    frame["prediction"] = pd.Series([predictions.get(i, (None, None))[0] for i in ids], dtype="str")
    frame["confidence"] = np.array([predictions.get(i, (None, None))[1] for i in ids], dtype=float)
    boxes = _boxes(session, project, ids)
    frame["boxes"] = pd.Series([json.dumps(boxes[i], ensure_ascii=False) for i in ids], dtype="str")
    truth, true_boxes = _said(session, ids)
    frame["truth"] = pd.Series([truth.get(i) for i in ids], dtype="str")
    frame["true_boxes"] = pd.Series([true_boxes.get(i) for i in ids], dtype="str")
    tags = _tags(session, ids)
    frame["tags"] = pd.Series([_joined(tags[i]) for i in ids], dtype="str")
    text_list = pd.ArrowDtype(pa.list_(pa.string()))
    frame["tag_list"] = pd.Series([tags[i] for i in ids], dtype=text_list)


def _predictions(
    session: Session, project: Project, image_ids: list[int]
) -> dict[int, tuple[str | None, float | None]]:
    found: dict[int, tuple[str | None, float | None]] = {}
    for part in chunks(image_ids):
        query = select(Prediction.image_id, Prediction.label, Prediction.confidence).where(
            col(Prediction.image_id).in_(part), Prediction.model_key == project.model_key
        )
        for image_id, label, confidence in session.exec(query):
            found[image_id] = (label, confidence)
    return found


def _boxes(
    session: Session, project: Project, image_ids: list[int]
) -> defaultdict[int, list[dict[str, Any]]]:
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for part in chunks(image_ids):
        query = (
            select(Box)
            .where(col(Box.image_id).in_(part), Box.model_key == project.model_key)
            .order_by(col(Box.confidence).desc(), col(Box.id))
        )
        for box in session.exec(query):
            found[box.image_id].append(box.model_dump(exclude={"id", "image_id", "model_key"}))
    return found


def _said(session: Session, image_ids: list[int]) -> tuple[dict[int, str | None], dict[int, str]]:
    """The classes that people said, and the boxes that they drew as JSON."""
    truth: dict[int, str | None] = {}
    boxes: dict[int, str] = {}
    for part in chunks(image_ids):
        query = select(Annotation).where(col(Annotation.image_id).in_(part))
        said = session.exec(query).all()
        truth |= {each.image_id: each.label for each in said}
        drawn = read_drawn(session, np.array(part, dtype=np.int64))
        for image_id in (each.image_id for each in said if each.has_boxes):
            named = [dict(zip(_DRAWN, box, strict=True)) for box in drawn.get(image_id, ())]
            boxes[image_id] = json.dumps(named, ensure_ascii=False)
    return truth, boxes


def _tags(session: Session, image_ids: list[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for part in chunks(image_ids):
        query = (
            select(ImageTag.image_id, Tag.name)
            .join(Tag, col(Tag.id) == col(ImageTag.tag_id))
            .where(col(ImageTag.image_id).in_(part))
            .order_by(col(Tag.folded))
        )
        for image_id, name in session.exec(query):
            found[image_id].append(name)
    return found


def _joined(tags: list[str]) -> str:
    return ";".join(tag.replace("\\", "\\\\").replace(";", "\\;") for tag in tags)


def _typed(values: list[Any]) -> "pd.Series[Any]":
    """One attribute's values as one type: that which all have, else text."""
    import pandas as pd

    kinds = {type(value) for value in values if value is not None}
    exact = all(value in _INT64 for value in values if type(value) is int)
    if kinds == {bool}:
        return pd.Series(values, dtype="boolean")
    if kinds == {int} and exact:
        return pd.Series(values, dtype="Int64")
    if kinds <= {int, float} and kinds and exact:
        return pd.Series(values, dtype="float64")
    texts = [
        value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for value in values
    ]
    return pd.Series(texts, dtype="str")


def _map_columns(
    session: Session, viewer: Viewer, map_id: int, image_ids: list[int]
) -> dict[str, npt.NDArray[np.float32]]:
    loaded = load_map(session, viewer, map_id)
    ids = np.array(image_ids, dtype=np.int64)
    place = np.searchsorted(loaded.image_ids, ids).clip(max=len(loaded.image_ids) - 1)
    absent = loaded.image_ids[place] != ids
    columns = {}
    for name, values in zip("xyz", loaded.coordinates.T, strict=False):  # 2D ends before z
        columns[name] = np.where(absent, np.float32(np.nan), values[place])
    columns["outlier"] = np.where(absent, np.float32(np.nan), loaded.outlier_scores[place])
    return columns


def _feature_columns(vectors: "pd.Series[Any]") -> "pd.DataFrame":
    """Vectors (N,) of float32 lists as columns `f0000`, ...; images without one have none."""
    import pandas as pd

    rows = vectors.to_list()
    lengths = [len(row) for row in rows if isinstance(row, list | np.ndarray)]
    matrix = np.full((len(rows), max(lengths, default=0)), np.nan, dtype=np.float32)
    for place, row in enumerate(rows):
        if isinstance(row, list | np.ndarray):
            matrix[place] = row
    names = [f"f{number:04d}" for number in range(matrix.shape[1])]
    return pd.DataFrame(matrix, columns=names, index=vectors.index)
