"""Cutting, undoing, brushing and looking through in a real Chromium, against numpy alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Page

from tests.browser.geometry import Bools, blob_shape, inside, project
from tests.browser.harness import ROOT, browser_page, server
from tests.browser.test_map_component import MapPage

pytestmark = pytest.mark.browser

WITHOUT_WEBGL = """
const get = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind === 'webgl2' ? null : get.call(this, kind, ...rest);
};
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/map_app.py"
    with server(app, tmp_path_factory.mktemp("map")) as address:
        yield address


def uncovered(view: MapPage, diameter: float) -> Bools:
    """Which points' middles no nearer point's disc covers, each compared with every other."""
    camera = view.camera
    screen, drawn = project(view.coordinates, camera)
    eye, target = np.array(camera["eye"]), np.array(camera["target"])
    forward = (target - eye) / np.linalg.norm(target - eye)
    depth = (view.coordinates.astype(np.float64) - eye) @ forward
    radius = diameter / 2 * np.clip(camera["dist"] / depth, 0.6, 2)
    middle = np.floor(screen) + 0.5
    covered = np.zeros(len(screen), dtype=bool)
    for x, y, z, r in zip(*screen[drawn].T, depth[drawn], radius[drawn], strict=True):
        near = ((middle - [x, y]) ** 2).sum(axis=1) <= r * r
        covered |= near & (depth > z * (1 + 1e-6))
        covered |= (middle == np.floor([x, y]) + 0.5).all(axis=1) & (depth > z * (1 + 1e-6))
    return drawn & ~covered


def selected(view: MapPage) -> set[int]:
    return set(view.state["ids"])


def press_key(view: MapPage, key: str) -> dict[str, Any]:
    runs = view.state["runs"]
    view.page.keyboard.press(key)
    return view.wait_for_run_after(runs)


def test_carving_cuts_a_volume_and_can_be_undone(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=3000)
        x, y = view.middle
        view.tool("Lasso (L)")
        first = view.expected(blob_shape(x, y, 110))
        view.draw(blob_shape(x, y, 110))

        page.get_by_role("button", name="Cut", exact=True).click()
        assert page.locator(".carving").is_visible()
        view.drag((x, y), (x + 120, y + 25), (x + 180, y + 40), button="right")
        view.tool("Rotate (R)")
        view.drag((x, y), (x + 120, y + 25), (x + 180, y + 40))
        view.tool("Lasso (L)")
        shape = blob_shape(x + 40, y - 20, 90)
        both = first & view.expected(shape)
        assert 0 < len(both) < len(first)
        received = view.draw(shape)
        assert (selected(view), received["op"]) == (both, "intersect")

        assert press_key(view, "Control+z")["op"] == "undo"
        assert selected(view) == first
        assert press_key(view, "Control+y")["op"] == "redo"
        assert selected(view) == both
        runs = view.state["runs"]
        page.locator(".history button").nth(0).click()
        page.locator(".count", has_text=f"{len(first):,} of").wait_for()
        view.wait_for_run_after(runs)  # else the next key would take this run for its own
        press_key(view, "Control+z")
        assert selected(view) == set()
        assert page.locator(".history button").nth(0).is_disabled()


def test_brushing_a_class_follows_the_mode_and_the_legend_counts(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=400)
        entries = page.locator(".entries .entry")
        names = [entries.nth(row).locator(".name").inner_text() for row in range(2)]
        of_class = [set(view.ids[[c == name for c in view.classes]].tolist()) for name in names]
        brushes = page.locator(".entries .brush")
        runs = view.state["runs"]
        brushes.nth(0).click()
        view.wait_for_run_after(runs)
        assert selected(view) == of_class[0]
        runs = view.state["runs"]
        brushes.nth(1).click(modifiers=["Shift"])
        view.wait_for_run_after(runs)
        assert selected(view) == of_class[0] | of_class[1]

        view.tool("Lasso (L)")
        kept = view.draw(blob_shape(*view.middle, 120))["ids"]
        number = entries.nth(0).locator(".number").inner_text()
        assert number == f"{len(set(kept) & of_class[0])} of {len(of_class[0])}"
        press_key(view, "Escape")
        assert entries.nth(0).locator(".number").inner_text() == str(len(of_class[0]))


@pytest.mark.parametrize("webgl", [True, False])
def test_only_what_can_be_seen_is_enclosed(url: str, webgl: bool) -> None:
    with browser_page() as page:
        if not webgl:
            page.add_init_script(WITHOUT_WEBGL)
        view = MapPage(page, url, n=5000)
        view.tool("Lasso (L)")
        page.keyboard.press("v")
        shape = blob_shape(*view.middle, 150)
        diameter: float = page.locator("section.map").evaluate("e => e.__view.scene.pointSize()")
        seen = uncovered(view, diameter)
        want = view.expected(shape, seen)
        assert 50 < len(want) < len(view.expected(shape))
        assert set(view.draw(shape)["ids"]) == want


def drawn_colours(view: MapPage, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    screen, _ = project(view.coordinates, view.camera)
    picture = view.pixels()
    columns, rows = screen[indices].astype(int).T
    return picture[rows, columns]


@pytest.mark.parametrize("dim", [2, 3])
def test_without_webgl_the_map_draws_the_same_and_selects(url: str, dim: int) -> None:
    def look(page: Page) -> tuple[MapPage, npt.NDArray[np.int64]]:
        view = MapPage(page, url, n=150, dim=dim)
        return view, view.isolated(16)

    with browser_page() as page:
        view, lone = look(page)
        with_webgl = drawn_colours(view, lone)
    with browser_page() as page:
        page.add_init_script(WITHOUT_WEBGL)
        view, lone = look(page)
        assert len(lone) > 10
        assert np.abs(drawn_colours(view, lone) - with_webgl).max() <= 3
        view.tool("Lasso (L)")
        shape = blob_shape(*view.middle, 130)
        want = view.expected(shape)
        assert want
        assert set(view.draw(shape)["ids"]) == want
        inside_shape = np.isin(view.ids[lone], list(want))
        after = np.abs(drawn_colours(view, lone) - with_webgl).max(axis=1) <= 3
        assert (after == inside_shape).all()


def test_a_million_points_give_exact_ids(url: str) -> None:
    with browser_page() as page:
        page.set_default_timeout(120_000)
        view = MapPage(page, url, n=1_000_000)
        view.tool("Lasso (L)")
        shape = blob_shape(*view.middle, 60)
        screen, drawn = project(view.coordinates, view.camera)
        mask = inside(screen, np.array(shape) - [view.left, view.top]) & drawn
        view.drag(*shape)
        page.wait_for_function(
            "() => JSON.parse(document.querySelector('code').innerText).digest !== undefined"
        )
        state = view.state
        chosen = np.sort(view.ids[mask])
        assert state["n"] == len(chosen) > 10_000
        assert state["digest"] == hashlib.sha256(chosen.astype("<i8").tobytes()).hexdigest()
