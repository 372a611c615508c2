"""A folder as a source, taken in within the test's own process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.accounts.access import Viewer
from core.database import reading
from core.ingest.batches import BatchReport, batch_job, batch_reports
from core.ingest.run import run_ingest
from core.ingest.tables import Batch
from core.jobs import runner
from core.jobs.tables import Job
from core.projects.tables import Project
from core.sources.verbs import begin_source, run_listing
from tests.core.ingest.conftest import no_registry, picture, project

__all__ = ["no_registry", "project"]

RUNNERS = {"source": run_listing, "ingest": run_ingest}
Begin = Callable[..., Batch]
TakeIn = Callable[..., BatchReport]


def run_jobs(batch: Batch) -> Job:
    """Run what is to be done for a batch: the listing, then the reading; the last job."""
    for kind in ("source", "ingest"):
        with reading() as session:
            job = batch_job(session, batch, (kind,))
        if job is not None:
            runner.run(job.id, RUNNERS)
    with reading() as session:
        found = batch_job(session, batch)
    assert found is not None
    return found


def report_of(viewer: Viewer, batch: Batch) -> BatchReport:
    with reading() as session:
        reports = batch_reports(session, viewer, batch.project_id)
    return next(report for report in reports if report.batch.id == batch.id)


@pytest.fixture
def begin(viewer: Viewer, project: Project, no_registry: None) -> Begin:
    """Begin a source of the project; give the batch, whose jobs have not run."""

    def begun(path: Path | str, *, in_place: bool = True, **options: object) -> Batch:
        how = {"in_place": in_place, **options}
        return begin_source(viewer, project.id or 0, str(path), **how)[0]  # type: ignore[arg-type]

    return begun


@pytest.fixture
def take_in(viewer: Viewer, begin: Begin) -> TakeIn:
    """Take a source in, to the end of its jobs; the report of the batch."""

    def taken(path: Path | str, **options: object) -> BatchReport:
        batch = begin(path, **options)
        run_jobs(batch)
        return report_of(viewer, batch)

    return taken


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is not within DATAG's own data folder."""
    return tmp_path_factory.mktemp("sources")


@pytest.fixture
def folder(outside: Path) -> Path:
    """Three pictures, one of them in a folder with a Korean name."""
    line = outside / "line 3"
    (line / "한글").mkdir(parents=True)
    (line / "a.jpg").write_bytes(picture(1))
    (line / "b.jpg").write_bytes(picture(2))
    (line / "한글" / "c.jpg").write_bytes(picture(3))
    return line
