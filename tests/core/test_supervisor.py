"""The app's worker: started, started again when it ends, and gone when the app is."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from core.jobs import queue
from core.settings import settings
from core.supervisor import WorkerSupervisor, start_worker


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


@pytest.mark.parametrize("writable", [True, False])
def test_compiled_code_is_kept_in_the_data_folder_where_the_programs_own_is_closed(
    database: Path, monkeypatch: pytest.MonkeyPatch, writable: bool
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(os, "access", lambda *_: writable)
    queue.prepare()
    process = start_worker()
    try:
        given: dict[str, str] = {}
        while not given:  # for a moment after its start the system shows none
            given = psutil.Process(process.pid).environ()
        found = given.get("NUMBA_CACHE_DIR")
    finally:
        process.kill()
        process.wait()
    assert found == (None if writable else str(settings().cache_dir / "numba"))
