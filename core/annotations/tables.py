"""Annotations: kept apart from every model's predictions, so that both can be compared."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class Annotation(SQLModel, table=True):
    """What people say of an image as a whole; its row says that somebody said something."""

    __table_args__ = (sa.Index("ix_annotation_label", "label", "image_id"),)

    image_id: int = Field(primary_key=True, foreign_key="image.id", ondelete="CASCADE")
    #: The image's class; None: nobody said.
    label: str | None = None
    #: Whether its annotated boxes are all there is to find, which may be none.
    has_boxes: bool = False
    #: `import` or `hand`: who said it last.
    source: str
    updated_at: datetime = Field(default_factory=now)
    updated_by: int = Field(foreign_key="user.id")


class AnnotatedBox(SQLModel, table=True):
    """An object that people drew. Corners are shares of the upright image's width and height."""

    __tablename__ = "annotated_box"
    __table_args__ = (sa.Index("ix_annotated_box_label", "label", "image_id"),)

    id: int | None = Field(default=None, primary_key=True)
    image_id: int = Field(foreign_key="image.id", ondelete="CASCADE", index=True)
    label: str
    x0: float
    y0: float
    x1: float
    y1: float
