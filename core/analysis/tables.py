"""Results of a model on an image. All of one model's results on one image are written at once."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class Prediction(SQLModel, table=True):
    """A model's answer for an image; its row says that this model has analysed this image."""

    __table_args__ = (
        sa.Index("ix_prediction_label", "model_key", "label", "image_id"),
        sa.Index("ix_prediction_confidence", "model_key", "confidence", "image_id"),
    )

    image_id: int = Field(primary_key=True, foreign_key="image.id", ondelete="CASCADE")
    model_key: str = Field(primary_key=True)
    #: A classifier's first class, a detector's most confident box's class; None: nothing found.
    label: str | None = None
    confidence: float | None = None
    box_count: int = 0
    #: How unsure a classifier is, 0 to 1: entropy over its classes as a share of the greatest.
    entropy: float | None = None
    #: Probability of a classifier's first class less that of its second.
    margin: float | None = None
    #: Key of the text that says why the analysis failed; None: it did not.
    error: str | None = None
    analysed_at: datetime = Field(default_factory=now)


class Box(SQLModel, table=True):
    """One detected object. Corners are shares of the upright image's width and height."""

    __table_args__ = (sa.Index("ix_box_label", "model_key", "label", "image_id"),)

    id: int | None = Field(default=None, primary_key=True)
    image_id: int = Field(foreign_key="image.id", ondelete="CASCADE", index=True)
    model_key: str
    label: str
    confidence: float
    x0: float
    y0: float
    x1: float
    y1: float


class Embedding(SQLModel, table=True):
    """The feature vector in front of a model's output layer: little-endian float32."""

    image_id: int = Field(primary_key=True, foreign_key="image.id", ondelete="CASCADE")
    model_key: str = Field(primary_key=True)
    vector: bytes


class FormatCheck(SQLModel, table=True):
    """How far a model in a faster number format agreed with itself in f32 on a project's images.

    Where it is good enough the project's images are analysed in that format, else in f32.
    """

    __tablename__ = "format_check"

    project_id: int = Field(primary_key=True, foreign_key="project.id", ondelete="CASCADE")
    model_key: str = Field(primary_key=True)
    #: The format that was compared with f32: `bf16` or `mixed`.
    format: str
    #: Share of each image's ten nearest neighbours that both find.
    recall: float
    #: Share of images whose first class, or surest box's class, is the same in both.
    agreement: float
    images: int
    checked_at: datetime = Field(default_factory=now)


class Quality(SQLModel, table=True):
    """What the pixels alone say of an image; see core.analysis.quality for the measures.

    All scores are in [0, 1]: 1 is an image without this fault.
    """

    __tablename__ = "image_quality"

    image_id: int = Field(primary_key=True, foreign_key="image.id", ondelete="CASCADE")
    #: Perceptual hash, 64 bits as a signed number: like images differ in few bits.
    phash: int = Field(sa_type=sa.BigInteger, index=True)
    blurry: float
    dark: float
    light: float
    low_contrast: float
    low_information: float
    odd_aspect_ratio: float
    grayscale: float
