"""Which ids Python receives, for every shape, mode, dimension and pixel density, against numpy.

One app and few pages serve many cases, so that a million points are sent once for each dimension.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.geometry import Bools, Polygon, blob_shape, inside, project
from tests.browser.harness import ROOT, browser_page, server
from tests.browser.test_map_component import MapPage
from tests.browser.test_map_selection import uncovered

pytestmark = pytest.mark.browser

MODES = {"New": "replace", "Add": "add", "Remove": "remove", "Cut": "intersect"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/map_app.py"
    with server(app, tmp_path_factory.mktemp("map")) as address:
        yield address


class Oracle:
    """The selection as it must be, worked out beside the map."""

    def __init__(self, view: MapPage) -> None:
        self.view = view
        self.selected: Bools = np.zeros(len(view.ids), dtype=bool)
        self.shown: Bools = np.ones(len(view.ids), dtype=bool)

    def enclosed(self, corners: Polygon) -> Bools:
        view = self.view
        screen, drawn = project(view.coordinates, view.camera)
        return drawn & self.shown & inside(screen, np.array(corners) - [view.left, view.top])

    def combine(self, mode: str, enclosed: Bools) -> None:
        before = self.selected
        self.selected = {
            "replace": enclosed,
            "add": before | enclosed,
            "remove": before & ~enclosed,
            "intersect": before & enclosed,
        }[mode]

    def check(self, received: dict[str, Any], op: str) -> None:
        ids = np.sort(self.view.ids[self.selected]).astype("<i8")
        assert received["op"] == op
        assert received["n"] == len(ids)
        assert received["digest"] == hashlib.sha256(ids.tobytes()).hexdigest()


def rectangle(x: float, y: float, half: float) -> tuple[Polygon, Polygon]:
    """The two corners that are dragged, and the polygon they mean."""
    left, top, right, bottom = (round(v) for v in (x - half, y - half, x + half, y + half))
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return [(left, bottom), (right, top)], corners


def press_mode(page: Page, name: str) -> None:
    page.locator(".modes button").get_by_text(name, exact=True).click()


def every_mode(oracle: Oracle, tool: str, radius: float) -> None:
    """Draw four shapes, each in another mode of the toolbar."""
    view = oracle.view
    x, y = view.middle
    places = [(x - 20, y), (x + 60, y - 30), (x - 40, y + 30), (x + 40, y - 10)]
    changes = 0
    for (name, mode), (at_x, at_y) in zip(MODES.items(), places, strict=True):
        press_mode(view.page, name)
        size = radius * 0.6 if mode == "remove" else radius  # leaves something to cut
        if tool == "Lasso (L)":
            drawn = corners = blob_shape(at_x, at_y, size)
        else:
            drawn, corners = rectangle(at_x, at_y, size)
        before = oracle.selected
        oracle.combine(mode, oracle.enclosed(corners))
        assert oracle.selected.any(), (tool, mode)
        if (oracle.selected == before).all():  # not worth a word to Python
            runs = view.state["runs"]
            view.drag(*drawn)
            view.page.wait_for_timeout(300)
            assert view.state["runs"] == runs
            continue
        changes += 1
        oracle.check(view.draw(drawn), mode)
    assert changes >= 3, tool
    press_mode(view.page, "New")


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("density", [1, 2])
def test_every_shape_and_mode(url: str, dim: int, density: int) -> None:
    with browser_page(device_scale_factor=density) as page:
        view = MapPage(page, url, n=4000, dim=dim)
        x, y = view.middle
        view.drag((x, y), (x + 50, y + 25))
        oracle = Oracle(view)
        for tool in ("Lasso (L)", "Rectangle (B)"):
            view.tool(tool)
            every_mode(oracle, tool, 100)
        # With a class hidden its points never join; New and Cut take them out of the selection.
        hidden = page.locator(".entries .entry").nth(1)
        name = hidden.locator(".name").inner_text()
        hidden.click()
        oracle.shown = np.array([c != name for c in view.classes])
        for tool in ("Lasso (L)", "Rectangle (B)"):
            view.tool(tool)
            every_mode(oracle, tool, 100)


@pytest.mark.parametrize("density", [1, 2])
def test_every_mode_with_only_what_can_be_seen(url: str, density: int) -> None:
    with browser_page(device_scale_factor=density) as page:
        view = MapPage(page, url, n=4000)
        oracle = Oracle(view)
        diameter: float = page.locator("section.map").evaluate("e => e.__view.scene.pointSize()")
        oracle.shown = uncovered(view, diameter)
        assert not oracle.shown.all()
        page.get_by_label("Select only what can be seen").click()
        for tool in ("Lasso (L)", "Rectangle (B)"):
            view.tool(tool)
            every_mode(oracle, tool, 100)


@pytest.mark.parametrize("dim", [2, 3])
def test_every_shape_and_mode_at_a_million_points(url: str, dim: int) -> None:
    with browser_page() as page:
        page.set_default_timeout(120_000)
        view = MapPage(page, url, n=1_000_000, dim=dim)
        oracle = Oracle(view)
        for tool in ("Lasso (L)", "Rectangle (B)"):
            view.tool(tool)
            every_mode(oracle, tool, 70)
