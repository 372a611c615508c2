"""Where images come from by path, and which of the files there were taken up already."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class WatchState(StrEnum):
    """Whether a source is looked at again and again."""

    NONE = "none"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Source(SQLModel, table=True):
    """A folder or a bucket that a project takes images from."""

    __table_args__ = (sa.UniqueConstraint("project_id", "url", "in_place", "recursive"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    #: `file:///data/line3` or `s3://bucket/prefix`, without a slash at its end.
    url: str
    #: Whether originals stay where they are, or are copied into the store.
    in_place: bool
    #: Whether folders below it belong to it.
    recursive: bool
    created_at: datetime = Field(default_factory=now)
    created_by: int = Field(foreign_key="user.id")
    watch: str = WatchState.NONE
    #: Minutes without a new file after which the next ones begin another batch; 0: one batch a day.
    quiet_minutes: int = 0
    #: When a watched source was looked at last, and when it had something new last.
    looked_at: datetime | None = None
    arrived_at: datetime | None = None
    #: Key of the text that says why it could not be looked at, and what fills its placeholders.
    error: str | None = None
    error_params: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    #: Until when one worker alone looks at it.
    held_until: datetime | None = None


class SourceFile(SQLModel, table=True):
    """A file of a source that was taken up, as it was then."""

    __tablename__ = "source_file"

    source_id: int = Field(primary_key=True, foreign_key="source.id", ondelete="CASCADE")
    #: What its URL has behind the source's.
    path: str = Field(primary_key=True)
    #: Changes whenever the file does: time and size, or what S3 calls ETag.
    version: str
    #: The batch that is still to read it, where it is an archive or speaks of images.
    waiting_batch_id: int | None = Field(default=None, foreign_key="batch.id", index=True)
    #: The image that it became; None: it was refused, is no picture, or the image is gone.
    image_id: int | None = Field(
        default=None, foreign_key="image.id", ondelete="SET NULL", index=True
    )
