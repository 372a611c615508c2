"""A PostgreSQL that goes away while a batch is taken in, and comes back."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from benchmarks import postgresql
from core.accounts.access import local_viewer
from core.analysis.tables import Quality
from core.database import connection_lost, engine, reading, upgrade
from core.ingest.batches import batch_reports, begin_batch
from core.ingest.uploads import begin_upload
from core.jobs import queue
from core.jobs.tables import Job, JobState
from core.media.tables import Image
from core.projects.store import create_project
from core.settings import ROOT, settings
from tests.conftest import _forget
from tests.core.ingest.conftest import picture, zip_of

_IMAGES, _OUTAGES = 400, 3

pytestmark = pytest.mark.skipif(postgresql.programs() is None, reason="PostgreSQL is not installed")


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[postgresql.Cluster]:
    """A server that holds the workbench's database and the job queue."""
    with postgresql.cluster() as running:
        monkeypatch.setenv("DATAG_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("DATAG_DATABASE_URL", running.url)
        monkeypatch.setenv("DATAG_JOBS_DATABASE_URL", running.url)
        monkeypatch.setenv("DATAG_BATCH_SIZE", "8")
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        _forget()
        upgrade()
        queue.prepare()
        yield running
        engine().dispose()
        _forget()


@pytest.mark.slow
def test_taking_in_waits_for_a_database_that_went_away(cluster: postgresql.Cluster) -> None:
    viewer = local_viewer()
    project = create_project(viewer, "Line 3", "mobilenet_v2")
    upload = begin_upload(project.id or 0, viewer.user_id, 0)
    data = zip_of({f"{n:04d}.jpg": picture(n, (320, 240)) for n in range(_IMAGES)})
    upload.file_path(0).write_bytes(data)
    upload.add(0, "set.zip", len(data))
    _batch, job = begin_batch(viewer, upload)
    command = [sys.executable, "-m", "core.worker"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, cwd=ROOT, env=os.environ.copy()
    ) as worker:
        for outage in range(_OUTAGES):
            wait_until(lambda least=1 + 100 * outage: count(Image) >= least)
            cluster.stop()
            time.sleep(1.5)
            assert worker.poll() is None
            cluster.start()
        done = queue.wait(job.id, 180)
        worker.kill()
    assert (done.state, done.error) == (JobState.DONE, None)
    with reading() as session:
        [report] = batch_reports(session, viewer, project.id or 0)
        names = Counter(session.exec(select(Image.name)))
        measured = Counter(session.exec(select(Quality.image_id)))
    assert (report.accepted, report.duplicates, report.refused) == (_IMAGES, 0, 0)
    assert len(names) == len(measured) == _IMAGES
    assert set(names.values()) == set(measured.values()) == {1}
    assert list(settings().uploads_dir.iterdir()) == []


def test_which_errors_are_worth_waiting_for(cluster: postgresql.Cluster) -> None:
    with engine().connect() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
        connection.execute(sa.text("SELECT no_such_column"))
    assert not connection_lost(caught.value)
    with engine().connect() as connection:
        cluster.stop()
        with pytest.raises(sa.exc.DBAPIError) as caught:
            connection.execute(sa.text("SELECT 1"))
        assert connection_lost(caught.value)
        connection.invalidate()
    with pytest.raises(sa.exc.DBAPIError) as caught, engine().connect():
        pass
    assert connection_lost(caught.value)
    cluster.start()


def count(table: type) -> int:
    try:
        with reading() as session:
            return session.exec(select(sa.func.count()).select_from(table)).one()
    except sa.exc.OperationalError:
        return 0


def wait_until(met, seconds: float = 120.0) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, f"{count(Image)} images, {jobs()}"
        time.sleep(0.05)


def jobs() -> list[str]:
    with reading() as session:
        return [f"{job.kind} {job.state} {job.error}" for job in session.exec(select(Job))]
