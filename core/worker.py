"""The worker process: `python -m core.worker` runs jobs until its standard input closes.

The app starts one and holds the other end of its standard input, so that no worker outlives the
app, however the app ends. A lock in the data folder lets one worker at a time use it.
"""

import logging
import os
import signal
import sys
import threading
from types import FrameType

from dbos import DBOS
from filelock import FileLock

from core import atomic, database
from core.analysis.missing import run_analysis
from core.bin.emptying import run_emptying
from core.formats.export import run_export
from core.ingest.demo import run_demo
from core.ingest.run import run_ingest
from core.jobs import queue, runner
from core.jobs.store import queued_jobs
from core.maps.run import run_map
from core.media import store, thumbnails
from core.models.drafts import purge_drafts
from core.models.run import run_model
from core.scores.run import follow, run_scores
from core.settings import ROOT, settings
from core.sources.verbs import run_listing
from core.sources.watcher import watch

RUNNERS: dict[str, runner.Runner] = {
    "source": run_listing,
    "ingest": run_ingest,
    "analyse": run_analysis,
    "scores": run_scores,
    "map": run_map,
    "export": run_export,
    "demo": run_demo,
    "model": run_model,
    "bin": run_emptying,
}

log = logging.getLogger("datag.worker")
_stop = threading.Event()


@DBOS.workflow(name=queue.WORKFLOW)
def run_job(job_id: str) -> None:
    """One attempt at a job, and what follows it. A step that the worker died in is run again."""
    _run_step(job_id)
    _follow_step(job_id)


@DBOS.step()
def _run_step(job_id: str) -> None:
    runner.run(job_id, RUNNERS)


@DBOS.step()
def _follow_step(job_id: str) -> None:
    follow(job_id)


def _stop_on_signal(_number: int, _frame: FrameType | None) -> None:
    _stop.set()


def _stop_with_parent() -> None:
    sys.stdin.buffer.read()
    _stop.set()


def keep_compiled_code() -> None:
    """Name a folder for what Numba compiles, before it is loaded, where it has none of its own.

    It writes beside the code or into the home folder, and fails where it can do neither.
    """
    if not os.access(ROOT / "core", os.W_OK):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(settings().cache_dir / "numba"))


def _compile_loops() -> None:
    from core.analysis import quality
    from core.media import jpeg_reduced

    quality.compile_loops()
    jpeg_reduced.compile_loops()


def main() -> None:
    """Run jobs until told to stop."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s worker %(message)s")
    log.setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, _stop_on_signal)
    signal.signal(signal.SIGINT, _stop_on_signal)
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    keep_compiled_code()
    if not sys.stdin.isatty():
        threading.Thread(target=_stop_with_parent, daemon=True).start()
    with FileLock(settings().data_dir / "worker.lock"):
        database.upgrade()
        purge_drafts()
        DBOS(
            config={
                "name": "datag",
                "system_database_url": settings().resolved_jobs_database_url,
                "application_version": queue.APPLICATION_VERSION,
                "executor_id": "local",
                "console_log_level": "WARNING",
                "enable_otlp": False,
            }
        )
        DBOS.launch()
        for name in queue.QUEUES:
            DBOS.register_queue(name, worker_concurrency=1, polling_interval_sec=0.5)
        thumbnails.clear_unread()
        store.clear_unfinished()
        # The web process writes there too: what is older than this is nobody's any more.
        atomic.clear_partials(settings().cache_dir, seconds=3600)
        for job in queued_jobs():
            queue.enqueue(job)
        threading.Thread(target=watch, args=(_stop,), name="watcher", daemon=True).start()
        # The first images would wait for it, and a worker mostly waits for those.
        threading.Thread(target=_compile_loops, name="compiler", daemon=True).start()
        log.info("ready")
        _stop.wait()
        # A job in progress is left as it is: its row and the queue know that it is unfinished,
        # and the next worker goes on with it.
        os._exit(0)


if __name__ == "__main__":
    main()
