"""The viewer in a real Chromium: boxes lie on the picture at any zoom, keys lead on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import (
    ROOT,
    browser_page,
    server,
    until,
    until_at_rest,
    until_still,
)

pytestmark = pytest.mark.browser

# Shares of the picture, as viewer_page.py gives them, the largest first as they are drawn; that
# one is cut at the picture's border.
BOXES = [(0.55, 0.6, 1.0, 0.9), (0.1, 0.2, 0.4, 0.5), (0.6, 0.0, 0.8, 0.2)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/viewer_app.py"
    with server(app, tmp_path_factory.mktemp("viewer")) as address:
        yield address


@pytest.fixture(scope="module")
def browser(url: str) -> Iterator[Page]:
    with browser_page(allowed_errors=("status of 404",)) as page:
        yield page


@pytest.fixture
def page(browser: Page, url: str) -> Page:
    browser.goto(url)
    expect(browser.locator(".stage")).to_have_attribute("data-state", "loaded")
    until_at_rest(browser)
    until_still(browser.locator(".stage img"))
    return browser


def rectangle(page: Page, selector: str) -> dict[str, float]:
    found: dict[str, float] = page.locator(selector).first.evaluate(
        "node => { const r = node.getBoundingClientRect();"
        " return {x: r.x, y: r.y, width: r.width, height: r.height}; }"
    )
    return found


def box_geometry(page: Page) -> list[list[float]]:
    """Outlines as drawn, in viewport px, in drawing order: the largest box first."""
    found: list[list[float]] = page.locator(".outline").evaluate_all(
        "nodes => nodes.map(node => { const s = node.ownerSVGElement.getBoundingClientRect();"
        " const at = name => Number(node.getAttribute(name));"
        " return [at('x') + s.x, at('y') + s.y, at('width'), at('height')]; })"
    )
    return found


def expect_boxes_on_picture(page: Page) -> None:
    """Compare with the browser's own geometry of the picture."""
    until_still(page.locator(".stage img"))
    picture = rectangle(page, ".stage img")
    drawn = box_geometry(page)
    for got, (x0, y0, x1, y1) in zip(drawn, BOXES, strict=True):
        want = [
            picture["x"] + x0 * picture["width"],
            picture["y"] + y0 * picture["height"],
            (x1 - x0) * picture["width"],
            (y1 - y0) * picture["height"],
        ]
        assert got == pytest.approx(want, abs=0.6)


def test_boxes_lie_on_the_picture_at_any_zoom(page: Page) -> None:
    expect_boxes_on_picture(page)
    stage, before = rectangle(page, ".stage"), rectangle(page, ".stage img")
    page.mouse.move(stage["x"] + 300, stage["y"] + 200)
    page.mouse.wheel(0, -700)
    until(page, lambda: rectangle(page, ".stage img")["width"] > before["width"])
    expect_boxes_on_picture(page)
    page.mouse.down()
    page.mouse.move(stage["x"] + 360, stage["y"] + 230, steps=4)
    page.mouse.up()
    expect_boxes_on_picture(page)


def test_wheel_zooms_to_the_cursor(page: Page) -> None:
    stage = rectangle(page, ".stage")
    x, y = stage["x"] + 500, stage["y"] + 250
    before = rectangle(page, ".stage img")
    page.mouse.move(x, y)
    page.mouse.wheel(0, -500)
    until(page, lambda: rectangle(page, ".stage img")["width"] > 1.5 * before["width"])
    until_still(page.locator(".stage img"))
    after = rectangle(page, ".stage img")
    for axis, at, length in (("x", x, "width"), ("y", y, "height")):
        share = (at - before[axis]) / before[length]
        assert (at - after[axis]) / after[length] == pytest.approx(share, abs=0.002)


def test_drag_pans_and_double_click_fits(page: Page) -> None:
    fitted = rectangle(page, ".stage img")
    stage = rectangle(page, ".stage")
    assert fitted["height"] == pytest.approx(stage["height"], abs=1)
    page.keyboard.press("z")
    actual = rectangle(page, ".stage img")
    assert (actual["width"], actual["height"]) == (1200, 800)
    expect(page.locator(".scale")).to_have_text("100%")
    page.mouse.move(stage["x"] + 200, stage["y"] + 200)
    page.mouse.down()
    page.mouse.move(stage["x"] + 170, stage["y"] + 240, steps=3)
    page.mouse.up()
    moved = rectangle(page, ".stage img")
    assert (moved["x"] - actual["x"], moved["y"] - actual["y"]) == (-30, 40)
    page.mouse.dblclick(stage["x"] + 200, stage["y"] + 200)
    assert rectangle(page, ".stage img") == fitted
    page.keyboard.press("z")
    page.keyboard.press("0")
    assert rectangle(page, ".stage img") == fitted


def test_labels_are_text_and_stay_in_the_frame(page: Page) -> None:
    labels = page.locator(".boxes text")
    expect(labels.filter(has_text="scratch")).to_have_text("scratch 87%")
    expect(labels.filter(has_text="onerror")).to_have_count(1)
    assert page.evaluate("window.hacked") is None
    stage = rectangle(page, ".stage")
    for plate in page.locator(".plate").all():
        box = plate.bounding_box()
        assert box and box["y"] >= stage["y"] - 1
        assert box["x"] + box["width"] <= stage["x"] + stage["width"] + 1


def test_boxes_can_be_hidden(page: Page) -> None:
    outline = page.locator(".outline").first
    expect(outline).to_be_visible()
    page.keyboard.press("b")
    expect(outline).not_to_be_visible()
    page.get_by_role("button", name="Boxes (3)").click()
    expect(outline).to_be_visible()


def test_keys_and_buttons_lead_on(page: Page) -> None:
    page.keyboard.press("ArrowRight")
    expect(page.locator(".position")).to_have_text("2 / 4")
    page.get_by_role("button", name="Next picture").click()
    expect(page.locator(".position")).to_have_text("3 / 4")
    expect(page.locator(".message")).to_contain_text("could not be shown")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".stage")).to_have_attribute("data-state", "loaded")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".position")).to_have_text("3 / 4")
    page.keyboard.press("Escape")
    expect(page.locator("#heard")).to_have_text('["next", "next", "next", "previous", "close"]')
