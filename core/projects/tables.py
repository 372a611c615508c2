"""The project table."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from core.database import now


class Visibility(StrEnum):
    """Who may see a project."""

    PRIVATE = "private"
    DEPARTMENT = "department"
    EVERYONE = "everyone"


class Project(SQLModel, table=True):
    """A set of images with the model that analyses them."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    description: str = ""
    visibility: str = Visibility.PRIVATE
    model_key: str
    #: Key of a text that every page of the project shows, e.g. that its defects are simulated.
    notice: str | None = None
    created_at: datetime = Field(default_factory=now)
    created_by: int = Field(foreign_key="user.id")
    deleted_at: datetime | None = None
