"""Running queries: which images, in which order, and which values there are to choose from."""

from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Box, Prediction
from core.curation.tables import ImageTag, SavedSelection, SelectedImage, Tag
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project
from core.search.compiler import condition
from core.search.parser import parse
from core.search.sql import Value

#: What results can be ordered by; `-` before one reverses it.
ORDERS = ("name", "date", "uploaded", "confidence", "bytes", "id")


def find(
    session: Session,
    viewer: Viewer,
    project: Project,
    text: str,
    order: str = "name",
    *,
    limit: int | None = None,
    offset: int = 0,
) -> np.ndarray:
    """The images of a project that satisfy a query: int64 (N,) ids in order, equal ones by id.

    `order` is one of ORDERS, or one with `-` in front. Images without a confidence come last.
    Raises QueryError for a wrong query, ValueError for an unknown order.
    """
    query = _matching(sa.select(col(Image.id)), viewer, project, text)
    query = _ordered(query, project, order).limit(limit).offset(offset or None)
    return np.fromiter(session.execute(query).scalars(), dtype=np.int64)


def count(session: Session, viewer: Viewer, project: Project, text: str) -> int:
    """The number of a project's images that satisfy a query. Raises QueryError."""
    query = _matching(sa.select(sa.func.count(col(Image.id))), viewer, project, text)
    found: int = session.execute(query).scalar_one()
    return found


def _matching(query: sa.Select[Any], viewer: Viewer, project: Project, text: str) -> sa.Select[Any]:
    return query.where(
        col(Image.project_id) == project.id,
        visible_images(viewer),
        condition(parse(text), project),
    )


def _ordered(query: sa.Select[Any], project: Project, order: str) -> sa.Select[Any]:
    name, reverse = order.removeprefix("-"), order.startswith("-")
    if name not in ORDERS:
        raise ValueError(f"unknown order {order!r}; known: {', '.join(ORDERS)}")
    keys: dict[str, Value] = {
        "name": col(Image.name),
        "date": sa.func.coalesce(col(Image.captured_at), col(Image.uploaded_at)),
        "uploaded": col(Image.uploaded_at),
        "confidence": col(Prediction.confidence),
        "bytes": col(Image.byte_size),
        "id": col(Image.id),
    }
    if name == "confidence":
        of_model = col(Prediction.model_key) == project.model_key
        query = query.outerjoin(
            Prediction, sa.and_(col(Prediction.image_id) == col(Image.id), of_model)
        )
    key = keys[name].desc() if reverse else keys[name].asc()
    if name == "confidence":
        key = key.nulls_last()
    return query.order_by(key, col(Image.id))


def values(session: Session, viewer: Viewer, project: Project, field: str) -> list[tuple[str, int]]:
    """The values of a choice field with how many visible images have each, the most frequent first.

    `field` is one of tag, pred, model, box, batch, in, camera, format. Raises KeyError for others.
    """
    value, joins = _CHOICES[field]
    images = sa.func.count(col(Image.id).distinct())
    query = sa.select(value, images).select_from(Image)
    for table, on in joins:
        query = query.join(table, on)
    query = query.where(
        col(Image.project_id) == project.id, visible_images(viewer), value.is_not(None)
    )
    if field in ("pred", "box"):
        table = Prediction if field == "pred" else Box
        query = query.where(col(table.model_key) == project.model_key)
    query = query.group_by(value).order_by(images.desc(), value)
    return [(name, number) for name, number in session.execute(query)]


_Joins = tuple[tuple[Any, sa.ColumnElement[bool]], ...]
_IMAGE = col(Image.id)
_CHOICES: dict[str, tuple[Value, _Joins]] = {
    "tag": (
        col(Tag.name),
        (
            (ImageTag, col(ImageTag.image_id) == _IMAGE),
            (Tag, col(Tag.id) == col(ImageTag.tag_id)),
        ),
    ),
    "pred": (col(Prediction.label), ((Prediction, col(Prediction.image_id) == _IMAGE),)),
    "model": (col(Prediction.model_key), ((Prediction, col(Prediction.image_id) == _IMAGE),)),
    "box": (col(Box.label), ((Box, col(Box.image_id) == _IMAGE),)),
    "batch": (col(Batch.name), ((Batch, col(Batch.id) == col(Image.batch_id)),)),
    "in": (
        col(SavedSelection.name),
        (
            (SelectedImage, col(SelectedImage.image_id) == _IMAGE),
            (SavedSelection, col(SavedSelection.id) == col(SelectedImage.selection_id)),
        ),
    ),
    "camera": (col(Image.camera), ()),
    "format": (col(Image.format), ()),
}
