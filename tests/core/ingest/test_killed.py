"""A worker killed at random moments, and two at once: every image there once, analysed once."""

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
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
from core.media.tables import Image
from core.projects.store import create_project
from core.projects.tables import Project
from core.settings import ROOT, settings
from tests.core.ingest.conftest import picture, zip_of

_ROUNDS = 20
_IMAGES = 160
# Everything is loaded once; each line asks for a process that is a copy of this one and runs a job.
# Without another thread: a copy has only the one that made it.
_RUNNER = """
import json, os, sys
from core.database import engine
from core.ingest.run import run_ingest
from core.jobs import runner
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os.setsid()
        runner.run(json.loads(line), {"ingest": run_ingest})
        os._exit(0)
    print(child, flush=True)
    status = os.waitpid(child, 0)[1]
    print(status, flush=True)
"""


@contextmanager
def copies(weights: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["subprocess.Popen[str]"]:
    monkeypatch.setenv("DATAG_DATA_DIR", str(settings().data_dir))
    monkeypatch.setenv("DATAG_WEIGHTS_DIR", str(weights))
    monkeypatch.setenv("DATAG_BATCH_SIZE", "8")
    command = [sys.executable, "-c", _RUNNER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()


def begin(process: "subprocess.Popen[str]", job: Job) -> int:
    """Start a copy that runs a job; its process number."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps(job.id) + "\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def ended(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


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
    for folder in ("media", "thumbnails"):
        kept = [p for p in (settings().data_dir / folder).rglob("*") if p.is_file()]
        assert {p.name.split(".")[0] for p in kept} == set(hashes), folder


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
    with copies(weights_dir, monkeypatch) as process:
        for _ in range(_ROUNDS):
            child = begin(process, job)
            time.sleep(chance.uniform(0.05, 1.2))
            subprocess.run(["kill", "-KILL", str(child)], check=False)
            killed += ended(process) != 0
        begin(process, job)
        assert ended(process) == 0
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
    with copies(weights_dir, monkeypatch) as one, copies(weights_dir, monkeypatch) as other:
        begin(one, jobs[0])
        begin(other, jobs[1])
        assert (ended(one), ended(other)) == (0, 0)
    assert [state(job) for job in jobs] == [JobState.DONE, JobState.DONE]
    with reading() as session:
        reports = batch_reports(session, viewer, project.id or 0)
    assert sum(report.accepted for report in reports) == 48
    assert sum(report.duplicates for report in reports) == 48
    check_stored_once(48)
