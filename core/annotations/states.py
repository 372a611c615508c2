"""Annotations of many images at once: reading, writing and packing them for the history."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col

from core.analysis.results import insert_rows
from core.annotations.tables import AnnotatedBox, Annotation
from core.curation.scope import among
from core.history.packing import coded, decoded
from core.media.tables import Image

#: Label, x0, y0, x1, y1; corners are shares of the upright image's width and height.
Drawn = tuple[str, float, float, float, float]


_MOST_STATEMENTS = 1_000


class Said(NamedTuple):
    """The row of `Annotation` of an image."""

    label: str | None
    has_boxes: bool
    source: str
    updated_at: datetime
    updated_by: int


def read_said(session: Session, condition: sa.ColumnElement[bool]) -> dict[int, Said | None]:
    """The rows of the images that a condition on `Image` names, by id in ascending order.

    None stands for an image of which nothing is said. The images are locked against other writers.
    """
    columns = (Annotation.label, Annotation.has_boxes, Annotation.source)
    stamps = (Annotation.updated_at, Annotation.updated_by)
    query = (
        sa.select(col(Image.id), *map(col, columns), *map(col, stamps))
        .outerjoin(Annotation, col(Annotation.image_id) == col(Image.id))
        .where(condition)
        .order_by(col(Image.id))
        .with_for_update(of=Image)
    )
    rows = session.execute(query)
    return {row[0]: None if row[3] is None else Said._make(row[1:]) for row in rows}


def write_said(session: Session, rows: Mapping[int, Said | None]) -> None:
    """Make these the rows of their images; one statement takes the old ones away."""
    had = among(Annotation.image_id, np.fromiter(rows, dtype=np.int64, count=len(rows)))
    _delete(session, sa.delete(Annotation).where(had))
    distinct, codes = coded(list(rows.values()))
    if len(distinct) > _MOST_STATEMENTS:
        new = [{"image_id": id_, **said._asdict()} for id_, said in rows.items() if said]
        insert_rows(session, Annotation, new)
        return
    # Of many images few different things are said: a statement for each of these.
    ids = np.fromiter(rows, dtype=np.int64, count=len(rows))
    for number, said in enumerate(distinct):
        if said is not None:
            _insert_same(session, ids[codes == number], said)


def _insert_same(session: Session, image_ids: np.ndarray, said: Said) -> None:
    """Write rows that say the same of all these images."""
    table = Annotation.__table__  # type: ignore[attr-defined]
    fields = said._asdict()
    values = [sa.literal(value, table.c[name].type) for name, value in fields.items()]
    chosen = sa.select(col(Image.id), *values).where(among(Image.id, image_ids))
    session.connection().execute(
        sa.insert(table).from_select(["image_id", *fields], chosen, include_defaults=False)
    )


def read_drawn(session: Session, image_ids: np.ndarray) -> dict[int, tuple[Drawn, ...]]:
    """The boxes of each image in the order they were drawn; an image without is left out."""
    box = AnnotatedBox
    corners = (col(box.x0), col(box.y0), col(box.x1), col(box.y1))
    query = (
        sa.select(col(box.image_id), col(box.label), *corners)
        .where(among(box.image_id, image_ids))
        .order_by(col(box.image_id), col(box.id))
    )
    by_image = groupby(session.execute(query), key=lambda row: row[0])
    return {image_id: tuple(tuple(row[1:]) for row in rows) for image_id, rows in by_image}


def write_drawn(session: Session, drawn: Mapping[int, Sequence[Drawn]]) -> None:
    """Make these the boxes of their images."""
    had = among(AnnotatedBox.image_id, np.fromiter(drawn, dtype=np.int64, count=len(drawn)))
    _delete(session, sa.delete(AnnotatedBox).where(had))
    names = ("label", "x0", "y0", "x1", "y1")
    new: list[dict[str, object]] = [
        {"image_id": id_, **dict(zip(names, box, strict=True))}
        for id_, boxes in drawn.items()
        for box in boxes
    ]
    insert_rows(session, AnnotatedBox, new)


def _delete(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


def packed_said(rows: Sequence[Said | None]) -> dict[str, Any]:
    """Parts for `pack_parts`."""
    distinct, codes = coded(rows)
    listed = [
        None if said is None else [*said[:3], said.updated_at.isoformat(), said.updated_by]
        for said in distinct
    ]
    return {"said": listed, "said_codes": codes}


def unpacked_said(parts: Mapping[str, Any]) -> list[Said | None]:
    """Inverse of `packed_said`."""
    distinct = [
        None if said is None else Said._make([*said[:3], datetime.fromisoformat(said[3]), said[4]])
        for said in parts["said"]
    ]
    return decoded(distinct, parts["said_codes"])


def packed_drawn(drawn: Sequence[Sequence[Drawn]]) -> dict[str, Any]:
    """Parts for `pack_parts`."""
    boxes = [box for each in drawn for box in each]
    labels, codes = coded([box[0] for box in boxes])
    return {
        "box_counts": np.array([len(each) for each in drawn], dtype=np.int32),
        "box_labels": labels,
        "box_codes": codes,
        "box_corners": np.array([box[1:] for box in boxes], dtype=np.float64).reshape(-1, 4),
    }


def unpacked_drawn(parts: Mapping[str, Any]) -> list[tuple[Drawn, ...]]:
    """Inverse of `packed_drawn`."""
    labels = decoded(parts["box_labels"], parts["box_codes"])
    corners = parts["box_corners"].tolist()
    boxes: list[Drawn] = [(label, *box) for label, box in zip(labels, corners, strict=True)]
    ends = np.cumsum(parts["box_counts"]).tolist()
    return [tuple(boxes[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def fingerprints(drawn: Sequence[Sequence[Drawn]]) -> np.ndarray:
    """int64 (N,): by which one sees whether the boxes of an image are still the same."""
    digests = b"".join(
        hashlib.blake2b(repr(tuple(map(tuple, each))).encode(), digest_size=8).digest()
        for each in drawn
    )
    return np.frombuffer(digests, dtype="<i8").astype(np.int64)
