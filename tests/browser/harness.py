"""Start a Streamlit server of an ASGI app and drive it with a real Chromium."""

from __future__ import annotations

import asyncio
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

from playwright.sync_api import CDPSession, ConsoleMessage, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
# WebGL2 without a graphics card, the same on every machine.
_CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
_START_SECONDS = 180  # beside other work a start may take long
_EXPECT_SECONDS = 60


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


# Knows whether a run of the page's script was asked for that has not begun: until the server
# answers, Streamlit's page says nothing of it. The numbers are those of its BackMsg and ForwardMsg.
_WATCH_RUNS = """(() => {
  function* fieldsOf(data) {
    if (!(data instanceof ArrayBuffer || ArrayBuffer.isView(data))) return;
    const bytes = new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
    let at = 0;
    const varint = () => {
      let value = 0;
      for (let unit = 1; at < bytes.length; unit *= 128) {
        value += (bytes[at] & 127) * unit;
        if (bytes[at++] < 128) break;
      }
      return value;
    };
    while (at < bytes.length) {
      const tag = varint();
      const field = Math.floor(tag / 8);
      if (tag % 8 === 0) yield [field, varint()];
      else if (tag % 8 === 2) {
        const length = varint();
        at += length;
        yield [field, null];
      } else return;
    }
  }
  const RERUN_SCRIPT = 11, NEW_SESSION = 4, SCRIPT_FINISHED = 6, EARLY_FOR_RERUN = 2;
  window.runAsked = false;
  window.WebSocket = class extends WebSocket {
    constructor(...places) {
      super(...places);
      window.runAsked = false;
      this.addEventListener('message', ({ data }) => {
        for (const [field, value] of fieldsOf(data)) {
          if (field === NEW_SESSION) window.runAsked = false;
          if (field === SCRIPT_FINISHED && value === EARLY_FOR_RERUN) window.runAsked = true;
        }
      });
    }

    send(data) {
      for (const [field] of fieldsOf(data)) if (field === RERUN_SCRIPT) window.runAsked = true;
      super.send(data);
    }
  };
})();"""

_AT_REST = """seconds => {
  const app = document.querySelector('[data-testid=stApp]');
  const atRest = app?.getAttribute('data-test-script-state') === 'notRunning' && !window.runAsked;
  if (!atRest) delete window.atRest;
  else window.atRest ??= { since: performance.now(), looks: 0 };
  return atRest && ++window.atRest.looks > 5
    && performance.now() - window.atRest.since >= seconds * 1000;
}"""


def until_at_rest(page: Page, timeout: float = 120_000) -> None:
    """Wait until no run of the page's script is asked for or under way, for a third of a second.

    What was done just before may take a moment to ask for one.

    Args:
        timeout: milliseconds.
    """
    page.evaluate("delete window.atRest")
    page.wait_for_function(_AT_REST, arg=0.33, timeout=timeout)


_STILL = """node => {
  const { x, y, width, height } = node.getBoundingClientRect();
  const place = [x, y, width, height].join();
  const now = performance.now();
  if (node.stillAt?.place !== place) node.stillAt = { place, since: now, looks: 0 };
  return ++node.stillAt.looks > 8 && now - node.stillAt.since > 250;
}"""


def until_still(locator: Locator) -> None:
    """Wait until an element has stayed where it is, at its size, for a quarter of a second."""
    locator.evaluate("node => { delete node.stillAt; }")
    locator.page.wait_for_function(_STILL, arg=locator.element_handle())


def double_click(page: Page, x: float, y: float) -> None:
    """A double click whose parts reach the page together, however busy the machine is.

    `page.mouse.dblclick` waits for an answer to each part, and the views take slow ones for two.

    Args:
        x: CSS px of the viewport, like y.
    """
    page.mouse.move(x, y)
    session = page.context.new_cdp_session(page)
    parts = [
        {"type": f"mouse{kind}", "x": x, "y": y, "button": "left", "clickCount": count}
        for count in (1, 2)
        for kind in ("Pressed", "Released")
    ]

    async def send() -> None:
        sending = (session._impl_obj.send("Input.dispatchMouseEvent", part, None) for part in parts)
        await asyncio.wait_for(asyncio.gather(*sending), 60)

    session._sync(send())
    session.detach()


def until(page: Page, met: Callable[[], bool], seconds: float = 120) -> None:
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
        context.add_init_script(_WATCH_RUNS)
        page = context.new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: note("exception", str(error)))
        try:
            yield page
        finally:
            chromium.close()
    assert not errors, "the page reported errors:\n" + "\n".join(errors)
