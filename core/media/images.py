"""Reading image rows on a viewer's behalf."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, permitted_images, visible_images
from core.errors import NotFound
from core.media.tables import Image, RemovedImage

_CHUNK = 20_000  # ids in one statement; SQLite allows 32,766 variables

Item = TypeVar("Item")


def chunks(items: Sequence[Item], size: int = _CHUNK) -> Iterator[Sequence[Item]]:
    """`items` in pieces of at most `size`, for statements with a limited number of variables."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def load_image(session: Session, viewer: Viewer, image_id: int, *, binned: bool = False) -> Image:
    """One image.

    Args:
        binned: also one in the bin.

    Raises:
        NotFound: there is none, or `viewer` may not see it.
    """
    query = select(Image).where(Image.id == image_id, _allowed(viewer, binned))
    image = session.exec(query).first()
    if image is None:
        raise NotFound("media.not_found", id=image_id)
    return image


def load_images(
    session: Session, viewer: Viewer, image_ids: Sequence[int], *, binned: bool = False
) -> dict[int, Image]:
    """The images among `image_ids` that `viewer` may see, by id; `binned`: those in the bin too."""
    found: dict[int, Image] = {}
    for part in chunks([int(i) for i in image_ids]):
        query = select(Image).where(col(Image.id).in_(part), _allowed(viewer, binned))
        found.update({image.id: image for image in session.exec(query) if image.id is not None})
    return found


def _allowed(viewer: Viewer, binned: bool) -> sa.ColumnElement[bool]:
    return permitted_images(viewer) if binned else visible_images(viewer)


def project_image_ids(session: Session, viewer: Viewer, project_id: int) -> np.ndarray:
    """Ids of all images of a project, int64 (N,), in the order they came."""
    query = (
        select(Image.id)
        .where(Image.project_id == project_id, visible_images(viewer))
        .order_by(col(Image.id))
    )
    return np.fromiter(session.exec(query), dtype=np.int64)


def note_removed(session: Session, image_id: int) -> None:
    """Note that an image of this id was removed for good, so that no other ever gets it."""
    noted = session.exec(select(RemovedImage)).first()
    if noted is None or noted.id < image_id:
        session.execute(sa.delete(RemovedImage))
        session.add(RemovedImage(id=image_id))
