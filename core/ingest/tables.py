"""Batches: who brought what, when, and what became of each file."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class Batch(SQLModel, table=True):
    """One drop of files into a project."""

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", index=True)
    #: What people call it: the first file's or the source's name.
    name: str
    #: Token of the upload whose files this batch takes in; None for a server-side source.
    upload: str | None = Field(default=None, unique=True)
    #: The folder or bucket whose files this batch takes in; None for an upload.
    source_id: int | None = Field(default=None, foreign_key="source.id", index=True)
    #: Whether a watched source may still add files to it.
    open: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    created_at: datetime = Field(default_factory=now)
    created_by: int = Field(foreign_key="user.id")
    #: Set when every file has its outcome.
    finished_at: datetime | None = None


class Outcome(StrEnum):
    """What became of a file."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    #: The project has the content, but in its bin.
    BINNED = "binned"
    REFUSED = "refused"
    #: No picture, but metadata, labels or vectors that images were given.
    APPLIED = "applied"


class BatchFile(SQLModel, table=True):
    """One file of a batch, also one inside an archive (`set.zip/line-3/0001.jpg`)."""

    __tablename__ = "batch_file"
    __table_args__ = (sa.UniqueConstraint("batch_id", "path"),)

    id: int | None = Field(default=None, primary_key=True)
    batch_id: int = Field(foreign_key="batch.id")
    path: str
    outcome: str
    image_id: int | None = Field(
        default=None, foreign_key="image.id", ondelete="SET NULL", index=True
    )
    #: Key of the text that says why the file was refused, or as what it was applied, and what
    #: fills its placeholders.
    reason: str | None = None
    reason_params: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
