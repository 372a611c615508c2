"""A disk that is full or cannot be written to: said so, and nothing lost once it is mended."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from core.accounts.access import Viewer
from core.database import reading
from core.i18n import t
from core.ingest.batches import batch_reports, begin_batch
from core.ingest.run import run_ingest
from core.ingest.uploads import begin_upload
from core.jobs import queue, runner
from core.jobs.tables import Job, JobState
from core.media.tables import Image
from core.projects.tables import Project
from tests.core.ingest.conftest import picture

_PICTURES = 12

pytestmark = [
    pytest.mark.usefixtures("no_registry"),
    pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk"
    ),
]


@pytest.fixture(params=["media", "thumbnails"])
def disk(request: pytest.FixtureRequest, database: Path) -> Iterator[Path]:
    """A file system of its own in place of one of the data folder's."""
    folder = database / request.param
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


def fill(disk: Path) -> Path:
    """Leave no room."""
    ballast = disk / "ballast"
    with pytest.raises(OSError, match="No space left"), ballast.open("wb") as file:
        while True:
            file.write(b"x" * 65536)
            file.flush()
    return ballast


def run(job: Job) -> Job:
    runner.run(job.id, {"ingest": run_ingest})
    with reading() as session:
        return session.get_one(Job, job.id)


def begin(viewer: Viewer, project: Project) -> Job:
    upload = begin_upload(project.id or 0, viewer.user_id, 0)
    for number in range(_PICTURES):
        data = picture(number, (200, 160))
        upload.file_path(number).write_bytes(data)
        upload.add(number, f"{number}.jpg", len(data))
    return begin_batch(viewer, upload)[1]


def check_all_there(viewer: Viewer, project: Project) -> None:
    with reading() as session:
        [report] = batch_reports(session, viewer, project.id or 0)
        names = sorted(session.exec(select(Image.name)))
    assert (report.accepted, report.duplicates, report.refused) == (_PICTURES, 0, 0)
    assert names == sorted(f"{number}.jpg" for number in range(_PICTURES))


def test_a_full_disk_stops_the_batch_until_there_is_room(
    disk: Path, viewer: Viewer, project: Project
) -> None:
    ballast = fill(disk)
    stopped = run(begin(viewer, project))
    assert (stopped.state, stopped.error) == (JobState.FAILED, "ingest.storage_failed")
    assert "No space left on device" in t(stopped.error or "", **stopped.error_params)
    ballast.unlink()
    queue.resume(viewer, stopped.id)
    assert run(stopped).state == JobState.DONE
    check_all_there(viewer, project)


def test_a_folder_that_cannot_be_written_to_stops_the_batch_until_it_can(
    disk: Path, viewer: Viewer, project: Project
) -> None:
    remount(disk, "ro")
    stopped = run(begin(viewer, project))
    assert (stopped.state, stopped.error) == (JobState.FAILED, "ingest.storage_failed")
    assert "Read-only file system" in t(stopped.error or "", **stopped.error_params)
    remount(disk, "rw")
    queue.resume(viewer, stopped.id)
    assert run(stopped).state == JobState.DONE
    check_all_there(viewer, project)
