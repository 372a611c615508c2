"""The app's worker: started, started again when it ends, and gone when the app is."""

import os
import signal
import time
from pathlib import Path

import psutil

from core.jobs import queue
from core.supervisor import WorkerSupervisor


def is_running_worker(process: psutil.Process) -> bool:
    try:
        return "core.worker" in " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def workers() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if is_running_worker(p)]


def wait_for_worker(other_than: int | None = None) -> psutil.Process:
    deadline = time.monotonic() + 180
    while True:
        found = [w for w in workers() if w.pid != other_than]
        if found:
            return found[0]
        assert time.monotonic() < deadline, "no worker was started"
        time.sleep(0.05)


def test_a_killed_worker_is_replaced_and_the_last_one_ends_with_the_app(database: Path) -> None:
    queue.prepare()
    with WorkerSupervisor():
        first = wait_for_worker()
        os.kill(first.pid, signal.SIGKILL)
        second = wait_for_worker(other_than=first.pid)
        assert second.pid != first.pid
    assert workers() == []
