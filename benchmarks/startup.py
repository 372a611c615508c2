"""How long from `streamlit run` to the first page that can be used, and what the server loads."""

import statistics
import tempfile
import time
from pathlib import Path

import psutil

from core.settings import ROOT
from tests.browser.harness import browser_page, server

_PATIENCE = 60_000  # milliseconds


def run(quick: bool) -> dict[str, object]:
    """Start the app some times on an empty data folder.

    Returns:
        `seconds`: median from the start of the process to a page whose first button can be pressed;
        `seconds_to_answer`: until the server answers; `web_imports_torch`: whether the web process
        has one of torch's libraries in its memory by then; `web_rss_mb`: its memory.
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
    # The browser is there before, as a visitor's is.
    with (
        tempfile.TemporaryDirectory() as data_dir,
        browser_page(allowed_errors=("/_stcore/",)) as page,
    ):
        began = time.monotonic()
        with server(ROOT / "app.py", Path(data_dir)) as url:
            answered = time.monotonic() - began
            page.goto(url)
            page.locator("[data-testid='stMain'] button:visible").first.wait_for(timeout=_PATIENCE)
            usable = time.monotonic() - began
            web = _web_process()
            figures = usable, answered, _has_torch(web), web.memory_info().rss / 1e6
            page.goto("about:blank")  # a page that loses its server complains
            return figures


def _web_process() -> psutil.Process:
    return next(
        child
        for child in psutil.Process().children()
        if "streamlit" in child.cmdline() and "run" in child.cmdline()
    )


def _has_torch(process: psutil.Process) -> bool:
    """Whether a process has one of torch's libraries in its memory: importing torch loads them."""
    return any("libtorch" in mapped.path for mapped in process.memory_maps())
