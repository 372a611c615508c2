"""A watched folder: files taken when they are complete, batches by day or pause, restarts."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from core.accounts.access import Viewer
from core.database import now, reading, writing
from core.errors import UserError
from core.ingest.batches import batch_job, refused_files
from core.ingest.tables import Batch
from core.jobs import queue, runner
from core.jobs.tables import Job, JobState
from core.media.tables import Image
from core.projects.tables import Project
from core.sources.tables import Source, WatchState
from core.sources.verbs import end_watching, pause_watching, resume_watching, watched_sources
from core.sources.watcher import Watcher
from tests.core.ingest.conftest import picture
from tests.core.sources.conftest import RUNNERS, Begin, report_of, run_jobs


class Time:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


Wait = Callable[..., None]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def watcher(time: Time) -> Watcher:
    return Watcher(time)


@pytest.fixture
def wait(time: Time, watcher: Watcher) -> Wait:
    """Let time go by and the watcher look, then run what jobs there are."""

    def waited(looks: int = 3, by: Watcher = watcher) -> None:
        for _ in range(looks):
            time.seconds += 5.0
            by.look()
        run_queued()

    return waited


def run_queued() -> None:
    query = select(Job).where(Job.state == JobState.QUEUED, col(Job.kind).in_(list(RUNNERS)))
    while True:
        with reading() as session:
            jobs = list(session.exec(query))
        if not jobs:
            return
        for job in jobs:
            runner.run(job.id, RUNNERS)


def names() -> list[str]:
    with reading() as session:
        return sorted(session.exec(select(Image.name)))


def source() -> Source:
    with reading() as session:
        return session.exec(select(Source)).one()


def batches() -> list[Batch]:
    with reading() as session:
        return list(session.exec(select(Batch).order_by(col(Batch.id))))


def change(table: type, **values: object) -> None:
    """Set columns of the latest row of a table, as if time had gone by."""
    with writing() as session:
        row = session.exec(select(table).order_by(table.id.desc())).first()  # type: ignore[attr-defined]
        assert row is not None
        row.sqlmodel_update(values)  # type: ignore[union-attr]
        session.add(row)


@pytest.fixture
def watched(begin: Begin, outside: Path) -> Path:
    """A watched folder that was empty when its watching began."""
    line = outside / "line"
    line.mkdir()
    run_jobs(begin(line, in_place=False, watch=True))
    return line


def test_new_files_come_in_by_themselves(viewer: Viewer, watched: Path, wait: Wait) -> None:
    wait()
    assert names() == []
    (watched / "a.jpg").write_bytes(picture(1))
    (watched / "deep").mkdir()
    (watched / "deep" / "b.jpg").write_bytes(picture(2))
    wait()
    assert names() == ["line/a.jpg", "line/deep/b.jpg"]
    (watched / "c.jpg").write_bytes(picture(3))
    wait()
    assert len(names()) == 3
    [batch] = batches()
    assert batch.open and batch.finished_at is None
    assert report_of(viewer, batch).accepted == 3
    assert source().arrived_at is not None and source().error is None


def test_a_file_that_is_being_written_is_left_until_it_is_whole(
    viewer: Viewer, watched: Path, watcher: Watcher, time: Time, wait: Wait
) -> None:
    whole = picture(1, (400, 300))
    with (watched / "a.jpg").open("wb") as file:
        for start in range(0, len(whole), 20_000):
            file.write(whole[start : start + 20_000])
            file.flush()
            time.seconds += 5.0
            watcher.look()
            run_queued()
            assert names() == []
    wait()
    assert names() == ["line/a.jpg"]
    assert report_of(viewer, batches()[0]).refused == 0


def test_what_was_there_before_comes_in_first(
    viewer: Viewer, begin: Begin, folder: Path, wait: Wait
) -> None:
    old = (folder / "a.jpg").stat().st_mtime - 3600
    import os

    for path in folder.rglob("*.jpg"):
        os.utime(path, (old, old))
    batch = begin(folder, watch=True)
    wait()
    assert len(names()) == 3
    (folder / "d.jpg").write_bytes(picture(4))
    wait()
    assert report_of(viewer, batch).accepted == 4


def test_the_same_name_written_again_is_another_image(watched: Path, wait: Wait) -> None:
    for number in range(3):
        (watched / "shot.jpg").write_bytes(picture(number, (48 + number, 32)))
        wait()
    found = names()
    assert len(found) == 3 and "line/shot.jpg" in found
    assert all(name.startswith("line/shot") and name.endswith(".jpg") for name in found)


def test_a_restarted_worker_takes_nothing_twice(
    viewer: Viewer, watched: Path, time: Time, wait: Wait
) -> None:
    (watched / "a.jpg").write_bytes(picture(1))
    wait()
    (watched / "b.jpg").write_bytes(picture(2))
    again = Watcher(time)
    wait(by=again)
    wait(by=again)
    assert names() == ["line/a.jpg", "line/b.jpg"]
    report = report_of(viewer, batches()[0])
    assert (report.accepted, report.duplicates) == (2, 0)


def test_a_worker_killed_after_taking_up_reads_later(
    watched: Path, watcher: Watcher, time: Time, monkeypatch: pytest.MonkeyPatch, wait: Wait
) -> None:
    import core.sources.watcher as module

    def killed(*_: object) -> None:
        raise RuntimeError("killed")

    (watched / "a.jpg").write_bytes(picture(1))
    with monkeypatch.context() as patched:
        patched.setattr(module, "read", killed)
        watcher.look()
        time.seconds += 5
        with pytest.raises(RuntimeError):
            watcher.look()
    wait(by=Watcher(time))
    assert names() == ["line/a.jpg"]
    with reading() as session:
        hashes = session.exec(select(Image.content_hash)).all()
    assert len(hashes) == 1 and len(hashes[0]) == 64


def test_one_batch_a_day(viewer: Viewer, watched: Path, wait: Wait) -> None:
    (watched / "a.jpg").write_bytes(picture(1))
    wait()
    change(Batch, created_at=now() - timedelta(days=1))
    wait()
    [first] = batches()
    assert not first.open and first.finished_at is not None
    (watched / "b.jpg").write_bytes(picture(2))
    wait()
    second = batches()[1]
    assert second.open and second.name == f"line {now().astimezone():%Y-%m-%d}"
    assert [report_of(viewer, batch).accepted for batch in batches()] == [1, 1]


def test_a_batch_until_nothing_comes_for_a_while(begin: Begin, outside: Path, wait: Wait) -> None:
    line = outside / "line"
    line.mkdir()
    run_jobs(begin(line, watch=True, quiet_minutes=10))
    (line / "a.jpg").write_bytes(picture(1))
    wait()
    change(Batch, created_at=now() - timedelta(days=2))
    change(Source, arrived_at=now() - timedelta(minutes=9))
    wait()
    assert batches()[0].open
    change(Source, arrived_at=now() - timedelta(minutes=11))
    wait()
    assert batches()[0].finished_at is not None
    (line / "b.jpg").write_bytes(picture(2))
    wait()
    assert len(batches()) == 2


def test_pause_go_on_and_end(viewer: Viewer, project: Project, watched: Path, wait: Wait) -> None:
    source_id = source().id or 0
    pause_watching(viewer, source_id)
    (watched / "a.jpg").write_bytes(picture(1))
    wait()
    assert names() == []
    resume_watching(viewer, source_id)
    wait()
    assert names() == ["line/a.jpg"]
    end_watching(viewer, source_id)
    run_queued()
    (watched / "b.jpg").write_bytes(picture(2))
    wait()
    assert names() == ["line/a.jpg"]
    assert batches()[0].finished_at is not None
    assert source().watch == WatchState.ENDED
    with pytest.raises(UserError):
        pause_watching(viewer, source_id)
    with reading() as session:
        assert watched_sources(session, viewer, project.id or 0) == []


def test_a_folder_that_goes_away_is_told_and_comes_back(watched: Path, wait: Wait) -> None:
    (watched / "a.jpg").write_bytes(picture(1))
    wait()
    away = watched.with_name("away")
    watched.rename(away)
    wait()
    found = source()
    assert found.error == "ingest.no_folder"
    assert str(watched) in json.dumps(found.error_params)
    away.rename(watched)
    (watched / "b.jpg").write_bytes(picture(2))
    wait()
    assert source().error is None
    assert names() == ["line/a.jpg", "line/b.jpg"]


def test_what_is_no_picture_is_refused_once(viewer: Viewer, watched: Path, wait: Wait) -> None:
    (watched / "a.jpg").write_text("no picture")
    (watched / "out.jpg").symlink_to("/etc/passwd")
    wait()
    wait()
    with reading() as session:
        refused = [f.path for f in refused_files(session, viewer, batches()[0].id or 0)]
    assert refused == ["line/a.jpg", "line/out.jpg"]


def test_a_cancelled_reading_stays_cancelled_and_a_failed_one_is_tried_again(
    viewer: Viewer, watched: Path, wait: Wait, watcher: Watcher, time: Time
) -> None:
    (watched / "a.jpg").write_bytes(picture(1))
    for _ in range(2):
        time.seconds += 5
        watcher.look()
    with reading() as session:
        job = batch_job(session, batches()[0], ("ingest",))
    assert job is not None
    queue.cancel(viewer, job.id)
    wait()
    assert report_of(viewer, batches()[0]).unread == 1
    with writing() as session:
        row = session.get_one(Job, job.id)
        row.state, row.finished_at = JobState.FAILED, now() - timedelta(minutes=2)
        session.add(row)
    wait()
    assert report_of(viewer, batches()[0]).accepted == 1
