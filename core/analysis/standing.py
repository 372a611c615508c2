"""Why the project's model has said nothing of an image, and what is to be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from core.accounts.access import Viewer
from core.jobs.store import ACTIVE, project_jobs
from core.jobs.tables import JobState
from core.media.originals import original_of
from core.media.tables import Image

_BRING = ("source", "ingest", "demo")
_ENDED = (JobState.DONE, JobState.CANCELLED, JobState.FAILED)


@dataclass(frozen=True)
class Standing:
    """Key of a text that says why, its placeholders, and whether somebody has to do something."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)
    waits: bool = False
    #: Key and placeholders of what went wrong.
    reason: tuple[str, Mapping[str, Any]] | None = None


def why_unseen(session: Session, viewer: Viewer, image: Image) -> Standing:
    """Why an image that the viewer may see has no prediction."""
    running = project_jobs(session, viewer, image.project_id, ACTIVE, (*_BRING, "analyse"))
    if not original_of(image).is_read:
        # Its batch reads it; an analysis leaves it alone.
        reading = any(job.params.get("batch_id") == image.batch_id for job in running)
        return Standing("analysis.being_read" if reading else "analysis.unread", waits=reading)
    if running:
        return Standing("analysis.on_its_way", waits=True)
    kinds = (*_BRING, "analyse")
    last = next(iter(project_jobs(session, viewer, image.project_id, _ENDED, kinds, limit=1)), None)
    if last is not None and (told := last.result.get("model_error")):
        return Standing("analysis.no_model", reason=(told["key"], told["params"]))
    if last is not None and last.kind == "analyse" and last.error is not None:
        return Standing("analysis.stopped", reason=(last.error, last.error_params))
    return Standing("analysis.unseen")
