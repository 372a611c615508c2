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
from core.maps.extend import extend_map
from core.maps.store import add_map, load_map
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
    model_key: str | None = None,
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
            model_key=model_key,
        )
        job.params = {"map_id": new.id, "name": new.name}
        session.add(job)
    queue.enqueue(job)
    return new, job


def begin_extension(viewer: Viewer, map_id: int) -> Job:
    """Start placing the images that a finished map lacks.

    Raises:
        NotFound: there is no such map, or `viewer` may not see it.
        UserError: it is not finished.
    """
    with writing() as session:
        found = load_map(session, viewer, map_id).map
        params = {"map_id": map_id, "name": found.name, "extend": True}
        job = add_job(session, viewer, found.project_id, "map", params)
    queue.enqueue(job)
    return job


def run_map(context: JobContext) -> None:
    """Compute or extend the map that the job's `map_id` names. Can start over at any moment."""
    map_id = context.params["map_id"]
    if context.params.get("extend"):
        extend_map(context.viewer, map_id, context.report, context.cancelled)
    else:
        compute_map(map_id, context.report, context.cancelled)
