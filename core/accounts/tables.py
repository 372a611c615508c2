"""The people of this workbench."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.database import now


class User(SQLModel, table=True):
    """A member. A local workbench has one, who may do everything."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str = Field(unique=True)
    created_at: datetime = Field(default_factory=now)
