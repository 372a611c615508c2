"""The same on a real PostgreSQL: tables as the models say, a folder listed, merged, watched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import select

from benchmarks import postgresql
from core.accounts.access import local_viewer
from core.database import engine, reading, upgrade
from core.jobs import queue, runner
from core.jobs.tables import Job, JobState
from core.media.tables import Image
from core.projects.store import create_project
from core.settings import settings
from core.sources.verbs import begin_source
from core.sources.watcher import Watcher
from core.tables import metadata
from tests.core.ingest.conftest import picture
from tests.core.sources.conftest import RUNNERS, report_of, run_jobs

MINE = ("source", "source_file", "batch", "image")


@pytest.fixture
def on_postgresql(
    database: Path, no_registry: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    if postgresql.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with postgresql.server() as url:
        monkeypatch.setenv("DATAG_DATABASE_URL", url)
        settings.cache_clear()
        engine.cache_clear()
        upgrade()
        queue.prepare()
        yield
        engine().dispose()


def test_tables_are_as_the_models_say(on_postgresql: None) -> None:
    with engine().connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    differing = [each for each in found if any(name in str(each) for name in MINE)]
    assert differing == []


def test_a_folder_listed_merged_and_watched(on_postgresql: None, folder: Path) -> None:
    viewer = local_viewer()
    project = create_project(viewer, "Line 3", "mobilenet_v2")

    def take_in(**how: bool) -> tuple[int, int]:
        batch, _ = begin_source(viewer, project.id or 0, str(folder), **how)  # type: ignore[arg-type]
        run_jobs(batch)
        report = report_of(viewer, batch)
        return report.accepted, report.duplicates

    assert take_in(in_place=True) == (3, 0)
    assert take_in(in_place=True) == (0, 3)
    assert take_in(in_place=False) == (0, 3)
    (folder / "twice.jpg").write_bytes(picture(1))
    (folder / "new.jpg").write_bytes(picture(4))
    now = [0.0]
    begin_source(viewer, project.id or 0, str(folder), in_place=False, watch=True)
    watcher = Watcher(lambda: now[0])
    for _ in range(4):
        now[0] += 5
        watcher.look()
        with reading() as session:
            jobs = session.exec(select(Job).where(Job.state == JobState.QUEUED)).all()
        for job in jobs:
            if job.kind in RUNNERS:
                runner.run(job.id, RUNNERS)
    with reading() as session:
        names = sorted(session.exec(select(Image.name)))
    assert names == ["line 3/a.jpg", "line 3/b.jpg", "line 3/new.jpg", "line 3/한글/c.jpg"]
