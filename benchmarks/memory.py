"""What a large upload costs: memory of the web process and the worker, from first byte to row."""

import os
import tempfile
import time
import zipfile
from pathlib import Path

import psutil
from tusclient.client import TusClient

from benchmarks.jpegs import SIZES, generated, marked
from benchmarks.machine import PeakMemory
from core.settings import ROOT
from tests.browser.harness import server

_BYTES = {True: 300_000_000, False: 3_000_000_000}
_PICTURES = 12  # generated; the zip's entries are these with another comment each
_CHUNK = 16 << 20
_PATIENCE = 1200  # seconds without an image more


def run(quick: bool) -> dict[str, object]:
    """Send a zip of 12 MP JPEGs to the app and wait until the last one is analysed.

    The zip holds 3 GB (`--quick`: 0.3 GB) as they are, is written into the data folder and goes
    with it. It is sent by the tus protocol, in pieces of 16 MB, as the browser does.

    Returns:
        `worker_peak_mb`, `web_peak_mb`: highest resident memory of the worker with what it starts,
        and of the web process, from the first byte sent to the last row; `at_rest` of both before.
        `upload_s`, `ingest_s`; `images` and `zip_mb`.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATAG_DATA_DIR"] = folder
        os.environ.setdefault(
            "DATAG_WEIGHTS_DIR", str(Path(__file__).parents[1] / "data" / "weights")
        )
        path = Path(folder) / "large.zip"
        images = _write_zip(path, _BYTES[quick])
        with server(ROOT / "app.py", Path(folder)) as url:
            return {
                "images": images,
                "zip_mb": round(path.stat().st_size / 1e6),
                **_sent(url, path),
            }


def _write_zip(path: Path, size: int) -> int:
    """A zip of stored JPEGs, all different, of about `size` bytes; how many there are."""
    pictures = list(generated(_PICTURES, SIZES["12mp"]))
    written = number = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        while written < size:
            data = marked(pictures[number % _PICTURES], str(number))
            archive.writestr(f"{number:05d}.jpg", data)
            written += len(data)
            number += 1
    return number


def _sent(url: str, path: Path) -> dict[str, object]:
    # Settings are read at import.
    from api.gate import CHANGE_HEADER
    from core.accounts.access import local_viewer
    from core.ingest.batches import begin_batch
    from core.ingest.uploads import begin_upload
    from core.projects.store import create_project
    from models.catalogue import DEFAULT_MODEL

    viewer = local_viewer()
    project = create_project(viewer, "Memory", DEFAULT_MODEL)
    upload = begin_upload(project.id or 0, viewer.user_id, path.stat().st_size)
    client = TusClient(f"{url}/api/uploads/{upload.token}/files", headers={CHANGE_HEADER: "1"})
    rest = {"worker": _mb(_worker()), "web": _mb(_web())}
    with PeakMemory(_worker) as worker, PeakMemory(_web) as web:
        began = time.monotonic()
        client.uploader(
            str(path), chunk_size=_CHUNK, metadata={"filename": path.name, "index": "0"}
        ).upload()
        sent = time.monotonic()
        _batch, job = begin_batch(viewer, upload)
        _wait(job.id)
        ended = time.monotonic()
    return {
        "worker_peak_mb": worker.mb,
        "web_peak_mb": web.mb,
        "at_rest": rest,
        "upload_s": round(sent - began, 1),
        "ingest_s": round(ended - sent, 1),
    }


def _wait(job_id: str) -> None:
    from core.database import reading
    from core.jobs.tables import Job, JobState

    done, since = -1, time.monotonic()
    while time.monotonic() - since < _PATIENCE:
        with reading() as session:
            job = session.get_one(Job, job_id)
        if job.state == JobState.DONE:
            return
        if job.state in (JobState.FAILED, JobState.CANCELLED):
            raise RuntimeError(f"taking in failed: {job.error} {job.error_params}")
        if job.done != done:
            done, since = job.done, time.monotonic()
        time.sleep(0.2)
    raise RuntimeError(f"nothing has happened since image {done}")


def _web() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if "streamlit" in child.cmdline() and "run" in child.cmdline()
    ]


def _worker() -> list[psutil.Process]:
    return [child for web in _web() for child in web.children(recursive=True)]


def _mb(processes: list[psutil.Process]) -> float:
    return round(sum(process.memory_info().rss for process in processes) / 1e6, 1)
