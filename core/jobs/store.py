"""Job rows: made by the pages, filled in by the worker, read by both."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.database import now, reading, writing
from core.errors import NotFound
from core.jobs.tables import Job, JobState
from core.projects.tables import Project

ACTIVE = (JobState.QUEUED, JobState.RUNNING)


def add_job(
    session: Session, viewer: Viewer, project_id: int, kind: str, params: dict[str, Any]
) -> Job:
    """Write a queued job beside whatever else `session` writes; `queue.enqueue` starts it."""
    job = Job(
        id=uuid4().hex,
        project_id=project_id,
        kind=kind,
        params=params,
        created_by=viewer.user_id,
    )
    session.add(job)
    session.flush()
    return job


def load_job(session: Session, viewer: Viewer, job_id: str) -> Job:
    """One job.

    Raises:
        NotFound: there is none, or `viewer` may not see its project.
    """
    query = select(Job).join(Project).where(Job.id == job_id, visible_projects(viewer))
    job = session.exec(query).first()
    if job is None:
        raise NotFound("jobs.not_found")
    return job


def project_jobs(
    session: Session,
    viewer: Viewer,
    project_id: int,
    states: Sequence[JobState] = ACTIVE,
    kinds: Sequence[str] | None = None,
    limit: int = 20,
) -> list[Job]:
    """A project's jobs in `states`, the newest first."""
    query = (
        select(Job)
        .join(Project)
        .where(Job.project_id == project_id, visible_projects(viewer))
        .where(col(Job.state).in_(states))
    )
    if kinds is not None:
        query = query.where(col(Job.kind).in_(kinds))
    return list(session.exec(query.order_by(col(Job.created_at).desc()).limit(limit)))


def queued_jobs() -> list[Job]:
    """Every job that waits for a worker, whoever's it is: for the worker's start."""
    with reading() as session:
        return list(session.exec(select(Job).where(Job.state == JobState.QUEUED)))


def update_job(job_id: str, **fields: object) -> None:
    """Set columns of a job and the moment of its last sign of life."""
    with writing() as session:
        job = session.get(Job, job_id)
        if job is not None:
            job.sqlmodel_update({**fields, "updated_at": now()})
            session.add(job)
