"""The gallery in a real Chromium: what a person does, and what Python hears of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.apps.gallery_images import FIRST_ID, GONE, MISSING, hostile_name
from tests.browser.harness import (
    ROOT,
    browser_page,
    server,
    until,
    until_at_rest,
    until_still,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/gallery_app.py"
    with server(app, tmp_path_factory.mktemp("gallery")) as address:
        yield address


@pytest.fixture(scope="module")
def browser(url: str) -> Iterator[Page]:
    # Depends on the server, so that it closes before the server does.
    # The missing picture is a 404, which Chromium reports on its console.
    with browser_page(allowed_errors=("status of 404",)) as page:
        yield page


@pytest.fixture
def page(browser: Page, url: str) -> Page:
    """A fresh visit of the gallery of 500 images."""
    return visit(browser, url, n=500)


def visit(page: Page, url: str, **query: object) -> Page:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(url + "/?" + "&".join(f"{name}={value}" for name, value in query.items()))
    expect(page.locator(".tile").first).to_be_visible()
    page.locator("#heard").wait_for()
    until_at_rest(page)
    return page


def tile(page: Page, index: int) -> Locator:
    return page.locator(f".tile[data-index='{index}']")


def heard(page: Page) -> dict[str, Any]:
    return json.loads(page.locator("#heard").inner_text())


def expect_selected(page: Page, indices: list[int]) -> None:
    """Python has these display positions, and the page shows them."""
    page.wait_for_function(
        "want => JSON.stringify(JSON.parse(document.querySelector('#heard').innerText).selected)"
        " === want",
        arg=json.dumps(indices, separators=(",", ":")),
    )

    def shows_them() -> bool:
        drawn = page.locator(".tile:not([hidden])").evaluate_all(
            "tiles => tiles.map(tile => [Number(tile.dataset.index), tile.ariaSelected])"
        )
        shown = {index for index, selected in drawn if selected == "true"}
        return shown == set(indices) & {index for index, _ in drawn}

    until(page, shows_them)


def test_captions_are_text_and_lost_pictures_say_so(page: Page) -> None:
    expect(tile(page, 0).locator(".name")).to_have_text("panel_000000.png")
    expect(tile(page, 0).locator(".name")).to_have_attribute("title", "loom-2/panel_000000.png")
    expect(tile(page, 2).locator(".prediction")).to_have_text("global2%")
    expect(tile(page, 2).locator(".chip")).to_have_text(["reviewed", "스크래치"])
    name = tile(page, 1).locator(".name")
    expect(name).to_have_attribute("title", hostile_name())
    assert page.evaluate("window.hacked") is None
    expect(tile(page, 0)).to_have_attribute("data-state", "loaded")
    expect(tile(page, MISSING).get_by_text("Picture is missing")).to_be_visible()
    expect(tile(page, GONE).locator(".name")).to_have_text("No longer there")


def test_mouse_selection_arrives_exactly(page: Page) -> None:
    tile(page, 2).click()
    expect_selected(page, [2])
    tile(page, 5).click(modifiers=["ControlOrMeta"])
    expect_selected(page, [2, 5])
    tile(page, 7).click(modifiers=["Shift"])
    expect_selected(page, [5, 6, 7])
    tile(page, 0).hover()
    tile(page, 0).locator(".check").click()
    expect_selected(page, [0, 5, 6, 7])
    tile(page, 1).click(modifiers=["ControlOrMeta", "Shift"])
    expect_selected(page, [0, 1, 5, 6, 7])
    expect(page.locator(".count")).to_have_text("5 of 500 selected")


def test_keyboard_selection_arrives_exactly(page: Page) -> None:
    tile(page, 0).click()
    expect_selected(page, [0])
    columns = int(page.locator(".scroller").get_attribute("aria-colcount") or 0)
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect_selected(page, list(range(columns + 2)))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect_selected(page, [*range(columns + 2), columns + 3])
    page.keyboard.press("Escape")
    expect_selected(page, [])
    page.keyboard.press("End")
    expect(tile(page, 499)).to_be_visible()
    page.keyboard.press("Space")
    expect_selected(page, [499])
    page.keyboard.press("ControlOrMeta+a")
    expect_selected(page, list(range(500)))


def test_toolbar_selects_all_none_and_the_rest(page: Page) -> None:
    tile(page, 1).click()
    page.get_by_role("button", name="Invert").click()
    expect_selected(page, [0, *range(2, 500)])
    page.get_by_role("button", name="None").click()
    expect_selected(page, [])
    page.get_by_role("button", name="Select all").click()
    expect_selected(page, list(range(500)))


def test_double_click_and_enter_open(page: Page) -> None:
    tile(page, 6).dblclick()
    page.wait_for_function("document.querySelector('#heard').innerText.includes('opened\": 5')")
    assert heard(page)["opened"] == FIRST_ID + 6
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "id => JSON.parse(document.querySelector('#heard').innerText).opened === id",
        arg=FIRST_ID + 7,
    )
    expect_selected(page, [])


def test_a_double_click_leaves_the_selection_as_it_was(page: Page) -> None:
    tile(page, 2).click()
    expect_selected(page, [2])
    tile(page, 6).dblclick()
    page.wait_for_function(
        "id => JSON.parse(document.querySelector('#heard').innerText).opened === id",
        arg=FIRST_ID + 6,
    )
    expect_selected(page, [2])


def test_selection_from_python_shows_and_is_not_echoed(page: Page) -> None:
    page.get_by_role("button", name="Every tenth").click()
    expect(page.locator(".count")).to_have_text("50 of 500 selected")
    expect_selected(page, list(range(0, 500, 10)))
    page.get_by_role("button", name="Forget selection").click()
    expect(page.locator(".count")).to_have_text("Images: 500")
    # What is heard of next is a click, the first thing that was chosen here.
    tile(page, 3).click()
    expect_selected(page, [3])
    assert heard(page)["selects"] == 1


def test_own_selection_coming_back_never_undoes_a_later_one(page: Page) -> None:
    tile(page, 0).click()
    # Steps of about the length of a rerun, so that answers arrive between them.
    for _ in range(25):
        page.keyboard.press("Shift+ArrowRight")
        page.wait_for_timeout(230)
    expect_selected(page, list(range(26)))


# Mounts one view at two places in turn, as Streamlit does when it builds a page anew.
REMOUNT = """
async (leaveFirst) => {
  const address = performance.getEntriesByType('resource').map((entry) => entry.name)
    .find((name) => name.endsWith('/shared/mount.js'));
  const { keepViews } = await import(address);
  const root = document.createElement('button');
  const mount = keepViews(() => ({ root, update: () => {} }));
  const [first, second, elsewhere] = ['div', 'div', 'button'].map((tag) => document.body
    .appendChild(document.createElement(tag)));
  const component = (parentElement) => ({ data: { view: 'v' }, parentElement });
  const overtaken = mount(component(first));
  const cleanUp = mount(component(first));
  overtaken();
  const stayed = root.parentNode === first;
  root.focus();
  if (leaveFirst) elsewhere.focus();
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  elsewhere.blur();
  first.remove();
  cleanUp();
  mount(component(second));
  const result = { stayed, moved: root.parentNode === second,
    focused: document.activeElement === root };
  second.remove();
  elsewhere.remove();
  return result;
}
"""


@pytest.mark.parametrize("leave_first", [False, True])
def test_a_view_mounted_anew_keeps_the_focus_unless_it_was_left(
    page: Page, leave_first: bool
) -> None:
    found = page.evaluate(REMOUNT, leave_first)
    assert found == {"stayed": True, "moved": True, "focused": not leave_first}


def test_place_and_selection_survive_reruns_and_other_pages(page: Page) -> None:
    tile(page, 1).click()
    expect_selected(page, [1])
    page.locator(".scroller").evaluate("node => { node.scrollTop = 9000; }")
    expect(page.locator(".tile").first).not_to_have_attribute("data-index", "0")
    until_at_rest(page)
    top = page.locator(".scroller").evaluate("node => node.scrollTop")
    first = page.locator(".tile").first.get_attribute("data-index")
    page.get_by_role("button", name="Rerun").click()
    until_at_rest(page)
    assert page.locator(".scroller").evaluate("node => node.scrollTop") == top
    page.get_by_role("link", name="Other").click()
    page.get_by_text("Another page").wait_for()
    page.get_by_role("link", name="Images").click()
    page.locator(".tile").first.wait_for()
    scroller = page.locator(".scroller")
    until(page, lambda: abs(scroller.evaluate("node => node.scrollTop") - top) < 2)
    expect(page.locator(".tile").first).to_have_attribute("data-index", str(first))
    expect(page.locator(".count")).to_have_text("1 of 500 selected")


# Scrolls again and again just when the gallery takes an earlier scroll to be over, before the
# browser has told of the new one; gives the places where it did not stay.
LATE_SCROLLS = """
async (node) => {
  const lost = [];
  for (let i = 1; i <= 20; i++) {
    node.scrollTop = 1000 + i * 100;
    await new Promise(requestAnimationFrame);
    const place = 9000 + i * 100;
    await new Promise((resolve) => { setTimeout(() => {
      node.scrollTop = place;
      for (const end = performance.now() + 15; performance.now() < end;);
      setTimeout(resolve, 250);
    }, 55); });
    if (node.scrollTop !== place) lost.push([place, node.scrollTop]);
  }
  return lost;
}
"""


def test_a_scroll_is_never_taken_back(page: Page) -> None:
    assert page.locator(".scroller").evaluate(LATE_SCROLLS) == []


def test_only_what_is_in_sight_is_drawn_and_asked_for(browser: Page, url: str) -> None:
    page = visit(browser, url, n=100_000)
    before = page.request.get(f"{url}/test/asked").json()
    for step in range(1, 40):
        page.locator(".scroller").evaluate(
            "(node, top) => { node.scrollTop = top; }", step * 90_000
        )
    page.locator(".scroller").evaluate("node => { node.scrollTop = node.scrollHeight; }")
    expect(tile(page, 99_999)).to_have_attribute("data-state", "loaded")
    expect(tile(page, 99_999).locator(".name")).to_have_text("panel_099999.png")
    assert page.locator(".tile").count() < 80
    asked = page.request.get(f"{url}/test/asked").json()
    # On a slow machine every stop may be long enough to load what is in sight there, no more.
    most = 41 * page.locator(".tile").count()
    assert len(asked["rows"]) - len(before["rows"]) <= most
    assert len(asked["thumbnails"]) - len(before["thumbnails"]) <= most


def test_a_million_images_reach_their_end_and_select_at_once(browser: Page, url: str) -> None:
    page = visit(browser, url, n=1_000_000)
    page.get_by_role("button", name="S", exact=True).click()
    page.locator(".scroller").focus()
    page.keyboard.press("End")
    expect(tile(page, 999_999).locator(".name")).to_have_text("panel_999999.png")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ControlOrMeta+a")
    expect(page.locator(".count")).to_have_text("1,000,000 of 1,000,000 selected")
    page.wait_for_function(
        "JSON.parse(document.querySelector('#heard').innerText).count === 1000000"
    )
    page.locator(".scroller").hover()
    page.mouse.wheel(0, -500)
    page.wait_for_timeout(500)
    expect(page.locator(".tile[aria-selected=false]:not([hidden])")).to_have_count(0)


def test_changed_data_is_asked_for_again(page: Page, url: str) -> None:
    expect(tile(page, 0).locator(".name")).not_to_be_empty()
    before = page.request.get(f"{url}/test/asked").json()["rows"].count(FIRST_ID)
    page.get_by_role("button", name="Rerun").click()

    def asked() -> int:
        return int(page.request.get(f"{url}/test/asked").json()["rows"].count(FIRST_ID))

    until(page, lambda: asked() > before)
    until_at_rest(page)
    assert asked() == before + 1


def test_empty_gallery_says_so(browser: Page, url: str) -> None:
    browser.goto(f"{url}/?n=0")
    expect(browser.get_by_text("Nothing was found.")).to_be_visible()
    expect(browser.locator(".count")).to_have_text("Images: 0")


@pytest.mark.parametrize("width", [420, 1600])
def test_columns_follow_the_width(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    columns = 2 if width == 420 else 6
    expect(page.locator(".scroller")).to_have_attribute("aria-colcount", str(columns))
    until_still(page.locator(".scroller"))
    until_still(tile(page, columns))
    boxes = [tile(page, index).bounding_box() for index in range(columns + 1)]
    scroller = page.locator(".scroller").bounding_box()
    assert scroller and all(box is not None for box in boxes)
    rows = [box["y"] for box in boxes if box]
    assert len(set(rows[:columns])) == 1 and rows[columns] > rows[0]
    last = boxes[columns - 1]
    assert last and last["x"] + last["width"] <= scroller["x"] + scroller["width"]
