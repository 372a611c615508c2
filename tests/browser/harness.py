"""Start a Streamlit server of an ASGI app and drive it with a real Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import CDPSession, ConsoleMessage, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
# WebGL2 without a graphics card, the same on every machine.
_CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
_START_SECONDS = 180  # beside other work a start may take long
_EXPECT_SECONDS = 30


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as response:
                if response.read() == b"ok":
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not come up:\n{log.read_text(errors='replace')}")


class Server:
    """An app by `streamlit run` on a port of its own, which it keeps when it starts again.

    Args:
        app: the file that holds the ASGI app, or a plain Streamlit script.
        data_dir: becomes DATAG_DATA_DIR; the server's log is written there as `server.log`.
        env: further environment variables.
        flags: further options of `streamlit run`, such as `--theme.base=dark`.
    """

    def __init__(
        self, app: Path, data_dir: Path, env: Mapping[str, str] | None = None, *flags: str
    ) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, "-m", "streamlit", "run", str(app)]
        self._command += [f"--server.port={port}", "--server.address=127.0.0.1"]
        self._command += ["--server.headless=true", "--server.fileWatcherType=none"]
        self._command += ["--browser.gatherUsageStats=false", *flags]
        own = {"PYTHONPATH": str(ROOT), "DATAG_DATA_DIR": str(data_dir)}
        self._environment = {**os.environ, **own, **(env or {})}
        self._log = data_dir / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: it did not answer in time; the message holds its log.
        """
        with self._log.open("ab") as sink:
            self._process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=self._environment,
            )
        _wait_until_up(self.url, self._process, self._log)

    def kill(self) -> None:
        """End it without a warning."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in good order."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def server(
    app: Path, data_dir: Path, env: Mapping[str, str] | None = None, *flags: str
) -> Iterator[str]:
    """Run `app` and give its URL; the arguments are those of `Server`.

    Raises:
        RuntimeError: the server did not answer in time; the message holds its log.
    """
    running = Server(app, data_dir, env, *flags)
    try:
        running.start()
        yield running.url
    finally:
        running.stop()


def settled(page: Page) -> None:
    """Wait until what has just changed on a page is laid out, resize observers included."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")


_AT_REST = """seconds => {
  const app = document.querySelector('[data-testid=stApp]');
  const atRest = app?.getAttribute('data-test-script-state') === 'notRunning';
  const now = performance.now();
  window.atRestSince = atRest ? (window.atRestSince ?? now) : null;
  return atRest && now - window.atRestSince >= seconds * 1000;
}"""


def until_at_rest(page: Page, timeout: float = 40_000) -> None:
    """Wait until the page's script has not run for a third of a second.

    What was pressed just before takes a moment to reach the server, and until then the script is at
    rest as it was.

    Args:
        timeout: milliseconds.
    """
    page.evaluate("delete window.atRestSince")
    page.wait_for_function(_AT_REST, arg=0.33, timeout=timeout)


def until(page: Page, met: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until `met` says so.

    Raises:
        AssertionError: it did not in so many seconds; the message holds the page's text.
    """
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, page.inner_text("body")
        page.wait_for_timeout(50)


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    """Put fingers on the page, move or lift them.

    Args:
        kind: "touchStart", "touchMove" or "touchEnd".
        points: of all fingers that are on the page, CSS px of the viewport.
    """
    listed = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": listed})


@contextmanager
def browser_page(
    width: int = 1280,
    height: int = 900,
    device_scale_factor: float = 1,
    color_scheme: Literal["light", "dark"] = "light",
    has_touch: bool = False,
    allowed_errors: tuple[str, ...] = (),
) -> Iterator[Page]:
    """Open a page of a headless Chromium; fails on leaving if the page reported an error.

    Args:
        width: of the viewport, CSS px.
        height: of the viewport, CSS px.
        device_scale_factor: device pixels per CSS pixel.
        color_scheme: what the visitor's system prefers; Streamlit follows it.
        has_touch: whether the screen is touched rather than pointed at.
        allowed_errors: an error that contains one of these texts is expected.

    Raises:
        AssertionError: an uncaught exception or a console error reached the page.
    """
    expect.set_options(timeout=_EXPECT_SECONDS * 1000)
    errors: list[str] = []

    def note(kind: str, text: str) -> None:
        if not any(allowed in text for allowed in allowed_errors):
            errors.append(f"{kind}: {text}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            note("console", f"{message.text} ({message.location.get('url', '')})")

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=_CHROMIUM_FLAGS
        )
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=device_scale_factor,
            color_scheme=color_scheme,
            has_touch=has_touch,
            accept_downloads=True,
        )
        page = context.new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: note("exception", str(error)))
        try:
            yield page
        finally:
            chromium.close()
    assert not errors, "the page reported errors:\n" + "\n".join(errors)
