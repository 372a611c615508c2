"""One value for each of many images at once: what a map is coloured and sorted by."""

from collections import defaultdict

import numpy as np
import numpy.typing as npt
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Prediction
from core.curation.tables import ImageTag, Tag
from core.media.tables import Image
from core.projects.tables import Project

Ids = npt.NDArray[np.int64]


def prediction_columns(
    session: Session, viewer: Viewer, project: Project, image_ids: Ids
) -> tuple[list[str | None], npt.NDArray[np.float64]]:
    """Label and confidence of each image by the project's model; None and NaN where there is none.

    Args:
        image_ids: int64 (N,).

    Returns:
        N labels and float64 (N,) in [0, 1].
    """
    query = (
        select(Prediction.image_id, Prediction.label, Prediction.confidence)
        .join(Image, col(Prediction.image_id) == col(Image.id))
        .where(Image.project_id == project.id, Prediction.model_key == project.model_key)
        .where(visible_images(viewer))
    )
    found = {image_id: (label, confidence) for image_id, label, confidence in session.exec(query)}
    rows = [found.get(int(image_id), (None, None)) for image_id in image_ids]
    confidences = [np.nan if confidence is None else confidence for _, confidence in rows]
    return [label for label, _ in rows], np.array(confidences, dtype=np.float64)


def tag_column(
    session: Session, viewer: Viewer, project: Project, image_ids: Ids
) -> list[str | None]:
    """The tags of each image as one text, several joined by ` + `; None where there is none.

    Args:
        image_ids: int64 (N,).
    """
    query = (
        select(ImageTag.image_id, Tag.name)
        .join(Tag, col(ImageTag.tag_id) == col(Tag.id))
        .join(Image, col(ImageTag.image_id) == col(Image.id))
        .where(Tag.project_id == project.id, visible_images(viewer))
        .order_by(Tag.name)
    )
    names: defaultdict[int, list[str]] = defaultdict(list)
    for image_id, name in session.exec(query):
        names[image_id].append(name)
    return [" + ".join(names[i]) if i in names else None for i in image_ids.tolist()]
