"""Reading image rows on a viewer's behalf."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.errors import NotFound
from core.media.tables import Image

_CHUNK = 20_000  # ids in one statement; SQLite allows 32,766 variables

Item = TypeVar("Item")


def chunks(items: Sequence[Item], size: int = _CHUNK) -> Iterator[Sequence[Item]]:
    """`items` in pieces of at most `size`, for statements with a limited number of variables."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def load_image(session: Session, viewer: Viewer, image_id: int) -> Image:
    """One image.

    Raises:
        NotFound: there is none, or `viewer` may not see it.
    """
    query = select(Image).where(Image.id == image_id, visible_images(viewer))
    image = session.exec(query).first()
    if image is None:
        raise NotFound("media.not_found", id=image_id)
    return image


def load_images(session: Session, viewer: Viewer, image_ids: Sequence[int]) -> dict[int, Image]:
    """The images among `image_ids` that `viewer` may see, by id."""
    found: dict[int, Image] = {}
    for part in chunks([int(i) for i in image_ids]):
        query = select(Image).where(col(Image.id).in_(part), visible_images(viewer))
        found.update({image.id: image for image in session.exec(query) if image.id is not None})
    return found


def project_image_ids(session: Session, viewer: Viewer, project_id: int) -> np.ndarray:
    """Ids of all images of a project, int64 (N,), in the order they came."""
    query = (
        select(Image.id)
        .where(Image.project_id == project_id, visible_images(viewer))
        .order_by(col(Image.id))
    )
    return np.fromiter(session.exec(query), dtype=np.int64)
