"""Queries that are kept by name, and what each person saw of them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class SavedQuery(SQLModel, table=True):
    """A named query of a project, which everyone in it sees: `in:"name"`."""

    __tablename__ = "saved_query"
    __table_args__ = (sa.UniqueConstraint("project_id", "folded"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    name: str
    folded: str
    text: str
    created_at: datetime = Field(default_factory=now)
    created_by: int = Field(foreign_key="user.id")


class SeenQuery(SQLModel, table=True):
    """What a query found when a person last looked: zlib-compressed little-endian int64."""

    __tablename__ = "seen_query"

    query_id: int = Field(primary_key=True, foreign_key="saved_query.id", ondelete="CASCADE")
    user_id: int = Field(primary_key=True, foreign_key="user.id")
    at: datetime = Field(default_factory=now)
    image_ids: bytes
    #: Whether the person wants to be told of what is new.
    watched: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
