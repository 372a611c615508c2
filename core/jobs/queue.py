"""Hands jobs to the durable queue (DBOS): starting, cancelling and resuming them."""

from functools import lru_cache

from dbos import DBOS, DBOSClient

from core.accounts.access import Viewer
from core.database import now, reading, writing
from core.jobs.store import ACTIVE, load_job
from core.jobs.tables import Job, JobState
from core.settings import settings

#: Name of the one workflow; the job's kind says what it does.
WORKFLOW = "run_job"
#: Fixed, because a job that an older DATAG began is to be finished by a newer one.
APPLICATION_VERSION = "1"
#: A queue a kind, so that a long ingest does not keep a map waiting.
QUEUES = ("source", "ingest", "analyse", "scores", "map", "export", "demo", "model", "bin")


def prepare() -> None:
    """Make or migrate the queue's own tables. Called before anything else uses the queue."""
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    DBOS.migrate(settings().resolved_jobs_database_url)


@lru_cache
def _client() -> DBOSClient:
    return DBOSClient(
        system_database_url=settings().resolved_jobs_database_url,
        application_name="datag",
        lazy=True,
    )


def workflow_id(job: Job) -> str:
    """The queue's name for this attempt at a job."""
    return f"{job.id}:{job.attempt}"


def enqueue(job: Job) -> None:
    """Let a worker run `job`. Doing so again changes nothing: the id tells it is the same."""
    _client().enqueue(
        {
            "workflow_name": WORKFLOW,
            "queue_name": job.kind,
            "workflow_id": workflow_id(job),
            "app_version": APPLICATION_VERSION,
        },
        job.id,
    )


def cancel(viewer: Viewer, job_id: str) -> None:
    """Ask a job to stop. What it has stored stays; `resume` goes on from there."""
    with writing() as session:
        job = load_job(session, viewer, job_id)
        if job.state not in ACTIVE:
            return
        job.cancel_requested = True
        if job.state == JobState.QUEUED:
            job.state, job.finished_at = JobState.CANCELLED, now()
        session.add(job)
    if job.state == JobState.CANCELLED:
        _client().cancel_workflow(workflow_id(job))


def resume(viewer: Viewer, job_id: str) -> None:
    """Start a cancelled or failed job again where it stopped."""
    _start_again(viewer, job_id, (JobState.CANCELLED, JobState.FAILED))


def repeat(viewer: Viewer, job_id: str) -> None:
    """Start a job again that has ended, whatever way: there is more for it to do."""
    _start_again(viewer, job_id, (JobState.CANCELLED, JobState.FAILED, JobState.DONE))


def _start_again(viewer: Viewer, job_id: str, states: tuple[JobState, ...]) -> None:
    with writing() as session:
        job = load_job(session, viewer, job_id)
        if job.state not in states:
            return
        job.sqlmodel_update(
            {
                "attempt": job.attempt + 1,
                "state": JobState.QUEUED,
                "cancel_requested": False,
                "error": None,
                "error_params": {},
                "finished_at": None,
            }
        )
        session.add(job)
    enqueue(job)


def wait(job_id: str, seconds: float = 600.0) -> Job:
    """Wait until a job has ended, for scripts and tests.

    Raises:
        TimeoutError: it has not within `seconds`.
    """
    import time

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with reading() as session:
            job = session.get(Job, job_id)
        if job is not None and job.state not in ACTIVE:
            return job
        time.sleep(0.1)
    raise TimeoutError(f"job {job_id} did not end within {seconds:.0f} s")
