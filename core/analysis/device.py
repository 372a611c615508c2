"""On what a project's images were analysed last."""

from sqlmodel import Session

from core.accounts.access import Viewer
from core.jobs.store import project_jobs
from core.jobs.tables import JobState

_KINDS = ("ingest", "analyse", "demo")


def last_device(session: Session, viewer: Viewer, project_id: int) -> str | None:
    """The runtime, chip and number format as the newest job names them, e.g. `OpenVINO CPU bf16`;
    None where no model has run."""
    jobs = project_jobs(session, viewer, project_id, list(JobState), _KINDS)
    devices = (job.result.get("device") for job in jobs)
    return next((str(device) for device in devices if device), None)
