"""An export's folder: nothing in it but the finished file, however the job went."""

import pytest

from core.accounts.access import Viewer
from core.database import reading
from core.formats.export import begin_export, export_file, run_export
from core.jobs import queue, runner
from core.jobs.context import JobContext
from core.jobs.store import load_job
from core.jobs.tables import JobState
from core.settings import settings
from tests.core.formats.conftest import Filled


@pytest.fixture(autouse=True)
def jobs_database(filled: Filled) -> None:
    queue.prepare()


def test_a_job_that_starts_over_leaves_nothing_of_its_first_attempt(
    viewer: Viewer, filled: Filled
) -> None:
    job = begin_export(viewer, filled.project.id or 0, filled.ids, "zip")
    folder = settings().exports_dir / job.id
    folder.mkdir(parents=True)
    for name in (f".old.zip.{32 * '1'}", "old.zip"):
        (folder / name).write_bytes(b"half of it")
    runner.run(job.id, {"export": run_export})
    assert list(folder.iterdir()) == [export_file(viewer, job.id)]


def test_a_job_that_is_cancelled_at_its_last_moment_leaves_no_file(
    viewer: Viewer, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = begin_export(viewer, filled.project.id or 0, filled.ids, "csv")
    folder, asked = settings().exports_dir / job.id, []

    def cancelled(_context: JobContext) -> bool:
        asked.append([path.suffix for path in folder.iterdir()])
        return asked[-1] == [".csv"]

    monkeypatch.setattr(JobContext, "cancelled", cancelled)
    runner.run(job.id, {"export": run_export})
    assert asked[-1] == [".csv"] and not folder.exists()
    with reading() as session:
        assert load_job(session, viewer, job.id).state == JobState.CANCELLED
