"""Ending processes that work on our behalf."""

import os
import signal
import subprocess
import sys


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """End a process that leads a session of its own, with those it started, and wait for it."""
    if process.poll() is None:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
