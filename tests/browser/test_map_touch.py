"""The map under fingers in a real Chromium: turning, zooming, tapping and drawing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.geometry import Polygon, blob_shape, project
from tests.browser.harness import ROOT, browser_page, server, touch, until
from tests.browser.test_map_component import MapPage
from tests.browser.test_map_exact import Oracle, press_mode

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/map_app.py"
    with server(app, tmp_path_factory.mktemp("map")) as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    with browser_page(has_touch=True) as opened:
        yield opened


@pytest.fixture
def fingers(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def draw(fingers: CDPSession, corners: Polygon) -> None:
    """One finger along these places."""
    touch(fingers, "touchStart", corners[0])
    for corner in corners[1:]:
        touch(fingers, "touchMove", corner)
    touch(fingers, "touchEnd")


def take(page: Page, tool: str) -> None:
    """Tap a tool; a tap is told from other gestures only after the fingers have gone."""
    button = page.locator(".tools button").and_(page.get_by_label(tool))
    button.tap()
    expect(button).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("dim", [2, 3])
def test_one_finger_turns_or_pans_and_two_zoom_and_pan(
    page: Page, url: str, fingers: CDPSession, dim: int
) -> None:
    view = MapPage(page, url, n=2000, dim=dim)
    x, y = view.middle
    before = view.camera
    draw(fingers, [(int(x), int(y)), (int(x) + 40, int(y)), (int(x) + 80, int(y) + 10)])
    after = view.camera
    assert after["dist"] == before["dist"]
    if dim == 3:  # turned: the eye goes round the target, which stays
        assert after["target"] == before["target"]
        assert after["eye"] != before["eye"]
    else:
        assert after["target"][0] < before["target"][0]
    # Two fingers that part: what is between them stays between them, twice as large.
    corner = view.coordinates[:, :2].mean(axis=0) if dim == 2 else None
    before = after
    touch(fingers, "touchStart", (x - 40, y))
    touch(fingers, "touchStart", (x - 40, y), (x + 40, y))
    touch(fingers, "touchMove", (x - 60, y), (x + 60, y))
    touch(fingers, "touchMove", (x - 80, y), (x + 80, y))
    touch(fingers, "touchEnd")
    after = view.camera
    assert after["dist"] == pytest.approx(before["dist"] / 2, rel=0.02)
    if corner is not None:
        assert after["target"] == pytest.approx(before["target"], abs=before["dist"] * 0.02)
    # Both to the same side: nothing but panning.
    touch(fingers, "touchStart", (x - 40, y))
    touch(fingers, "touchStart", (x - 40, y), (x + 40, y))
    touch(fingers, "touchMove", (x, y), (x + 80, y))
    touch(fingers, "touchEnd")
    panned = view.camera
    assert panned["dist"] == pytest.approx(after["dist"], rel=1e-6)
    assert panned["target"] != after["target"]
    assert view.count.startswith("0 of")


@pytest.mark.parametrize("density", [1, 2])
@pytest.mark.parametrize("dim", [2, 3])
def test_a_finger_selects_exactly_what_it_encloses(url: str, dim: int, density: int) -> None:
    with browser_page(device_scale_factor=density, has_touch=True) as page:
        fingers = page.context.new_cdp_session(page)
        view = MapPage(page, url, n=4000, dim=dim)
        x, y = view.middle
        oracle = Oracle(view)
        before = view.camera
        for tool in ("Lasso (L)", "Rectangle (B)"):
            take(page, tool)
            for mode, op in (("New", "replace"), ("Add", "add"), ("Cut", "intersect")):
                press_mode(page, mode)
                at = (x - 30, y) if op != "add" else (x + 60, y - 30)
                left, top, right, bottom = (
                    round(v) for v in (at[0] - 90, at[1] - 90, at[0] + 90, at[1] + 90)
                )
                if tool == "Lasso (L)":
                    drawn = corners = blob_shape(at[0], at[1], 100)
                else:
                    drawn = [(left, bottom), (right, top)]
                    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
                runs = view.state["runs"]
                oracle.combine(op, oracle.enclosed(corners))
                draw(fingers, drawn)
                oracle.check(view.wait_for_run_after(runs), op)
        assert view.camera == before
        assert oracle.selected.any()


def test_a_tap_selects_a_point_and_shows_its_card_and_a_second_finger_gives_a_shape_up(
    page: Page, url: str, fingers: CDPSession
) -> None:
    view = MapPage(page, url, n=200)
    index = int(view.isolated(12)[0])
    screen, _ = project(view.coordinates, view.camera)
    x, y = view.left + float(screen[index, 0]), view.top + float(screen[index, 1])
    before, runs = view.camera, view.state["runs"]
    touch(fingers, "touchStart", (x, y))
    touch(fingers, "touchMove", (x + 5, y + 3))  # fingers roll
    touch(fingers, "touchEnd")
    received = view.wait_for_run_after(runs)
    assert (received["op"], received["n"]) == ("replace", 1)
    assert view.camera == before
    expect(page.locator(".tooltip")).to_be_visible()
    shown = page.locator("section.map").evaluate("e => e.__view.model.ids[e.__view.scene.hovered]")
    assert shown == view.ids[index]
    # A palm, or a second finger that zooms, ends a lasso without a selection.
    take(page, "Lasso (L)")
    corners = blob_shape(*view.middle, 80)
    touch(fingers, "touchStart", corners[0])
    for corner in corners[1:6]:
        touch(fingers, "touchMove", corner)
    touch(fingers, "touchStart", corners[5], (corners[5][0] + 60, corners[5][1]))
    touch(fingers, "touchEnd")
    until(page, lambda: view.count.startswith("1 of"))
    assert page.locator(".overlay path").get_attribute("d") == ""
    assert np.isclose(view.camera["dist"], before["dist"])
