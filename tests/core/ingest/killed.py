"""Jobs in processes that can be killed at any moment."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from core.settings import ROOT, settings

# Everything is loaded once; each line asks for a process that is a copy of this one and runs a job.
# Without another thread: a copy has only the one that made it.
_RUNNER = """
import json, os, sys
from core.database import engine
from core.ingest.run import run_ingest
from core.jobs import runner
from core.media import store
from core.sources.verbs import run_listing
{first}
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        os.setsid()
        store.clear_unfinished()
        runner.run(json.loads(line), {{"source": run_listing, "ingest": run_ingest}})
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Copies:
    """Runs jobs, one at a time, each in a copy of a process that has loaded everything."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def begin(self, job_id: str) -> int:
        """Start a copy that runs a job; its process number."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job_id) + "\n")
        self._process.stdin.flush()
        return self._said()

    def ended(self) -> int:
        """Wait for its end; 0: it was not killed."""
        return self._said()

    def killed(self, job_id: str, seconds: float) -> bool:
        """Run a job for at most so long; whether it was killed then."""
        child = self.begin(job_id)
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        return self.ended() != 0

    def _said(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def copies(monkeypatch: pytest.MonkeyPatch, first: str = "") -> Iterator[Copies]:
    """A process on this test's data folder whose copies run jobs in chunks of eight images.

    Args:
        first: Python that it runs before.
    """
    monkeypatch.setenv("DATAG_DATA_DIR", str(settings().data_dir))
    monkeypatch.setenv("DATAG_BATCH_SIZE", "8")
    command = [sys.executable, "-c", _RUNNER.format(first=first)]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Copies(process)
        process.stdin.close()
