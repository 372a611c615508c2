"""An image opened on the map, and what map and gallery show of the cursor in each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.geometry import project
from tests.browser.harness import browser_page, double_click, until
from tests.browser.map_world import CLASSES, World
from tests.browser.test_map_page import EXPECTED_ERRORS, MapPage, url, world

__all__ = ["url", "world"]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 120_000  # milliseconds
# The pictures of this project have thumbnails and no originals.
_ERRORS = (*EXPECTED_ERRORS, "/original")


@pytest.fixture
def page() -> Iterator[Page]:
    with browser_page(1440, 900, allowed_errors=_ERRORS) as opened:
        opened.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        yield opened


def place_of(view: MapPage, image_id: int, place: int = 0) -> tuple[float, float]:
    """Where the point of an image is on the page, worked out beside the map; CSS px."""
    camera, positions, ids = view.map(place).evaluate(
        """e => { const { scene, model } = e.__view;
          return [scene.camera.state(scene.width, scene.height), [...model.cloud.positions],
                  [...model.ids]]; }"""
    )
    points = np.array(positions).reshape(-1, 3)
    screen, _ = project(points[:, : 3 if camera["dim"] == 3 else 2], camera)
    x, y = screen[ids.index(image_id)]
    stage = view.map(place).locator(".stage").bounding_box()
    assert stage
    return stage["x"] + float(x), stage["y"] + float(y)


def ring(view: MapPage, kind: str, place: int = 0) -> Locator:
    """The ring around the point that is pointed at or opened."""
    return view.map(place).locator(f".pin.{kind}")


def expect_ring(view: MapPage, kind: str, image_id: int, place: int = 0) -> None:
    """The ring is around the point of this image."""
    expect(ring(view, kind, place)).to_be_visible()

    def around() -> bool:
        box = ring(view, kind, place).bounding_box()
        if box is None:
            return False
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        return middle == pytest.approx(place_of(view, image_id, place), abs=1)

    until(view.page, around)


def opened(page: Page) -> int:
    """The image that is shown large."""
    shown: int = page.locator(".viewer").evaluate(
        "e => Number(e.querySelector('.stage img').src.match(/images\\/(\\d+)/)[1])"
    )
    return shown


def focused(page: Page) -> str:
    """The class of what has the focus."""
    name: str = page.evaluate(
        """() => { let at = document.activeElement;
          while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
          return at.className; }"""
    )
    return name


def lonely(world: World, view: MapPage, among: set[int]) -> int:
    """An image whose point no other one's comes near."""
    places = {i: np.array(place_of(view, i)) for i in world.ids}
    distance = {
        i: min(float(np.hypot(*(places[i] - places[j]))) for j in world.ids if j != i)
        for i in among
    }
    return max(distance, key=lambda i: distance[i])


def test_a_double_click_opens_beside_the_map_and_escape_leads_back(
    page: Page, url: str, world: World
) -> None:
    view = MapPage(page, url, world, colour="prediction")
    view.query("meta.mark:0..4")
    chosen = world.marked(0, 1, 2, 3, 4)
    view.until_selected(chosen)
    view.settle()
    address, camera = view.until_address("sel"), view.camera()
    first = lonely(world, view, chosen)
    double_click(page, *place_of(view, first))
    expect(page.locator(".viewer")).to_be_visible()
    view.settle()
    assert opened(page) == first
    assert page.url.startswith(f"{url}/map?")
    expect_ring(view, "opened", first)
    # The next one of the selection, and on the map its point.
    position = page.locator(".viewer .position").inner_text()
    assert position.endswith(f"of {len(chosen)}")
    page.keyboard.press("ArrowRight" if not position.startswith(f"{len(chosen)} ") else "ArrowLeft")
    expect(page.locator(".viewer .position")).not_to_have_text(position)
    view.settle()
    second = opened(page)
    assert second != first and second in chosen
    expect_ring(view, "opened", second)
    page.keyboard.press("Escape")
    expect(page.locator(".viewer")).to_have_count(0)
    view.settle()
    expect(page.locator(".gallery")).to_be_visible()
    expect(ring(view, "opened")).to_be_hidden()
    assert (view.selected(), view.camera()) == (chosen, camera)
    assert view.until_address("sel") == address
    until(page, lambda: focused(page) == "stage")
    # The bars and the gallery were told of nothing either.
    expect(page.get_by_text(f"{len(chosen)} selected, the oddest first")).to_be_visible()


def test_enter_opens_the_only_selected_point_and_escape_on_the_map_closes_it(
    page: Page, url: str, world: World
) -> None:
    view = MapPage(page, url, world, colour="prediction")
    chosen = lonely(world, view, set(world.ids))
    page.mouse.click(*place_of(view, chosen))
    view.until_selected({chosen})
    expect(page.get_by_text("1 selected, the oddest first")).to_be_visible()
    page.mouse.move(5, 5)
    page.keyboard.press("Enter")
    expect(page.locator(".viewer")).to_be_visible()
    view.settle()
    assert opened(page) == chosen
    view.map().locator(".stage").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".viewer")).to_have_count(0)
    assert view.selected() == {chosen}
    page.keyboard.press("Escape")
    view.until_selected(set())


def test_a_new_selection_shows_in_place_of_the_opened_image(
    page: Page, url: str, world: World
) -> None:
    view = MapPage(page, url, world, colour="prediction")
    chosen = lonely(world, view, set(world.ids))
    double_click(page, *place_of(view, chosen))
    expect(page.locator(".viewer")).to_be_visible()
    expect(page.locator(".viewer .position")).to_contain_text(f"of {len(world.ids)}")
    view.settle()
    page.get_by_role("button", name=f"Select {CLASSES[0]}").click()
    view.until_selected(world.of_class(CLASSES[0]))
    expect(page.locator(".viewer")).to_have_count(0)
    expect(page.get_by_text(f"{len(world.of_class(CLASSES[0]))} selected")).to_be_visible()


def test_gallery_and_map_point_at_each_others_images_without_a_run(
    page: Page, url: str, world: World
) -> None:
    view = MapPage(page, url, world, colour="prediction")
    tiles = page.locator(".gallery .tile:not([hidden])")
    expect(page.locator(".gallery .tile:not([hidden]):not([data-state=loaded])")).to_have_count(0)
    tiles.nth(1).hover()
    ids: list[int] = page.locator(".gallery .tile:not([hidden]) img").evaluate_all(
        "all => all.map((e) => Number(e.src.match(/images\\/(\\d+)/)?.[1] ?? -1))"
    )
    expect_ring(view, "pointed", ids[1])
    # The keyboard points as well.
    page.mouse.move(5, 5)
    expect(ring(view, "pointed")).to_be_hidden()
    page.locator(".gallery .scroller").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect_ring(view, "pointed", ids[2])
    # And the other way round.
    page.mouse.move(*place_of(view, lonely(world, view, set(ids) - {-1})))
    pointed = page.locator(".gallery .tile.pointed img")
    expect(pointed).to_have_count(1)

    def same() -> bool:
        shown = view.map().evaluate("e => e.__view.model.ids[e.__view.scene.hovered]")
        return f"/images/{shown}/" in (pointed.get_attribute("src") or "")

    until(page, same)
    page.mouse.move(5, 5)
    expect(page.locator(".gallery .tile.pointed")).to_have_count(0)
    assert view.selected() == set()


def test_two_maps_show_the_card_of_the_image_under_the_cursor(
    page: Page, url: str, world: World
) -> None:
    view = MapPage(page, url, world, colour="prediction", beside=world.deep)
    view.map(1).wait_for()
    view.settle()
    both = world.of_class(CLASSES[0]) | world.of_class(CLASSES[1])
    chosen = lonely(world, view, both)
    page.mouse.move(*place_of(view, chosen))
    expect_ring(view, "pointed", chosen, 1)
    names = [view.map(place).locator(".tooltip-name") for place in (0, 1)]
    for name in names:
        expect(name).not_to_be_empty()
    until(page, lambda: names[0].inner_text() == names[1].inner_text())
    page.mouse.move(5, 5)
    expect(view.map(1).locator(".tooltip")).to_be_hidden()
    # An image that is opened takes the place of the map that it was not opened on.
    double_click(page, *place_of(view, chosen))
    expect(page.locator(".viewer")).to_be_visible()
    view.settle()
    expect(page.locator("section.map")).to_have_count(1)
    assert opened(page) == chosen
    page.keyboard.press("Escape")
    expect(page.locator("section.map[data-ready]")).to_have_count(2)
