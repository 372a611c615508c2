"""What a tile says about an image: name, size, prediction, boxes and tags."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from core.accounts.access import Viewer
from core.analysis.tables import Prediction
from core.curation.tables import ImageTag, Tag
from core.media.images import load_images
from core.media.originals import original_of
from core.media.tables import Image
from core.projects.tables import Project


def image_rows(
    session: Session, viewer: Viewer, image_ids: Sequence[int], *, binned: bool = False
) -> list[dict[str, Any]]:
    """Rows of the images that `viewer` may see, in the order of `image_ids`.

    Keys: id, name, path, width, height, label, confidence, unread (its file was listed, but not
    read yet), boxes, tags (name and colour each). With
    `binned` there are rows of images in the bin too.
    """
    images = load_images(session, viewer, image_ids, binned=binned)
    predictions = _predictions(session, list(images))
    tags = _tags(session, list(images))
    rows = []
    for image_id in image_ids:
        image = images.get(image_id)
        if image is None:
            continue
        found = predictions.get(image_id)
        rows.append(
            {
                "id": image_id,
                "name": image.name.rsplit("/", 1)[-1],
                "path": image.name,
                "width": image.width,
                "height": image.height,
                "label": found.label if found else None,
                "confidence": found.confidence if found else None,
                "unread": not original_of(image).is_read,
                "boxes": found.box_count if found else 0,
                "tags": tags.get(image_id, []),
            }
        )
    return rows


def _predictions(session: Session, image_ids: list[int]) -> dict[int, Prediction]:
    """The prediction of each image's project's own model."""
    query = (
        select(Prediction)
        .join(Image, col(Prediction.image_id) == col(Image.id))
        .join(Project, col(Image.project_id) == col(Project.id))
        .where(
            col(Prediction.image_id).in_(image_ids),
            col(Prediction.model_key) == col(Project.model_key),
        )
    )
    return {found.image_id: found for found in session.exec(query)}


def _tags(session: Session, image_ids: list[int]) -> dict[int, list[dict[str, str]]]:
    query = (
        select(ImageTag.image_id, Tag.name, Tag.colour)
        .join(Tag, col(ImageTag.tag_id) == col(Tag.id))
        .where(col(ImageTag.image_id).in_(image_ids))
        .order_by(Tag.name)
    )
    tags: dict[int, list[dict[str, str]]] = {}
    for image_id, name, colour in session.exec(query):
        tags.setdefault(image_id, []).append({"name": name, "colour": colour})
    return tags
