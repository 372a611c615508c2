"""A download as a job: a table of images, or a zip of their originals."""

import base64
import re
import shutil
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.accounts.access import Viewer
from core.database import now, reading, writing
from core.errors import NotFound, UserError
from core.formats.archive import Folders, write_zip
from core.formats.table import image_table, write_csv, write_parquet
from core.history import record
from core.jobs import queue
from core.jobs.context import Cancelled, JobContext
from core.jobs.store import add_job, load_job
from core.jobs.tables import Job, JobState
from core.media.originals import opener
from core.media.tables import UNREAD
from core.projects.store import load_project
from core.projects.tables import Project
from core.settings import settings

ExportFormat = Literal["csv", "parquet", "zip"]


def begin_export(
    viewer: Viewer,
    project_id: int,
    image_ids: Sequence[int] | npt.NDArray[np.int64],
    file_format: ExportFormat,
    *,
    map_id: int | None = None,
    features: bool = False,
    folders: Folders = "prediction",
) -> Job:
    """Start writing a file with these images, in this order.

    Args:
        map_id: a map whose coordinates and outlier scores a table takes along.
        features: whether a table takes the feature vectors along.
        folders: what a zip's folders are made from.

    Raises:
        UserError: there are no images.
    """
    ids = np.asarray(image_ids, dtype="<i8")
    if len(ids) == 0:
        raise UserError("formats.nothing_chosen")
    params = {
        "format": file_format,
        "image_ids": base64.b64encode(zlib.compress(ids.tobytes())).decode("ascii"),
        "n": len(ids),
        "map_id": map_id,
        "features": features,
        "folders": folders,
    }
    with writing() as session:
        load_project(session, viewer, project_id)
        job = add_job(session, viewer, project_id, "export", params)
    queue.enqueue(job)
    return job


def run_export(context: JobContext) -> None:
    """Write the file of an export job. Can start over at any moment.

    Raises:
        UserError: the file cannot be written.
        Cancelled: the job was asked to stop; nothing is left behind.
    """
    params = context.params
    raw = zlib.decompress(base64.b64decode(params["image_ids"]))
    image_ids = np.frombuffer(raw, dtype="<i8").astype(np.int64)
    with reading() as session:
        project = load_project(session, context.viewer, context.project_id)
    name = re.sub(r"[^\w.-]+", "_", project.name).strip("_") or "datag"
    folder = _folder(context.job_id)
    # A worker that was killed may have left a file under the name of another time.
    shutil.rmtree(folder, ignore_errors=True)
    target = folder / f"{name}_{now():%Y%m%d_%H%M%S}.{params['format']}"
    context.report("formats.stage.rows", 0, len(image_ids))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(context, project, image_ids, target)
        context.stop_if_cancelled()
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise UserError("formats.not_written", detail=error.strerror or str(error)) from error
    except Cancelled:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    with writing() as session:
        details = {"format": params["format"], "n": len(image_ids)}
        record(session, context.viewer, context.project_id, "export.created", details)
    context.result.update({"file": target.name, "bytes": target.stat().st_size})


def _write(
    context: JobContext, project: Project, image_ids: npt.NDArray[np.int64], target: Path
) -> None:
    """Write the file that the job's parameters ask for. Raises OSError, Cancelled."""
    params = context.params
    with reading() as session:
        if params["format"] == "zip":
            write_zip(
                session,
                context.viewer,
                project,
                image_ids,
                opener(session, context.viewer, image_ids),
                target,
                params["folders"],
                lambda done, total: context.report("formats.stage.originals", done, total),
                context.cancelled,
                map_id=params["map_id"],
            )
            return
        table = image_table(
            session,
            context.viewer,
            project,
            image_ids,
            map_id=params["map_id"],
            features=params["features"],
        )
    context.stop_if_cancelled()
    # What stands there until a file was read is no hash of it.
    listed = table["content_hash"].str.startswith(UNREAD)
    table.loc[listed, "content_hash"] = None
    (write_csv if params["format"] == "csv" else write_parquet)(table, target)


def export_file(viewer: Viewer, job_id: str) -> Path:
    """The finished file of an export job.

    Raises:
        NotFound: no such job, not the viewer's to see, not finished, or its file is gone.
    """
    with reading() as session:
        job = load_job(session, viewer, job_id)
    if job.kind != "export" or job.state != JobState.DONE:
        raise NotFound("formats.no_file")
    path = _folder(job.id) / str(job.result.get("file"))
    if not path.is_file():
        raise NotFound("formats.no_file")
    return path


def _folder(job_id: str) -> Path:
    return settings().exports_dir / job_id
