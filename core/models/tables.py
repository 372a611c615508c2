"""Models that people brought."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class UserModel(SQLModel, table=True):
    """A weights file with all that has to be known to run it; a draft until it has a key."""

    __tablename__ = "user_model"

    id: int | None = Field(default=None, primary_key=True)
    #: What predictions and features carry; None: it is not finished. Never changes.
    key: str | None = Field(default=None, unique=True)
    name: str
    #: Name of the file as it was brought.
    file_name: str
    sha256: str = Field(index=True)
    #: Ending of the file's name with the dot.
    suffix: str
    byte_size: int = Field(sa_type=sa.BigInteger)
    #: What the worker found in the file, see `models.inspection.Facts`; None: not looked at.
    facts: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    #: How the model is run, see `core.models.settings.OwnSettings`, as it was tried last.
    settings: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    #: How that went, see `models.trial.Trial`.
    trial: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    created_at: datetime = Field(default_factory=now)
    created_by: int = Field(foreign_key="user.id")
    deleted_at: datetime | None = None
