"""How long from `streamlit run` to the first page that can be used, and what the server loads."""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

from core.settings import ROOT

_PATIENCE = 60  # seconds


def run(quick: bool) -> dict[str, object]:
    """Start the app some times on an empty data folder.

    Returns:
        `seconds`: median from the start of the process to a page whose first button can be pressed;
        `seconds_to_answer`: until the server answers; `web_imports_torch`: whether the web process
        has mapped torch into its memory by then; `web_rss_mb`: its memory.
    """
    rounds = [_one_start() for _ in range(3 if quick else 7)]
    return {
        "seconds": round(statistics.median(r[0] for r in rounds), 2),
        "seconds_to_answer": round(statistics.median(r[1] for r in rounds), 2),
        "web_imports_torch": any(r[2] for r in rounds),
        "web_rss_mb": round(statistics.median(r[3] for r in rounds), 1),
        "rounds": len(rounds),
    }


def _one_start() -> tuple[float, float, bool, float]:
    with tempfile.TemporaryDirectory() as data_dir, _browser() as page:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true",
             f"--server.port={port}"],
            cwd=ROOT,
            env={**os.environ, "DATAG_DATA_DIR": data_dir},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait_for_answer(f"http://127.0.0.1:{port}/_stcore/health")
            answered = time.monotonic() - began
            page.goto(f"http://127.0.0.1:{port}/")
            page.locator("button[data-testid^='stBaseButton-']:visible").first.wait_for(
                timeout=_PATIENCE * 1000
            )
            usable = time.monotonic() - began
            memory = psutil.Process(process.pid).memory_info().rss / 1e6
            return usable, answered, _maps_torch(process.pid), memory
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def _browser() -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield chromium.new_page()
        chromium.close()


def _wait_for_answer(url: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise TimeoutError(f"{url} did not answer within {_PATIENCE} s")


def _maps_torch(pid: int) -> bool:
    """Whether a process has one of torch's libraries in its memory: importing torch loads them."""
    return "libtorch" in Path(f"/proc/{pid}/maps").read_text()
