"""A worker killed at random moments of listing and reading a folder: every image there once."""

import random
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import select

from core.accounts.access import Viewer
from core.database import reading
from core.ingest.batches import batch_job
from core.jobs import queue
from core.jobs.tables import Job, JobState
from core.media import thumbnail_store
from core.media.tables import Image
from core.projects.store import create_project
from core.settings import settings
from core.sources.tables import SourceFile
from core.sources.verbs import begin_source
from tests.core.ingest.conftest import picture
from tests.core.ingest.killed import copies
from tests.core.sources.conftest import report_of

_ROUNDS = 20
_IMAGES = 400


@pytest.mark.slow
@pytest.mark.parametrize("in_place", [True, False])
def test_killed_at_random_moments(
    viewer: Viewer, outside: Path, monkeypatch: pytest.MonkeyPatch, in_place: bool
) -> None:
    monkeypatch.setattr("core.sources.register._CHUNK", 20)
    for number in range(_IMAGES):
        (outside / f"{number:04d}.jpg").write_bytes(picture(number % (_IMAGES - 10), (160, 120)))
    queue.prepare()
    project = create_project(viewer, "Line 3", "efficientnet_lite0")
    batch, _ = begin_source(viewer, project.id or 0, str(outside), in_place=in_place)
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    def job_id() -> str:
        with reading() as session:
            job = batch_job(session, batch)
        assert job is not None
        return job.id

    chance, killed = random.Random(1), 0
    with copies(monkeypatch, "import core.sources.register as r; r._CHUNK = 20") as worker:
        for _ in range(_ROUNDS):
            killed += worker.killed(job_id(), chance.uniform(0.02, 0.5))
        while not _is_done(batch):
            worker.begin(job_id())
            assert worker.ended() == 0
    assert killed >= _ROUNDS // 4, "the worker was too fast for this test"
    _check(viewer, batch, outside, in_place)


def _is_done(batch: object) -> bool:
    with reading() as session:
        job = batch_job(session, batch, ("ingest",))  # type: ignore[arg-type]
    return job is not None and job.state == JobState.DONE


def _check(viewer: Viewer, batch: object, folder: Path, in_place: bool) -> None:
    """Every content once, all of it told, nothing left over, the folder as it was."""
    report = report_of(viewer, batch)  # type: ignore[arg-type]
    assert (report.accepted, report.duplicates, report.refused, report.unread) == (
        _IMAGES - 10, 10, 0, 0,
    )  # fmt: skip
    with reading() as session:
        hashes = Counter(session.exec(select(Image.content_hash)))
        ids = set(session.exec(select(Image.id)))
        files = session.exec(select(SourceFile.image_id)).all()
        assert {job.kind for job in session.exec(select(Job))} == {"source", "ingest"}
    assert len(hashes) == _IMAGES - 10 and set(hashes.values()) == {1}
    assert len(files) == _IMAGES and set(files) == ids
    kept = {p.name for p in (settings().data_dir / "media").rglob("*") if p.is_file()}
    assert kept == (set() if in_place else set(hashes))
    assert thumbnail_store.content_hashes() == set(hashes)
    assert len(list(folder.iterdir())) == _IMAGES
