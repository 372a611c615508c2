"""A map as a job."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.accounts.access import Viewer
from core.database import writing
from core.jobs import queue
from core.jobs.context import JobContext
from core.jobs.store import add_job
from core.jobs.tables import Job
from core.maps.compute import compute_map
from core.maps.store import add_map
from core.maps.tables import Map


def begin_map(
    viewer: Viewer,
    project_id: int,
    image_ids: Sequence[int] | npt.NDArray[np.int64],
    source: Mapping[str, Any],
    method: str,
    dimensions: int,
    params: Mapping[str, object],
    seed: int | None = None,
    name: str | None = None,
) -> tuple[Map, Job]:
    """Write a map and start computing it. Arguments and errors are those of `store.add_map`."""
    with writing() as session:
        job = add_job(session, viewer, project_id, "map", {})
        new = add_map(
            session,
            viewer,
            project_id,
            image_ids,
            source,
            method,
            dimensions,
            params,
            seed,
            name,
            job_id=job.id,
        )
        job.params = {"map_id": new.id, "name": new.name}
        session.add(job)
    queue.enqueue(job)
    return new, job


def run_map(context: JobContext) -> None:
    """Compute the map that the job's parameter `map_id` names. Can start over at any moment."""
    compute_map(context.params["map_id"], context.report, context.cancelled)
