"""A project and a way to drop files into it, taken in within the test's own process."""

import io
import zipfile
from collections.abc import Callable

import numpy as np
import PIL.Image
import pytest

from core.accounts.access import Viewer
from core.database import reading
from core.ingest.batches import begin_batch
from core.ingest.run import run_ingest
from core.ingest.tables import Batch
from core.ingest.uploads import begin_upload
from core.jobs import queue, runner
from core.jobs.tables import Job
from core.projects.store import create_project
from core.projects.tables import Project

Drop = Callable[..., tuple[Batch, Job]]


def picture(seed: int, size: tuple[int, int] = (48, 32)) -> bytes:
    """A JPEG of noise, another one for each seed."""
    noise = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    buffer = io.BytesIO()
    PIL.Image.fromarray(noise).save(buffer, "JPEG")
    return buffer.getvalue()


def zip_of(files: dict[str, bytes]) -> bytes:
    """A zip archive with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def project(viewer: Viewer) -> Project:
    """A project whose model's weights are nowhere, so that nothing is fetched."""
    queue.prepare()
    return create_project(viewer, "Line 3", "mobilenet_v2")


@pytest.fixture
def no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package can be downloaded."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)


@pytest.fixture
def drop(viewer: Viewer, project: Project, no_registry: None) -> Drop:
    """Drop files (name -> bytes) into the project and run the job to its end."""

    def drop_files(files: dict[str, bytes]) -> tuple[Batch, Job]:
        upload = begin_upload(project.id or 0, viewer.user_id, 0)
        for index, (name, data) in enumerate(files.items()):
            upload.file_path(index).write_bytes(data)
            upload.add(index, name, len(data))
        batch, job = begin_batch(viewer, upload)
        runner.run(job.id, {"ingest": run_ingest})
        with reading() as session:
            return session.get_one(Batch, batch.id), session.get_one(Job, job.id)

    return drop_files
