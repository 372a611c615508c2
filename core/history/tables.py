"""The event table."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class Event(SQLModel, table=True):
    """Something that was done in a project. Rows are added, never changed or removed."""

    __table_args__ = (sa.Index("ix_event_project", "project_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    user_id: int = Field(foreign_key="user.id")
    at: datetime = Field(default_factory=now)
    #: What was done, e.g. `tag.added`; `history.<kind>` is the key of its sentence.
    kind: str
    #: What fills the sentence's placeholders, and what undo needs beside the images.
    details: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    image_count: int = 0
    #: The images that the event changed: zlib-compressed little-endian int64.
    image_ids: bytes | None = None
    #: What undo needs of each image beside the details; see `core.history.packing`.
    undo_data: bytes | None = None
    #: The event that this one takes back.
    undoes: int | None = Field(default=None, foreign_key="event.id", unique=True)
