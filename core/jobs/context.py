"""What a running job may say and ask: its progress, and whether it is to stop."""

import time
from typing import Any

from core.accounts.access import Viewer
from core.database import reading
from core.jobs.store import update_job
from core.jobs.tables import Job

_REPORT_EVERY = 0.4  # seconds; a page looks about once a second
_ASK_EVERY = 0.4


class Cancelled(Exception):
    """The job was asked to stop."""


class JobContext:
    """The handle a runner gets for its job."""

    def __init__(self, job: Job, viewer: Viewer) -> None:
        self.job_id = job.id
        self.project_id = job.project_id
        self.params = job.params
        self.viewer = viewer
        self.result: dict[str, Any] = dict(job.result)
        self._stage: tuple[str, dict[str, object]] | None = None
        self._reported = 0.0
        self._asked = 0.0
        self._cancelled = False

    def report(self, stage: str, done: int = 0, total: int | None = None, **params: object) -> None:
        """Show what the job does (`stage`: key of a text) and how far it is.

        Calls in quick succession are thinned out, a new stage or the end never is.
        """
        new_stage = self._stage != (stage, params)
        moment = time.monotonic()
        if not new_stage and done != total and moment - self._reported < _REPORT_EVERY:
            return
        self._stage, self._reported = (stage, params), moment
        update_job(self.job_id, stage=stage, stage_params=params, done=done, total=total)

    def cancelled(self) -> bool:
        """Whether the job was asked to stop."""
        moment = time.monotonic()
        if not self._cancelled and moment - self._asked >= _ASK_EVERY:
            self._asked = moment
            with reading() as session:
                job = session.get(Job, self.job_id)
                self._cancelled = job is None or job.cancel_requested
        return self._cancelled

    def stop_if_cancelled(self) -> None:
        """Raise `Cancelled` when the job was asked to stop."""
        if self.cancelled():
            raise Cancelled
