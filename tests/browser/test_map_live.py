"""What somebody else changes shows on the map page by itself, and disturbs nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import ROOT, browser_page, server, until
from tests.browser.map_world import CLASSES, World, make_world
from tests.browser.test_map_page import _PATIENCE, EXPECTED_ERRORS, MapPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_world(tmp_path / "world")


@pytest.fixture
def view(world: World) -> Iterator[MapPage]:
    with (
        server(ROOT / "app.py", world.folder, {"DATAG_START_WORKER": "false"}) as url,
        browser_page(1500, 1100, allowed_errors=EXPECTED_ERRORS) as page,
    ):
        page.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        yield MapPage(page, url, world, colour="tags", bars="tags")


def count_of(view: MapPage, tag: str) -> str:
    """Wait until the legend has a tag; what it says of it."""
    row = view.map().locator(".legend .row").filter(has_text=tag)
    return row.locator(".number").inner_text()


def hold(page: Page, view: MapPage) -> None:
    """Begin a lasso around the whole map and do not let go."""
    box = view.map().locator(".stage").bounding_box()
    assert box
    corners = ((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98))
    for at, (right, down) in enumerate(corners):
        page.mouse.move(box["x"] + right * box["width"], box["y"] + down * box["height"])
        if at == 0:
            page.mouse.down()


def test_a_tag_by_somebody_else_recolours_the_map_where_it_stands(
    view: MapPage, world: World
) -> None:
    page, mine = view.page, world.of_class(CLASSES[0])
    fitted = view.camera()
    view.map().locator("canvas").first.hover()
    page.mouse.wheel(0, -400)
    until(page, lambda: view.camera() != fitted)
    view.settle()
    camera = view.camera()
    view.map().evaluate("e => { e.before = true; }")
    codes = "e => [...e.__view.model.cloud.codes]"
    before = view.map().evaluate(codes)

    world.tag("scratch", mine)
    assert count_of(view, "scratch") == str(len(mine))
    until(page, lambda: view.map().evaluate(codes) != before)
    assert view.map().evaluate("e => e.before"), "the map was made anew"
    assert view.camera() == camera
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def test_it_waits_while_a_lasso_is_drawn(view: MapPage, world: World) -> None:
    page = view.page
    view.map().get_by_role("button", name="Lasso").click()
    view.settle()
    hold(page, view)
    world.tag("scratch", world.of_class(CLASSES[1]))
    expect(page.get_by_text("Somebody changed something here")).to_be_visible()
    assert "scratch" not in view.legend()
    page.mouse.up()
    view.until_selected(set(world.ids))
    n = len(world.of_class(CLASSES[1]))
    assert count_of(view, "scratch") == f"{n} of {n}"
