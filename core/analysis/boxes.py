"""What the model of an image's project found in it."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Box, Prediction
from core.media.tables import Image
from core.projects.tables import Project


def image_prediction(session: Session, viewer: Viewer, image_id: int) -> Prediction | None:
    """The prediction for an image that `viewer` may see; None while it is not analysed."""
    return session.exec(select(Prediction).where(_found(Prediction, viewer, image_id))).first()


def other_predictions(session: Session, viewer: Viewer, image_id: int) -> list[Prediction]:
    """What models other than the project's own said of an image, by their keys."""
    own = (
        select(Project.model_key)
        .join(Image, col(Image.project_id) == col(Project.id))
        .where(col(Image.id) == image_id, visible_images(viewer))
        .scalar_subquery()
    )
    query = select(Prediction).where(Prediction.image_id == image_id, Prediction.model_key != own)
    return list(session.exec(query.order_by(col(Prediction.model_key))))


def image_boxes(session: Session, viewer: Viewer, image_id: int) -> list[Box]:
    """The boxes in an image that `viewer` may see, the most confident first."""
    query = select(Box).where(_found(Box, viewer, image_id))
    return list(session.exec(query.order_by(col(Box.confidence).desc(), col(Box.id))))


def _found(
    table: type[Prediction] | type[Box], viewer: Viewer, image_id: int
) -> sa.ColumnElement[bool]:
    """A condition on `table`: rows of this image by its project's own model."""
    model = (
        select(Project.model_key)
        .join(Image, col(Image.project_id) == col(Project.id))
        .where(col(Image.id) == image_id, visible_images(viewer))
        .scalar_subquery()
    )
    return sa.and_(col(table.image_id) == image_id, col(table.model_key) == model)
