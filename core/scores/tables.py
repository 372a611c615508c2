"""Scores of images by one model's features."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class ImageScore(SQLModel, table=True):
    """What one model's features say of an image, as of `scored_at`.

    Scores are in [0, 1]; higher is odder, newer, or more likely wrong.
    """

    __tablename__ = "image_score"
    __table_args__ = (
        sa.Index("ix_image_score_group", "model_key", "duplicate_group", "image_id"),
        sa.Index("ix_image_score_cluster", "model_key", "cluster", "image_id"),
    )

    image_id: int = Field(primary_key=True, foreign_key="image.id", ondelete="CASCADE")
    model_key: str = Field(primary_key=True)
    outlier: float | None = None
    #: How far it lies from all images of earlier batches; None: they were fewer than ten.
    novelty: float | None = None
    #: How little its class agrees with its neighbours' classes; None: it or they have none.
    label_error: float | None = None
    #: Number of its group of near-duplicates, the largest is 1; None: it has none.
    duplicate_group: int | None = None
    #: Cluster of the project's images, the largest is 0; None: it belongs to none.
    cluster: int | None = None
    scored_at: datetime = Field(default_factory=now)
