"""The demo project: real pictures of fabric, with simulated defects, from the package registry."""

import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from sqlmodel import select

from core.accounts.access import Viewer
from core.curation.tags import add_tag
from core.database import reading, writing
from core.errors import UserError
from core.i18n import t
from core.ingest.run import run_ingest
from core.ingest.tables import Batch, BatchFile
from core.ingest.uploads import begin_upload
from core.jobs import queue
from core.jobs.context import Cancelled, JobContext
from core.jobs.store import add_job
from core.jobs.tables import Job
from core.projects.store import create_project, list_projects
from core.projects.tables import Project
from core.settings import settings
from models.card import PackageArchive
from models.catalogue import DEFAULT_MODEL
from models.pip_download import PipFailed, Stopped, download

_PACKAGE = PackageArchive(
    package="conformal-clip-data",
    version="0.1.4",
    kind="wheel",
    archive_sha256="00144ccc179a887dbea15923be8cf236d0c0f49bf7fb6f7bb288e40b53fb1bcb",
    bytes=42144952,
)
_FOLDER = "conformal_clip_data/data/textile_images/simulated/"
_KINDS = ("nominal", "local", "global")  # its folders
NOTICE = "ingest.demo.notice"


def load_demo(viewer: Viewer) -> tuple[Project, Job | None]:
    """Make the demo project and start filling it; the one there is, if there is one already."""
    with reading() as session:
        for summary in list_projects(session, viewer):
            if summary.project.notice == NOTICE:
                return summary.project, None
    project = create_project(
        viewer, t("ingest.demo.name"), DEFAULT_MODEL, t("ingest.demo.description"), notice=NOTICE
    )
    assert project.id is not None
    with writing() as session:
        # The worker has no visitor's language: the tags' names travel with the job.
        names = {kind: t(f"ingest.demo.tag.{kind}") for kind in _KINDS}
        job = add_job(session, viewer, project.id, "demo", {"tags": names})
    queue.enqueue(job)
    return project, job


def run_demo(context: JobContext) -> None:
    """Download the pictures, take them in and tag them. Can start over at any moment.

    Raises:
        UserError: the package cannot be downloaded.
        Cancelled: the job was asked to stop.
    """
    if "batch_id" not in context.params:
        context.params = _download(context)
    run_ingest(context)
    _tag(context)


def _download(context: JobContext) -> dict[str, Any]:
    """Put the pictures into an upload of a new batch; the job's parameters with the batch's id."""
    settings().cache_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="demo-", dir=settings().cache_dir) as folder:
        try:
            archive = download(
                _PACKAGE,
                Path(folder),
                lambda done, total: context.report("ingest.stage.download", done, total),
                context.cancelled,
            )
        except Stopped:
            raise Cancelled from None
        except PipFailed as error:
            package = f"{_PACKAGE.package} {_PACKAGE.version}"
            raise UserError("ingest.demo.unavailable", package=package, detail=error) from error
        return _unpack(context, archive)


def _unpack(context: JobContext, archive: Path) -> dict[str, Any]:
    upload = begin_upload(context.project_id, context.viewer.user_id, _PACKAGE.bytes)
    with zipfile.ZipFile(archive) as wheel:
        names = sorted(n for n in wheel.namelist() if n.startswith(_FOLDER) and n.endswith(".jpg"))
        for index, name in enumerate(names):
            data = wheel.read(name)
            upload.file_path(index).write_bytes(data)
            upload.add(index, name.removeprefix(_FOLDER), len(data))
            context.report("ingest.stage.unpack", index + 1, len(names))
    with writing() as session:
        batch = Batch(
            project_id=context.project_id,
            name="textile_images",
            upload=upload.token,
            created_by=context.viewer.user_id,
        )
        session.add(batch)
        session.flush()
        job = session.get_one(Job, context.job_id)
        job.params = {**job.params, "batch_id": batch.id}
        session.add(job)
        return job.params


def _tag(context: JobContext) -> None:
    """Tag each picture with the kind of defect, which is its folder's name."""
    context.report("ingest.stage.tagging")
    with reading() as session:
        query = select(BatchFile.path, BatchFile.image_id).where(
            BatchFile.batch_id == context.params["batch_id"]
        )
        files = session.exec(query).all()
    by_kind: dict[str, list[int]] = {}
    for path, image_id in files:
        if image_id is not None:
            by_kind.setdefault(PurePosixPath(path).parts[0], []).append(image_id)
    for kind, image_ids in sorted(by_kind.items()):
        add_tag(context.viewer, context.project_id, context.params["tags"][kind], image_ids)
