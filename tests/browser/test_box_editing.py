"""Boxes drawn, moved, resized, named and deleted in a real Chromium, by mouse, finger and key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.browser.harness import (
    ROOT,
    browser_page,
    server,
    settled,
    touch,
    until,
    until_at_rest,
)

pytestmark = pytest.mark.browser

NEW = ".outline.drawn, .outline.draft"
# Keys in quick succession, however busy the machine is.
PRESS = """(node, keys) => keys.forEach((key) => node.dispatchEvent(
  new KeyboardEvent('keydown', { ...key, bubbles: true, composed: true, cancelable: true })))"""
MODEL = [(0.1, 0.2, 0.4, 0.5), (0.55, 0.6, 1.0, 0.9), (0.6, 0.0, 0.8, 0.2)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/viewer_app.py"
    with server(app, tmp_path_factory.mktemp("viewer")) as address:
        yield f"{address}/?edit=1"


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with browser_page(allowed_errors=("status of 404",)) as page:
        yield page


class Desk:
    """A person who edits the boxes of the first picture, and what Python was told of it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.page.locator("#told").inner_text())
        return found

    def edits(self, number: int, picture: int = 1) -> list[list[Any]] | None:
        """Wait for that many saved edits and that picture; its boxes as Python has them then."""
        told = self.page.locator("#told")
        expect(told).to_contain_text(f'"picture": {picture}, "edits": {number},')
        boxes: list[list[Any]] | None = self.told()["drawn"]
        return boxes

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a share of the picture lies in the window, by the browser's own geometry."""
        box = self.page.locator(".stage img").bounding_box()
        assert box
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=5)
        self.page.mouse.up()

    def draw(self, start: tuple[float, float], end: tuple[float, float], label: str) -> None:
        self.drag(start, end)
        field = self.field()
        expect(field).to_be_focused()
        field.fill(label)
        field.press("Enter")

    def field(self) -> Locator:
        return self.page.get_by_role("combobox", name="Class of the box")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)


@pytest.fixture
def desk(browser: Page, url: str) -> Desk:
    browser.goto(url)
    expect(browser.locator(".stage")).to_have_attribute("data-state", "loaded")
    until_at_rest(browser)
    browser.keyboard.press("e")
    expect(browser.get_by_role("button", name="Edit boxes")).to_have_attribute(
        "aria-pressed", "true"
    )
    settled(browser)
    return Desk(browser)


@pytest.fixture
def empty(desk: Desk) -> Desk:
    """Nothing is in the picture, which was the first edit."""
    desk.button("There are none").click()
    assert desk.edits(1) == []
    settled(desk.page)
    return desk


def test_a_box_is_drawn_and_named(empty: Desk) -> None:
    empty.draw((0.3, 0.35), (0.5, 0.7), "dent")
    (box,) = empty.edits(2) or []
    assert box[0] == "dent"
    assert box[1:] == pytest.approx([0.3, 0.35, 0.5, 0.7], abs=0.003)
    # From the lower right to the upper left it is the same box, cut at the picture's border.
    empty.page.keyboard.press("Escape")
    empty.drag((0.2, 0.3), (-0.05, 0.02))
    empty.field().press("Enter")
    boxes = empty.edits(3) or []
    assert boxes[1] == ["dent", 0, pytest.approx(0.02, abs=0.003), *map(near, (0.2, 0.3))]


def near(share: float) -> Any:
    return pytest.approx(share, abs=0.003)


def test_a_class_is_completed_from_the_project_s(empty: Desk) -> None:
    empty.drag((0.3, 0.35), (0.5, 0.7))
    field, options = empty.field(), empty.page.get_by_role("option")
    expect(options).to_have_count(4)
    field.type("scr")
    expect(options).to_have_text(["scratch", "scrap"])
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    assert (empty.edits(2) or [])[0][0] == "scrap"
    # Another one that nobody has used yet, then one by the mouse.
    empty.page.keyboard.press("Enter")
    empty.field().fill("홈")
    empty.field().press("Enter")
    assert (empty.edits(3) or [])[0][0] == "홈"
    empty.button("Class: 홈").click()
    empty.page.get_by_role("option", name="얼룩").click()
    assert (empty.edits(4) or [])[0][0] == "얼룩"


def test_escape_gives_a_new_box_up(empty: Desk) -> None:
    empty.drag((0.3, 0.35), (0.5, 0.7))
    empty.field().press("Escape")
    expect(empty.page.locator(NEW)).to_have_count(0)
    empty.page.mouse.move(*empty.at(0.3, 0.3))
    empty.page.mouse.down()
    empty.page.mouse.move(*empty.at(0.6, 0.6), steps=3)
    expect(empty.page.locator(".outline.draft")).to_have_count(1)
    empty.page.keyboard.press("Escape")
    empty.page.mouse.up()
    expect(empty.page.locator(NEW)).to_have_count(0)
    # Nothing was saved on the way to the next box.
    empty.draw((0.3, 0.35), (0.5, 0.7), "dent")
    assert len(empty.edits(2) or []) == 1


def test_a_box_is_moved_resized_and_deleted(empty: Desk) -> None:
    empty.draw((0.3, 0.35), (0.5, 0.7), "dent")
    empty.edits(2)
    empty.drag((0.4, 0.5), (0.5, 0.4))
    (box,) = empty.edits(3) or []
    assert box[1:] == [near(0.4), near(0.25), near(0.6), near(0.6)]
    empty.drag((0.6, 0.6), (0.7, 0.8))
    (box,) = empty.edits(4) or []
    assert box[1:] == [near(0.4), near(0.25), near(0.7), near(0.8)]
    empty.drag((0.4, 0.5), (0.8, 0.5))  # the left side past the right one
    (box,) = empty.edits(5) or []
    assert box[1:] == [near(0.7), near(0.25), near(0.8), near(0.8)]
    empty.drag((0.75, 0.5), (1.5, 0.5))  # as far as the picture reaches
    (box,) = empty.edits(6) or []
    assert box[1:] == [near(0.9), near(0.25), 1, near(0.8)]
    empty.page.keyboard.press("Delete")
    assert empty.edits(7) == []


def test_boxes_inside_others_are_drawn_and_chosen(empty: Desk) -> None:
    empty.draw((0.1, 0.1), (0.9, 0.9), "dent")
    empty.edits(2)
    empty.page.keyboard.press("Escape")
    empty.draw((0.4, 0.4), (0.6, 0.6), "scratch")
    assert len(empty.edits(3) or []) == 2
    empty.page.mouse.click(*empty.at(0.2, 0.5))
    expect(empty.button("Class: dent")).to_be_visible()
    empty.page.keyboard.press("Escape")
    empty.page.mouse.click(*empty.at(0.5, 0.5))
    expect(empty.button("Class: scratch")).to_be_visible()
    empty.button("Delete box").click()
    assert [box[0] for box in empty.edits(4) or []] == ["dent"]


def test_keys_alone_draw_choose_nudge_and_delete(empty: Desk) -> None:
    page = empty.page
    page.keyboard.press("n")
    page.keyboard.type("dent")
    page.keyboard.press("Enter")
    (before,) = empty.edits(2) or []
    page.locator(".stage").evaluate(
        PRESS,
        [
            {"key": "ArrowRight"},
            {"key": "ArrowRight"},
            {"key": "ArrowDown", "shiftKey": True},
            {"key": "ArrowLeft", "altKey": True},
        ],
    )
    (after,) = empty.edits(3) or []  # one change for all four keys
    moved = [now - was for was, now in zip(before[1:], after[1:], strict=True)]
    assert moved == pytest.approx([2 / 1200, 10 / 800, 1 / 1200, 10 / 800], abs=1e-9)
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    assert len(empty.edits(4) or []) == 2
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator(".spoken")).to_have_text("Box 1 of 2: dent")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".spoken")).to_have_text("Box 2 of 2: dent")
    page.keyboard.press("Delete")
    assert empty.edits(5) == [after]
    # The focus is not held: past the last box it goes on.
    page.keyboard.press("Escape")
    expect(page.locator(".stage")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".stage")).not_to_be_focused()


def test_the_model_s_boxes_are_taken_over_with_the_first_correction(desk: Desk) -> None:
    page = desk.page
    expect(page.locator(".outline.model")).to_have_count(3)
    expect(page.locator(".outline.drawn")).to_have_count(0)
    page.mouse.click(*desk.at(0.25, 0.35))
    desk.drag((0.25, 0.35), (0.3, 0.35))
    boxes = desk.edits(1) or []
    assert boxes[0] == ["scratch", near(0.15), near(0.2), near(0.45), near(0.5)]
    assert [tuple(box[1:]) for box in boxes[1:]] == MODEL[1:]
    # Both are there, told apart; the model's can be hidden.
    expect(page.locator(".outline.model")).to_have_count(3)
    expect(page.locator(".outline.drawn")).to_have_count(3)
    desk.button("Model's boxes (3)").click()
    expect(page.locator(".outline.model")).to_have_count(0)
    desk.button("Model's boxes (3)").click()
    desk.button("Back to the model's boxes").click()
    assert desk.edits(2) is None
    expect(page.locator(".outline.drawn")).to_have_count(0)
    desk.button("Take over the model's boxes (3)").click()
    assert [tuple(box[1:]) for box in desk.edits(3) or []] == MODEL


def test_edits_in_a_row_arrive_one_by_one(empty: Desk) -> None:
    """The second edit does not wait for the first one's answer, and none is lost."""
    for place in range(6):
        empty.draw((0.1 * place + 0.01, 0.1), (0.1 * place + 0.09, 0.3), f"c{place}")
        empty.page.keyboard.press("Escape")
    boxes = empty.edits(7) or []
    assert [box[0] for box in boxes] == [f"c{place}" for place in range(6)]


def test_the_next_picture_waits_for_the_last_edit(empty: Desk) -> None:
    empty.draw((0.1, 0.1), (0.3, 0.3), "dent")
    empty.page.keyboard.press("ArrowRight")  # moves the box
    empty.page.keyboard.press("Escape")
    empty.page.keyboard.press("ArrowRight")
    expect(empty.page.locator(".position")).to_have_text("2 / 4")
    assert empty.edits(3, picture=2) is None
    expect(empty.page.locator(".outline")).to_have_count(0)
    empty.page.keyboard.press("ArrowLeft")
    expect(empty.page.locator(".outline.drawn")).to_have_count(1)
    (box,) = empty.edits(3) or []
    assert box[1] == near(0.1 + 1 / 1200)


def test_what_someone_else_drew_meanwhile_is_not_lost(empty: Desk) -> None:
    empty.draw((0.1, 0.1), (0.3, 0.3), "dent")
    empty.edits(2)
    page = empty.page
    # Refused for its name: what Python has is shown again.
    empty.page.keyboard.press("Escape")
    empty.draw((0.5, 0.5), (0.7, 0.7), "refused")
    expect(page.locator(".outline.drawn")).to_have_count(1)
    page.get_by_role("button", name="Someone else draws").click()
    expect(page.locator(".boxes text").filter(has_text="theirs")).to_have_count(1)
    empty.draw((0.6, 0.6), (0.8, 0.8), "dent")
    assert [box[0] for box in empty.edits(3) or []] == ["theirs", "dent"]


def test_zooming_and_panning_while_a_box_is_drawn(empty: Desk) -> None:
    page = empty.page
    x, y = empty.at(0.3, 0.3)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 40, steps=3)
    before = page.locator(".stage img").bounding_box()
    page.mouse.wheel(0, -600)

    def zoomed() -> bool:
        now = page.locator(".stage img").bounding_box()
        return bool(before and now and now["width"] > before["width"])

    until(page, zoomed)
    page.keyboard.down("Space")
    page.mouse.move(x + 140, y + 90, steps=3)  # the picture goes along
    page.keyboard.up("Space")
    target = empty.at(0.5, 0.6)
    page.mouse.move(*target, steps=3)
    page.mouse.up()
    empty.field().fill("dent")
    empty.field().press("Enter")
    (box,) = empty.edits(2) or []
    assert box[1:] == [near(0.3), near(0.3), near(0.5), near(0.6)]


@pytest.fixture
def fingers(empty: Desk) -> CDPSession:
    return empty.page.context.new_cdp_session(empty.page)


def test_one_finger_draws_and_two_zoom(empty: Desk, fingers: CDPSession) -> None:
    start, end = empty.at(0.2, 0.2), empty.at(0.4, 0.5)
    touch(fingers, "touchStart", start)
    touch(fingers, "touchMove", ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2))
    touch(fingers, "touchMove", end)
    touch(fingers, "touchEnd")
    empty.field().fill("dent")
    empty.field().press("Enter")
    (box,) = empty.edits(2) or []
    assert box[1:] == [near(0.2), near(0.2), near(0.4), near(0.5)]
    before = empty.page.locator(".stage img").bounding_box()
    x, y = empty.at(0.7, 0.6)
    touch(fingers, "touchStart", (x, y))
    touch(fingers, "touchStart", (x, y), (x + 100, y))
    touch(fingers, "touchMove", (x - 50, y), (x + 150, y))
    touch(fingers, "touchEnd")
    after = empty.page.locator(".stage img").bounding_box()
    assert before and after and after["width"] == pytest.approx(2 * before["width"], rel=0.01)
    assert len(empty.told()["drawn"]) == 1
