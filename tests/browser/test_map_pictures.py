"""Points that become their pictures at close range, in a real Chromium, against numpy alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Error, Page, Route

from tests.browser.geometry import blob_shape, project
from tests.browser.harness import ROOT, browser_page, server, until
from tests.browser.test_map_component import MapPage
from tests.browser.test_map_selection import WITHOUT_WEBGL, press_key

pytestmark = pytest.mark.browser

MOST = 120


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/map_app.py"
    with server(app, tmp_path_factory.mktemp("map")) as address:
        yield address


def thumbnail_colour(image_id: int) -> npt.NDArray[np.int64]:
    """What the test app's route draws."""
    return np.array([image_id * 37 % 256, image_id * 91 % 256, 120])


def pictures(view: MapPage) -> list[int]:
    """Image ids whose pictures are drawn, once no more are on their way."""
    view.at_rest()
    view.page.wait_for_function(
        "() => { const { pictures } = document.querySelector('*').ownerDocument.__map();"
        " return !pictures.cache.asking.size && !pictures.cache.wanted"
        ".some((url) => !pictures.cache.bitmaps.has(url)); }"
    )
    view.at_rest()
    found: list[int] = view.page.evaluate(
        "() => { const { pictures } = document.__map();"
        " return pictures.places.map(({ index }) => document.__view().model.ids[index]); }"
    )
    return found


def until_any(page: Page, any_: bool) -> None:
    """Wait until a frame with pictures, or one without, was drawn."""
    page.wait_for_function("any => (document.__map().pictures.places.length > 0) === any", arg=any_)


HANDLES = """
document.__view = () => [...document.querySelectorAll('*')]
  .map((host) => host.shadowRoot?.querySelector('section.map')).find(Boolean).__view;
document.__map = () => document.__view().scene;
"""


def open_map(page: Page, url: str, n: int, dim: int, webgl: bool = True) -> MapPage:
    page.add_init_script(HANDLES + ("" if webgl else WITHOUT_WEBGL))
    return MapPage(page, url, n=n, dim=dim, pictures=True)


def assert_drawn(view: MapPage, ids: list[int]) -> None:
    """In the middle of where numpy projects each of the points, its own picture lies on top."""
    screen, _ = project(view.coordinates, view.camera)
    order = np.argsort(view.ids)
    index = order[np.searchsorted(view.ids[order], ids)]
    image = view.pixels()
    for image_id, (x, y) in zip(ids, screen[index].astype(int), strict=True):
        near = np.abs(image[y, x] - thumbnail_colour(image_id)).max()
        assert near <= 12, (image_id, image[y, x], thumbnail_colour(image_id))


@pytest.mark.parametrize(("dim", "webgl"), [(2, True), (3, True), (2, False), (3, False)])
def test_few_points_in_view_become_their_pictures(url: str, dim: int, webgl: bool) -> None:
    with browser_page() as page:
        view = open_map(page, url, 60, dim, webgl)
        shown = pictures(view)
        screen, drawn = project(view.coordinates, view.camera)
        assert 15 < len(shown) <= int(drawn.sum())
        assert set(shown) <= set(view.ids.tolist())
        # A crowd shows one: its pictures would lie over each other. In 2D none covers a middle.
        if dim == 2:
            assert_drawn(view, shown)
        else:
            assert_drawn(view, shown[-5:])

        view.stage.focus()
        page.keyboard.press("t")
        until_any(page, False)
        assert pictures(view) == []
        lone = view.isolated(24)
        assert len(lone) >= 3
        image = view.pixels()
        for x, y in screen[lone].astype(int):
            # A point again: a few px away there is nothing but the lines of the floor.
            assert np.abs(image[y - 12, x] - image[12, 12]).max() < 40
        page.get_by_label("Points become their pictures at close range (T)").click()
        until_any(page, True)
        assert set(pictures(view)) == set(shown)


def test_pictures_come_with_zooming_in_bounded_in_number_and_in_memory(url: str) -> None:
    requests: list[str] = []
    with browser_page() as page:
        page.on("request", lambda r: requests.append(r.url) if "thumbnail" in r.url else None)
        view = open_map(page, url, 20_000, 2)
        assert pictures(view) == []
        assert requests == []
        x, y = view.middle
        seen: set[int] = set()
        for step in range(12):
            page.mouse.move(x, y)
            page.mouse.wheel(0, -1200 if step == 0 else -300)
            shown = pictures(view)
            assert len(shown) <= MOST
            seen |= set(shown)
            assert_drawn(view, shown)
        assert len(seen) > 20
        for _ in range(8):
            view.drag((x, y), (x + 180, y + 90))
            seen |= set(pictures(view))
        assert page.evaluate("document.__map().pictures.cache.bitmaps.size") <= 240
        assert len(requests) <= len(seen) * 2 + 40


def test_a_picture_is_hovered_clicked_and_lassoed_as_its_point(url: str) -> None:
    with browser_page() as page:
        view = open_map(page, url, 60, 2)
        shown = pictures(view)
        places = page.evaluate("document.__map().pictures.places")
        ids = page.evaluate("Array.from(document.__view().model.ids)")
        # Far from the middle, where the point's own disc does not reach.
        place = places[-1]
        at = (
            view.left + place["x"] + place["width"] * 0.45,
            view.top + place["y"] - place["height"] * 0.45,
        )
        page.mouse.move(*at)
        page.locator(".tooltip-name").get_by_text(f"_{ids[place['index']]}.png").wait_for()
        runs = view.state["runs"]
        page.mouse.click(*at)
        assert view.wait_for_run_after(runs)["ids"] == [ids[place["index"]]]
        press_key(view, "Escape")
        view.tool("Lasso (L)")
        shape = blob_shape(*view.middle, 150)
        want = view.expected(shape)
        assert 0 < len(want & set(shown)) < len(shown)
        assert set(view.draw(shape)["ids"]) == want
        # Pictures outside the selection fade into the background, the others stay as they are.
        image = view.pixels()
        for place in places:
            image_id = ids[place["index"]]
            pixel = image[int(place["y"]), int(place["x"])]
            full = np.abs(pixel - thumbnail_colour(image_id)).max() <= 12
            assert full == (image_id in want), image_id


def test_slow_and_missing_pictures_hold_nothing_up(url: str) -> None:
    held: list[Route] = []
    with browser_page(allowed_errors=("404",)) as page:
        page.route("**/thumbnail", lambda route: held.append(route))
        view = open_map(page, url, 60, 3)
        until(page, lambda: bool(held))
        # Every picture is on its way: points are drawn, turned and selected.
        assert 0 < len(held) <= 4
        camera = view.camera
        x, y = view.middle
        view.drag((x, y), (x + 80, y + 30))
        assert view.camera["eye"] != camera["eye"]
        view.tool("Lasso (L)")
        shape = blob_shape(x, y, 150)
        want = view.expected(shape)
        assert set(view.draw(shape)["ids"]) == want
        page.route("**/thumbnail", lambda route: route.fulfill(status=404))
        for route in held:
            with contextlib.suppress(Error):  # those that were given up while the map turned
                route.fulfill(status=404)
        assert pictures(view) == []
        assert page.evaluate(
            "[...document.__map().pictures.cache.bitmaps.values()].every((b) => !b)"
        )
