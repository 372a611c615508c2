"""Runs one job from its row: looks up the kind's function, keeps the row's state true."""

import logging
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from core.accounts.access import Viewer
from core.accounts.tables import User
from core.database import connection_lost, now, reading, wait_until_served
from core.errors import UserError
from core.jobs.context import Cancelled, JobContext
from core.jobs.store import update_job
from core.jobs.tables import Job, JobState
from models import ModelError

log = logging.getLogger(__name__)

Runner = Callable[[JobContext], None]


def run(job_id: str, runners: dict[str, Runner]) -> None:
    """Run job `job_id` to its end, whatever that is; nothing is raised.

    A runner must be able to start over at any moment: a worker that was killed runs the job again,
    and so does one whose database was gone for a while.
    """
    while True:
        try:
            return _attempt(job_id, runners)
        except DBAPIError as error:
            if not connection_lost(error):
                raise
            log.warning("job %s waits for the database: %s", job_id, error.orig)
            wait_until_served()


def _attempt(job_id: str, runners: dict[str, Runner]) -> None:
    with reading() as session:
        job = session.get(Job, job_id)
        user = session.get(User, job.created_by) if job is not None else None
    if job is None or user is None or job.state == JobState.CANCELLED:
        return
    update_job(job_id, state=JobState.RUNNING, started_at=job.started_at or now())
    context = JobContext(job, Viewer(job.created_by, user.name))
    try:
        runners[job.kind](context)
    except Cancelled:
        _end(context, state=JobState.CANCELLED)
    except (UserError, ModelError) as error:
        _end(context, state=JobState.FAILED, error=error.key, error_params=error.params)
    except Exception as error:
        if isinstance(error, DBAPIError) and connection_lost(error):
            raise
        log.exception("job %s (%s) failed", job_id, job.kind)
        message = f"{type(error).__name__}: {error}"
        _end(
            context, state=JobState.FAILED, error="jobs.crashed", error_params={"message": message}
        )
    else:
        _end(context, state=JobState.DONE)


def _end(context: JobContext, **fields: object) -> None:
    update_job(context.job_id, result=context.result, finished_at=now(), **fields)
