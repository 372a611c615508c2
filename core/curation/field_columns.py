"""Any field of the images as one value for each: what a map is coloured and counted by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Prediction, Quality
from core.annotations.tables import Annotation
from core.curation.columns import Ids
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project
from core.scores.tables import ImageScore

#: A name that people gave to a field comes after it.
ATTRIBUTE = "attribute:"
#: Whether a model's class is the annotated one: `correct` or `wrong`.
CORRECT = "correct"


@dataclass(frozen=True)
class _Source:
    """Where a field's values are: a column, and for numbers their unit."""

    column: Any
    unit: str = ""
    #: Numbers that only tell apart, as those of groups do.
    names: bool = False


_ALWAYS = {
    "batch": _Source(Image.batch_id),
    "uploaded": _Source(Image.uploaded_at),
    "format": _Source(Image.format),
    "width": _Source(Image.width, "px"),
    "height": _Source(Image.height, "px"),
    "bytes": _Source(Image.byte_size, "B"),
}
_WHERE_KNOWN = {
    "truth": _Source(Annotation.label),
    CORRECT: _Source(Annotation.label),
    "label_error": _Source(ImageScore.label_error),
    "novelty": _Source(ImageScore.novelty),
    "duplicate_group": _Source(ImageScore.duplicate_group, names=True),
    "project_cluster": _Source(ImageScore.cluster, names=True),
    "entropy": _Source(Prediction.entropy),
    "margin": _Source(Prediction.margin),
    "boxes": _Source(Prediction.box_count),
    "camera": _Source(Image.camera),
    "captured": _Source(Image.captured_at),
    "blurry": _Source(Quality.blurry),
    "dark": _Source(Quality.dark),
    "light": _Source(Quality.light),
    "low_contrast": _Source(Quality.low_contrast),
    "low_information": _Source(Quality.low_information),
    "odd_aspect_ratio": _Source(Quality.odd_aspect_ratio),
    "grayscale": _Source(Quality.grayscale),
}
_SOURCES = {**_WHERE_KNOWN, **_ALWAYS}
#: Fields that images have by themselves or by a model's analysis.
FIELDS = tuple(_SOURCES)


@dataclass(frozen=True, eq=False)
class FieldColumn:
    """The values of a field.

    Args:
        kind: what `texts` or `numbers` hold; dates are numbers: seconds since 1970, UTC, and for
            a camera's own time, which knows no zone, as if it were UTC.
        texts: N labels, None where there is none; empty for numbers and dates.
        numbers: float64 (N,), NaN where there is none; empty for texts.
        unit: of the numbers; empty if they have none.
    """

    kind: Literal["text", "number", "date"]
    texts: list[str | None]
    numbers: npt.NDArray[np.float64]
    unit: str = ""


def text_values(texts: list[str | None]) -> FieldColumn:
    """A field whose values are texts."""
    return FieldColumn("text", texts, np.empty(0, dtype=np.float64))


def number_values(numbers: npt.ArrayLike, unit: str = "") -> FieldColumn:
    """A field whose values are numbers, NaN where there is none."""
    return FieldColumn("number", [], np.asarray(numbers, dtype=np.float64), unit)


def field_names(session: Session, viewer: Viewer, project: Project) -> list[str]:
    """The fields that at least one of the project's images has, people's own ones last."""
    present = set(_ALWAYS)
    for table in (Image, Annotation, ImageScore, Prediction, Quality):
        own = {name: s for name, s in _WHERE_KNOWN.items() if s.column.class_ is table}
        # A detector's images without an object count as having boxes, a classifier's do not.
        counts = [
            sa.func.max(s.column) if name == "boxes" else sa.func.count(s.column)
            for name, s in own.items()
        ]
        query = _of_images(sa.select(*counts), table, viewer, project)
        found = session.execute(query).one()
        present |= {name for name, n in zip(own, found, strict=True) if n}
    with_attributes = select(Image.attributes).where(
        Image.project_id == project.id,
        visible_images(viewer),
        sa.cast(Image.attributes, sa.Text) != "{}",
    )
    attributes = {name for values in session.exec(with_attributes) for name in values}
    return [
        *(name for name in FIELDS if name in present),
        *(f"{ATTRIBUTE}{name}" for name in sorted(attributes)),
    ]


def field_column(
    session: Session, viewer: Viewer, project: Project, name: str, image_ids: Ids
) -> FieldColumn:
    """The value of a field for each image; images that `viewer` may not see have none.

    An attribute counts as a number if all its values are numbers. What a model says is what the
    project's model says.

    Args:
        name: one of `field_names`.
        image_ids: int64 (N,).

    Raises:
        KeyError: there is no field of this name.
    """
    if name == CORRECT:
        return text_values(_correct(session, viewer, project, image_ids))
    if name.startswith(ATTRIBUTE):
        key = name.removeprefix(ATTRIBUTE)
        values = _values(session, viewer, project, Image.attributes, image_ids)
        return _column([(attributes or {}).get(key) for attributes in values])
    source = _SOURCES[name]
    values = _values(session, viewer, project, source.column, image_ids)
    if name == "batch":
        return _column(_batch_names(session, project, values))
    if source.names:
        values = [None if value is None else str(value) for value in values]
    return _column(values, source.unit)


def _values(
    session: Session, viewer: Viewer, project: Project, column: Any, image_ids: Ids
) -> list[Any]:
    """A column's value for each image, None where there is none."""
    table = column.class_
    key = col(Image.id if table is Image else table.image_id)
    query = _of_images(sa.select(key, column), table, viewer, project)
    found = {row[0]: row[1] for row in session.execute(query)}
    return [found.get(image_id) for image_id in image_ids.tolist()]


def _of_images(
    query: sa.Select[Any], table: Any, viewer: Viewer, project: Project
) -> sa.Select[Any]:
    """`query` on a table of images, restricted to the project's and to its model's."""
    if table is not Image:
        query = query.join(Image, col(table.image_id) == col(Image.id))
    if hasattr(table, "model_key"):
        query = query.where(col(table.model_key) == project.model_key)
    return query.where(col(Image.project_id) == project.id, visible_images(viewer))


def _correct(
    session: Session, viewer: Viewer, project: Project, image_ids: Ids
) -> list[str | None]:
    """`correct` or `wrong` where an image has both a prediction and an annotated class."""
    predicted = _values(session, viewer, project, Prediction.label, image_ids)
    annotated = _values(session, viewer, project, Annotation.label, image_ids)
    return [
        None if said is None or true is None else (CORRECT if said == true else "wrong")
        for said, true in zip(predicted, annotated, strict=True)
    ]


def _batch_names(session: Session, project: Project, batch_ids: Sequence[Any]) -> list[Any]:
    """Batches by name; of several with one name each says its number too."""
    query = select(Batch.id, Batch.name).where(col(Batch.project_id) == project.id)
    names: dict[int | None, str] = dict(session.exec(query).all())
    often = {name for name in names.values() if list(names.values()).count(name) > 1}
    shown = {i: f"{name} ({i})" if name in often else name for i, name in names.items()}
    return [shown.get(batch_id) for batch_id in batch_ids]


def _column(values: list[Any], unit: str = "") -> FieldColumn:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, datetime) for value in known):
        return FieldColumn("date", [], _numbers([_seconds(value) for value in values]))
    if known and all(isinstance(v, int | float) and not isinstance(v, bool) for v in known):
        return number_values(_numbers(values), unit)
    return text_values([None if v is None else str(v) for v in values])


def _numbers(values: list[Any]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _seconds(moment: datetime | None) -> float | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
