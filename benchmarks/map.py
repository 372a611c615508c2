"""The map in a real Chromium without a graphics card, and plotly's scatter3d beside it."""

import math
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, Response, WebSocket

from benchmarks.map_data import PLOTLY_POINTS, SIZES, WARM_UP
from tests.browser.harness import browser_page, server

_PATIENCE_MS = 60_000
_QUICK_S = 100.0

# `measure(button, done)` gives the ms from pressing a button until `done()` is true. Reading a
# pixel back waits until everything before it is drawn.
_HELPERS = """
window.view = () => {  // inside the component's shadow tree
  if (!window.section?.isConnected) {
    window.section = [...document.querySelectorAll('*')]
      .map((host) => host.shadowRoot?.querySelector('section.map')).find(Boolean);
  }
  return window.section?.__view;
};
window.finish = (gl) => gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
window.frame = () => new Promise(requestAnimationFrame);
window.press = (label) => [...document.querySelectorAll('button')]
  .find((button) => button.innerText.trim() === label).click();
window.measure = async (label, done, gl) => {
  const began = window.began = performance.now();
  press(label);
  while (!done()) {
    if (performance.now() - began > PATIENCE) throw new Error(`${label}: nothing is drawn`);
    await frame();
  }
  finish(gl());
  return performance.now() - began;
};
window.mapShown = (n) => view()?.model.size === n && view().root.isConnected
  && view().root.dataset.ready;
window.allDrawn = async () => {
  while (view().scene.pace.moving || view().scene.frame) await frame();
  finish(mapGL());
  return performance.now() - began;
};
window.mapGL = () => view().scene.renderer.gl;
window.plot = () => document.querySelector('.js-plotly-plot');
window.plotGL = () => plot()._fullLayout.scene._scene.glplot.gl;
window.plotShown = (since) => {
  const glplot = plot()?._fullLayout?.scene?._scene?.glplot;
  return glplot?.objects.length && plot()._fullData[0].name !== since;
};
"""


def run(quick: bool) -> dict[str, object]:
    """Measure 10,000, 100,000 and 1,000,000 points in rounds, and give the medians.

    Args:
        quick: no more than three rounds, and only as many as two minutes hold; else five.

    Returns:
        For the largest number of points, and for each in `by_n`: `first_frame_ms` and
        `recolour_ms` (from a button's press over Python to the drawn pixels), `all_points_ms`
        (until every point is drawn: the first frame of very many holds a part of them),
        `payload_bytes_per_point` and `recolour_bytes_per_point` (HTTP bodies and websocket
        together), `rotate_frame_ms` (median of 40 frames of a rotation, each waited for),
        `full_frame_ms` (a frame with every point), `lasso_ms` (which points a lasso of 200 corners
        holds), `select_to_python_s` (from letting the mouse go until Python's answer is on the
        page) and `js_heap_mb` (with array buffers); `plotly`: the same of plotly's scatter3d with
        10,000 points, and how many times as long it takes.
    """
    app = Path(__file__).with_name("map_app.py")
    with tempfile.TemporaryDirectory() as folder, server(app, Path(folder)) as url:
        visits = _visits(url, 3 if quick else 5, _QUICK_S if quick else math.inf)
    by_n = {str(n): _median([visit[n] for visit in visits]) for n in SIZES}
    plotly = _median([visit[0] for visit in visits])
    ours = by_n[str(PLOTLY_POINTS)]
    for figure in ("first_frame_ms", "recolour_ms"):
        plotly[f"{figure.removesuffix('_ms')}_ratio"] = round(plotly[figure] / ours[figure], 1)
    return {
        **by_n[str(SIZES[-1])],
        "by_n": by_n,
        "plotly": plotly,
        "plotly_points": PLOTLY_POINTS,
        "rounds": len(visits),
    }


def _visits(url: str, most: int, seconds: float) -> list[dict[int, dict[str, float]]]:
    """One visit at least, no more than `most`, and none that is likely to end after `seconds`."""
    began = time.monotonic()
    visits, longest = [], 0.0
    while len(visits) < most and time.monotonic() - began + longest < seconds:
        at = time.monotonic()
        visits.append(_visit(url))
        longest = max(longest, time.monotonic() - at)
    return visits


def _median(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: round(statistics.median(row[key] for row in rows), 2) for key in rows[0]}


def _visit(url: str) -> dict[int, dict[str, float]]:
    """One visitor: figures by number of points, plotly's under 0."""
    figures = {}
    with browser_page(width=1000, height=900) as page:
        traffic = _Traffic(page)
        page.add_init_script(f"window.PATIENCE = {_PATIENCE_MS};{_HELPERS}")
        page.set_default_timeout(_PATIENCE_MS)
        page.goto(url)
        page.get_by_role("button", name="recolour").wait_for()
        # The scripts of both are loaded before anything is measured.
        _measure(page, "plotly", "plotShown()", "plotGL")
        _nothing(page)
        figures[0] = _plotly(page)
        _nothing(page)
        for n in SIZES:
            page.reload()
            page.get_by_role("button", name="recolour").wait_for()
            _measure(page, str(WARM_UP), f"mapShown({WARM_UP})", "mapGL")
            _nothing(page)
            figures[n] = _map(page, n, traffic)
    return figures


class _Traffic:
    """What reaches the page: bodies of binary data and websocket messages, in bytes."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._bytes = 0
        page.on("response", self._response)
        page.on("websocket", self._socket)

    def _response(self, response: Response) -> None:
        if "/blobs/" in response.url:
            self._bytes += int(response.headers["content-length"])

    def _socket(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._frame)

    def _frame(self, payload: str | bytes) -> None:
        self._bytes += len(payload)

    def taken(self) -> int:
        """Bytes since the last call, once the page is quiet."""
        self._page.wait_for_timeout(400)
        taken, self._bytes = self._bytes, 0
        return taken


def _measure(page: Page, button: str, done: str, gl: str) -> float:
    return float(page.evaluate(f"measure('{button}', () => {done}, {gl})"))


def _nothing(page: Page) -> None:
    page.evaluate("press('nothing')")
    page.wait_for_function("!plot() && !view()")


def _plotly(page: Page) -> dict[str, float]:
    first = _measure(page, "plotly", "plotShown()", "plotGL")
    name = page.evaluate("plot()._fullData[0].name")
    recolour = _measure(page, "recolour", f"plotShown('{name}')", "plotGL")
    return {"first_frame_ms": first, "recolour_ms": recolour}


def _map(page: Page, n: int, traffic: _Traffic) -> dict[str, float]:
    traffic.taken()
    first = _measure(page, str(n), f"mapShown({n})", "mapGL")
    everything = float(page.evaluate("allDrawn()"))
    payload = traffic.taken()
    page.evaluate("window.before = view().model.cloud.codes")
    recolour = _measure(page, "recolour", "view().model.cloud.codes !== before", "mapGL")
    recolour_bytes = traffic.taken()
    return {
        "first_frame_ms": first,
        "all_points_ms": everything,
        "payload_bytes_per_point": payload / n,
        "recolour_ms": recolour,
        "recolour_bytes_per_point": recolour_bytes / n,
        **_frames(page),
        "lasso_ms": _lasso(page),
        "select_to_python_s": _select(page) / 1000,
        "js_heap_mb": _heap(page),
    }


def _frames(page: Page) -> dict[str, float]:
    """A rotation's median frame, and one that holds every point."""
    moving: list[float] = page.evaluate(
        """async () => {
          const { scene } = view();
          const times = [];
          for (let i = 0; i < 40; i++) {
            await frame();
            const began = performance.now();
            scene.rotate(5, 2);
            scene.draw();
            finish(scene.renderer.gl);
            times.push(performance.now() - began);
          }
          return times;
        }"""
    )
    page.wait_for_timeout(1000)
    full: float = page.evaluate(
        """() => {
          finish(mapGL());
          const began = performance.now();
          view().scene.draw();
          finish(mapGL());
          return performance.now() - began;
        }"""
    )
    return {"rotate_frame_ms": statistics.median(moving), "full_frame_ms": full}


def _corners(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    """A wobbly lasso of 200 corners."""
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    radii = radius * (1 + 0.25 * np.sin(5 * angles))
    return list(zip(x + radii * np.cos(angles), y + radii * np.sin(angles), strict=True))


def _lasso(page: Page) -> float:
    width, height = page.evaluate("[view().scene.width, view().scene.height]")
    polygon = [float(v) for corner in _corners(width / 2, height / 2, 120) for v in corner]
    times: list[float] = page.evaluate(
        """(polygon) => [0, 1, 2, 3, 4].map(() => {
          const began = performance.now();
          view().combined(polygon, 'replace');
          return performance.now() - began;
        })""",
        polygon,
    )
    return statistics.median(times)


def _select(page: Page) -> float:
    """ms from letting the mouse go until the page shows what Python received."""
    page.locator(".tools button").nth(1).click()
    box: Any = page.locator(".stage").bounding_box()
    corners = _corners(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 120)
    before = page.locator("code").inner_text()
    page.evaluate(
        """(before) => {
          window.answered = new Promise((resolve) => addEventListener('pointerup', () => {
            const began = performance.now();
            const look = () => document.querySelector('code').innerText === before
              ? setTimeout(look, 2) : resolve(performance.now() - began);
            look();
          }, { once: true, capture: true }));
        }""",
        before,
    )
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1::8]:
        page.mouse.move(*corner)
    page.mouse.up()
    return float(page.evaluate("answered"))


def _heap(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")
    return float((used["usedSize"] + used.get("backingStorageSize", 0)) / 1e6)
