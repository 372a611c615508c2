"""The worker process for real: killed in the middle, started again, ended with its parent."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlmodel import select

from core.accounts.access import Viewer
from core.analysis.tables import Embedding, Prediction
from core.database import reading
from core.history import events
from core.ingest.batches import batch_reports, begin_batch
from core.ingest.uploads import begin_upload
from core.jobs import queue
from core.jobs.tables import Job, JobState
from core.media.tables import Image
from core.projects.store import create_project
from core.settings import ROOT, settings
from tests.core.ingest.conftest import picture

_IMAGES = 240


@contextmanager
def worker(weights: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {
        **os.environ,
        "DATAG_DATA_DIR": str(settings().data_dir),
        "DATAG_WEIGHTS_DIR": str(weights),
        "DATAG_BATCH_SIZE": "8",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "core.worker"], stdin=subprocess.PIPE, cwd=ROOT, env=environment
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def count(table: type) -> int:
    with reading() as session:
        return len(session.exec(select(table)).all())


def wait_for_images(least: int, seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while count(Image) < least:
        assert time.monotonic() < deadline, f"only {count(Image)} images after {seconds} s"
        time.sleep(0.05)


@pytest.mark.weights
@pytest.mark.slow
def test_every_image_is_analysed_exactly_once_however_often_the_worker_is_killed(
    viewer: Viewer, weights_dir: Path, tmp_path: Path
) -> None:
    queue.prepare()
    project = create_project(viewer, "Line 3", "mobilenet_v2")
    upload = begin_upload(project.id or 0, viewer.user_id, 0)
    with zipfile.ZipFile(upload.file_path(0), "w") as archive:
        for seed in range(_IMAGES):
            archive.writestr(f"{seed:04d}.jpg", picture(seed, (320, 240)))
    upload.add(0, "set.zip", upload.file_path(0).stat().st_size)
    _batch, job = begin_batch(viewer, upload)

    for least in (1, 60, 120):
        with worker(weights_dir) as process:
            wait_for_images(least)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        assert count(Image) < _IMAGES, "the worker was too fast for this test"
    with worker(weights_dir):
        ended = queue.wait(job.id, 180)

    assert ended.state == JobState.DONE
    with reading() as session:
        assert session.get_one(Job, job.id).attempt == 1
        names = Counter(session.exec(select(Image.name)))
        analysed = Counter(session.exec(select(Prediction.image_id)))
        embedded = Counter(session.exec(select(Embedding.image_id)))
        report = batch_reports(session, viewer, project.id or 0)[0]
        kinds = Counter(event.kind for event in events(session, viewer, project))
    assert names == {f"set.zip/{seed:04d}.jpg": 1 for seed in range(_IMAGES)}
    assert len(analysed) == len(embedded) == _IMAGES
    assert set(analysed.values()) == set(embedded.values()) == {1}
    assert (report.accepted, report.duplicates, report.refused) == (_IMAGES, 0, 0)
    assert kinds["batch.ingested"] == 1
    assert list(settings().uploads_dir.iterdir()) == []


@pytest.mark.weights
@pytest.mark.slow
def test_a_worker_that_converts_and_analyses_never_has_torch_in_its_memory(
    viewer: Viewer, weights_dir: Path
) -> None:
    queue.prepare()
    project = create_project(viewer, "Line 3", "mobilenet_v2")
    upload = begin_upload(project.id or 0, viewer.user_id, 0)
    upload.file_path(0).write_bytes(picture(1, (320, 240)))
    upload.add(0, "one.jpg", upload.file_path(0).stat().st_size)
    _batch, job = begin_batch(viewer, upload)
    assert not settings().models_cache_dir.exists()
    with worker(weights_dir) as process:
        ended = queue.wait(job.id, 180)
        mapped = {Path(found.path).name for found in psutil.Process(process.pid).memory_maps()}
    assert ended.state == JobState.DONE
    assert (count(Prediction), "model_error" in ended.result) == (1, False)
    assert list(settings().models_cache_dir.glob("mobilenet_v2-*/graph.xml"))
    # It did have the libraries that it calculates with.
    assert any(name.startswith("libopenvino") for name in mapped)
    assert not any(name.startswith("libtorch") for name in mapped)


def test_the_worker_ends_when_its_parent_is_gone(database: Path) -> None:
    queue.prepare()
    with worker(database) as process:
        assert process.stdin is not None
        deadline = time.monotonic() + 180
        while not (database / "worker.lock").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.stdin.close()
        assert process.wait(timeout=300) == 0


@pytest.mark.parametrize("writable", [True, False])
def test_compiled_code_is_kept_in_the_data_folder_where_the_programs_own_is_closed(
    tmp_path: Path, writable: bool
) -> None:
    """Numba looks for the folder's name when it is loaded, so the worker may not load it before."""
    script = f"""if True:
        import os
        from core import worker
        os.access = lambda *_: {writable}
        worker.keep_compiled_code()
        import numba
        print(numba.config.CACHE_DIR)
    """
    environment = {**os.environ, "DATAG_DATA_DIR": str(tmp_path)}
    environment.pop("NUMBA_CACHE_DIR", None)
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.strip() == ("" if writable else str(tmp_path / "cache" / "numba"))
