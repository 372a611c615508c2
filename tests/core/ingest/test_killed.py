"""A worker killed at random moments, and two at once: every image there once, analysed once."""

import random
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import select

from core.accounts.access import Viewer
from core.analysis.tables import Embedding, Prediction, Quality
from core.database import reading
from core.ingest.batches import batch_reports, begin_batch
from core.ingest.uploads import begin_upload
from core.jobs import queue
from core.jobs.tables import Job, JobState
from core.media import thumbnail_store
from core.media.tables import Image
from core.projects.store import create_project
from core.projects.tables import Project
from core.settings import settings
from tests.core.ingest.conftest import picture, zip_of
from tests.core.ingest.killed import copies

_ROUNDS = 20
_IMAGES = 160


def drop(viewer: Viewer, project: Project, files: dict[str, bytes]) -> Job:
    upload = begin_upload(project.id or 0, viewer.user_id, 0)
    data = zip_of(files)
    upload.file_path(0).write_bytes(data)
    upload.add(0, "set.zip", len(data))
    return begin_batch(viewer, upload)[1]


def state(job: Job) -> str:
    with reading() as session:
        return session.get_one(Job, job.id).state


def check_stored_once(expected: int) -> None:
    """Rows, originals and thumbnails agree: nothing twice, nothing lost, nothing left over."""
    with reading() as session:
        hashes = Counter(session.exec(select(Image.content_hash)))
        images = set(session.exec(select(Image.id)))
        analysed = Counter(session.exec(select(Prediction.image_id)))
        embedded = Counter(session.exec(select(Embedding.image_id)))
        measured = Counter(session.exec(select(Quality.image_id)))
    assert len(hashes) == expected
    for each in (hashes, analysed, embedded, measured):
        assert set(each.values()) == {1}
    assert set(analysed) == set(embedded) == set(measured) == images
    kept = {p.name for p in (settings().data_dir / "media").rglob("*") if p.is_file()}
    assert kept == thumbnail_store.content_hashes() == set(hashes)


@pytest.mark.weights
@pytest.mark.slow
def test_killed_at_twenty_random_moments(
    viewer: Viewer, weights_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.prepare()
    project = create_project(viewer, "Line 3", "efficientnet_lite0")
    job = drop(viewer, project, {f"{n:04d}.jpg": picture(n, (320, 240)) for n in range(_IMAGES)})
    chance = random.Random(1)
    killed = 0
    monkeypatch.setenv("DATAG_WEIGHTS_DIR", str(weights_dir))
    with copies(monkeypatch) as worker:
        for _ in range(_ROUNDS):
            killed += worker.killed(job.id, chance.uniform(0.05, 1.2))
        worker.begin(job.id)
        assert worker.ended() == 0
    assert killed >= _ROUNDS // 2, "the worker was too fast for this test"
    assert state(job) == JobState.DONE
    with reading() as session:
        [report] = batch_reports(session, viewer, project.id or 0)
    assert (report.accepted, report.duplicates, report.refused) == (_IMAGES, 0, 0)
    assert list(settings().uploads_dir.iterdir()) == []
    check_stored_once(_IMAGES)


@pytest.mark.weights
@pytest.mark.slow
def test_the_same_files_twice_at_once(
    viewer: Viewer, weights_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.prepare()
    project = create_project(viewer, "Line 3", "efficientnet_lite0")
    files = {f"{n:04d}.jpg": picture(n, (320, 240)) for n in range(48)}
    jobs = [drop(viewer, project, files) for _ in range(2)]
    monkeypatch.setenv("DATAG_WEIGHTS_DIR", str(weights_dir))
    with copies(monkeypatch) as one, copies(monkeypatch) as other:
        one.begin(jobs[0].id)
        other.begin(jobs[1].id)
        assert (one.ended(), other.ended()) == (0, 0)
    assert [state(job) for job in jobs] == [JobState.DONE, JobState.DONE]
    with reading() as session:
        reports = batch_reports(session, viewer, project.id or 0)
    assert sum(report.accepted for report in reports) == 48
    assert sum(report.duplicates for report in reports) == 48
    check_stored_once(48)
