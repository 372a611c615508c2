"""Running queries: which images, in which order, and which values there are to choose from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Prediction
from core.media.tables import Image
from core.projects.tables import Project
from core.search.bits import ProjectBits
from core.search.compiler import condition
from core.search.memory import project_bits
from core.search.sql import Value
from core.search.views import read

#: What results can be ordered by; `-` before one reverses it.
ORDERS = ("name", "date", "uploaded", "confidence", "bytes", "id")

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Page:
    """A part of what a query finds."""

    #: int64 (k,): the images of this part, in order.
    ids: Ids
    #: How many the query finds in all.
    total: int


def page(
    session: Session,
    viewer: Viewer,
    project: Project,
    text: str,
    order: str = "name",
    *,
    limit: int = 60,
    offset: int = 0,
) -> Page:
    """A part of what `find` gives, with the number of all. Every part takes the same time."""
    found = find(session, viewer, project, text, order)
    return Page(found[offset : offset + limit], len(found))


def find(
    session: Session,
    viewer: Viewer,
    project: Project,
    text: str,
    order: str = "name",
    *,
    limit: int | None = None,
    offset: int = 0,
) -> Ids:
    """The images of a project that satisfy a query: int64 (N,) ids in order, equal ones by id.

    `order` is one of ORDERS, or one with `-` in front. Images without a confidence come last.
    The answer is that of the database as it is now; within a transaction that writes, `session`
    is asked itself, so that it sees its own changes. Raises QueryError for a wrong query,
    ValueError for an unknown order.
    """
    if _writes(session):
        query = sa.select(col(Image.id)).where(_matching(session, viewer, project, text))
        query = _ordered(query, project, order).limit(limit).offset(offset or None)
        return np.fromiter(session.execute(query).scalars(), dtype=np.int64)
    expression = read(session, project, text)
    with project_bits(project) as bits:
        wanted = bits.truth(bits.found(expression, viewer))
        positions = _positions_in_order(bits, project, order)
        ids = bits.ids[positions[wanted[positions]]]
    return ids[offset:] if limit is None else ids[offset : offset + limit]


def count(session: Session, viewer: Viewer, project: Project, text: str) -> int:
    """The number of a project's images that satisfy a query. Raises QueryError."""
    if _writes(session):
        query = sa.select(sa.func.count(col(Image.id))).where(
            _matching(session, viewer, project, text)
        )
        found: int = session.execute(query).scalar_one()
        return found
    expression = read(session, project, text)
    with project_bits(project) as bits:
        return int(bits.truth(bits.found(expression, viewer)).sum())


def neighbour(
    session: Session,
    viewer: Viewer,
    project: Project,
    text: str,
    order: str,
    image_id: int,
    step: int,
) -> int | None:
    """The image `step` places behind (before, if negative) one in what a query finds.

    None past the ends, and for an image that the query does not find. Raises QueryError.
    """
    found = find(session, viewer, project, text, order)
    at = np.flatnonzero(found == image_id)
    if not len(at) or not 0 <= at[0] + step < len(found):
        return None
    return int(found[at[0] + step])


def _writes(session: Session) -> bool:
    return bool(session.connection().get_execution_options().get("writes", False))


def _matching(
    session: Session, viewer: Viewer, project: Project, text: str
) -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Image.project_id) == project.id,
        visible_images(viewer),
        condition(read(session, project, text), project),
    )


def _positions_in_order(bits: ProjectBits, project: Project, order: str) -> npt.NDArray[np.int32]:
    everything = sa.select(col(Image.id)).where(col(Image.project_id) == project.id)
    return bits.in_order(_ordered(everything, project, order), order)


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
