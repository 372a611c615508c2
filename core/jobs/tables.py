"""What people see of a job. That it runs to its end is the job queue's business."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from core.database import now


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(SQLModel, table=True):
    """One piece of long work with its progress."""

    __table_args__ = (sa.Index("ix_job_project_state", "project_id", "state"),)

    #: Also the workflow's id in the job queue, with the attempt behind it: `<id>:<attempt>`.
    id: str = Field(primary_key=True)
    project_id: int = Field(foreign_key="project.id")
    #: `source`, `ingest`, `analyse`, `scores`, `map`, `export`, `demo`, `model` or `bin`.
    kind: str
    params: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    created_by: int = Field(foreign_key="user.id")
    state: str = JobState.QUEUED
    attempt: int = 1
    #: What it is doing: key of a text, and what fills its placeholders.
    stage: str | None = None
    stage_params: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    done: int = 0
    #: None: not known yet.
    total: int | None = None
    result: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    #: Key of the text that says what went wrong, and what fills its placeholders.
    error: str | None = None
    error_params: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    cancel_requested: bool = False
    created_at: datetime = Field(default_factory=now)
    started_at: datetime | None = None
    updated_at: datetime = Field(default_factory=now)
    finished_at: datetime | None = None
