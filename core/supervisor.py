"""Keeps one worker process running beside the app."""

import logging
import subprocess
import sys
import threading
import time
from types import TracebackType

from core.settings import ROOT

log = logging.getLogger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds between a worker's end and the next one's start
_HEALTHY_AFTER = 60.0  # seconds; a worker that ran so long failed for a new reason


def start_worker(new_session: bool = False) -> subprocess.Popen[bytes]:
    """A worker that ends when its standard input closes, which the system does however we end.

    Args:
        new_session: interrupts from the keyboard do not reach it.
    """
    return subprocess.Popen(
        [sys.executable, "-m", "core.worker"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        start_new_session=new_session,
    )


class WorkerSupervisor:
    """A context: a worker runs inside it, and is started again whenever it ends."""

    def __init__(self) -> None:
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="worker-supervisor", daemon=True)

    def __enter__(self) -> "WorkerSupervisor":
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._thread.join(timeout=20)

    def _watch(self) -> None:
        pause = _FIRST_PAUSE
        while not self._closing.is_set():
            began = time.monotonic()
            self._run_one()
            if self._closing.is_set():
                return
            pause = _FIRST_PAUSE if time.monotonic() - began > _HEALTHY_AFTER else pause * 2
            pause = min(pause, _LONGEST_PAUSE)
            log.warning("the worker ended; the next one starts in %.1f s", pause)
            self._closing.wait(pause)

    def _run_one(self) -> None:
        """Start a worker and wait for its end, or end it when the app closes."""
        process = start_worker()
        while process.poll() is None and not self._closing.wait(0.2):
            pass
        if process.poll() is None and process.stdin is not None:
            process.stdin.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
