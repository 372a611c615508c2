"""A few pictures that stand for a project in a list."""

from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.media.tables import Image


def cover_image_ids(session: Session, viewer: Viewer, project_id: int, limit: int = 4) -> list[int]:
    """Ids of up to `limit` images of a project: a mixture, and the same until images come or go.

    The order of content hashes is as good as chance, and the index on it makes this as quick for a
    million images as for ten.
    """
    query = (
        select(Image.id)
        .where(Image.project_id == project_id, visible_images(viewer))
        .order_by(col(Image.content_hash))
        .limit(limit)
    )
    return [image_id for image_id in session.exec(query) if image_id is not None]
