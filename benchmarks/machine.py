"""What the figures were measured on, and how much memory processes take."""

import os
import platform
import threading
from collections.abc import Callable
from pathlib import Path

import psutil


def machine() -> dict[str, object]:
    """Processor, cores, memory and Python version of this machine."""
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "python": platform.python_version(),
        "system": platform.system(),
    }


def _cpu_name() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


class PeakMemory:
    """A context that watches the memory of this process and of the processes it started."""

    _EVERY = 0.05  # seconds

    def __init__(self, of: Callable[[], list[psutil.Process]] | None = None) -> None:
        self._of = of or self._family
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        #: Highest sum of resident sets seen, in megabytes.
        self.mb = 0.0

    @staticmethod
    def _family() -> list[psutil.Process]:
        me = psutil.Process()
        return [me, *me.children(recursive=True)]

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            resident = 0
            for process in self._of():
                try:
                    resident += process.memory_info().rss
                except psutil.Error:
                    continue
            self.mb = max(self.mb, round(resident / 1e6, 1))
            if self._done.wait(self._EVERY):
                return
