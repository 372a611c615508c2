"""Correcting images in the real app in a real Chromium: what is done is stored, and undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.accounts.access import Viewer
from core.annotations import Drawn, edit_boxes, image_drawn
from core.database import reading
from core.settings import ROOT
from tests.browser.harness import browser_page, server, until, until_at_rest, until_still
from tests.browser.prepared import prepared_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOUND = [("scratch", 0.9, (0.1, 0.1, 0.4, 0.4)), ("dent", 0.4, (0.6, 0.6, 0.9, 0.9))]
_PATIENCE = 60_000  # milliseconds


class Bench:
    """A visitor with the first image of a project open."""

    def __init__(self, page: Page, url: str, viewer: Viewer, project_id: int, images: list[int]):
        self.page, self.url, self.viewer = page, url, viewer
        self.project_id, self.images = project_id, images

    def open(self) -> None:
        self.page.goto(f"{self.url}/images?project={self.project_id}")
        self.page.locator(".tile").first.wait_for()
        until_at_rest(self.page)
        tile = self.page.get_by_role("option").or_(self.page.locator(".tile")).first
        tile.dblclick()
        expect(self.page.locator(".stage")).to_have_attribute("data-state", "loaded")
        self.settle()

    def drawn(self) -> tuple[Drawn, ...] | None:
        with reading() as session:
            return image_drawn(session, self.viewer, self.opened)

    @property
    def opened(self) -> int:
        name = self.page.locator(".viewer .name").inner_text()
        return self.images[int(name[-8:-4])]

    def settle(self) -> None:
        """Wait until the page's script has run and the picture stays where it is."""
        until_at_rest(self.page)
        until_still(self.page.locator(".stage img"))

    def until(self, met: Callable[[], bool]) -> None:
        until(self.page, met)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        box = self.page.locator(".stage img").bounding_box()
        assert box
        (x0, y0), (x1, y1) = (
            (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)
        )
        self.page.mouse.move(x0, y0)
        self.page.mouse.down()
        self.page.mouse.move(x1, y1, steps=5)
        self.page.mouse.up()


@pytest.fixture
def bench(database: Path, viewer: Viewer) -> Iterator[Bench]:
    project_id, images = prepared_project(viewer, 6, FOUND)
    with (
        server(ROOT / "app.py", database, {"DATAG_START_WORKER": "false"}) as url,
        browser_page(1440, 950, allowed_errors=("/_stcore/",)) as page,
    ):
        page.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        yield Bench(page, url, viewer, project_id, images)


def test_boxes_are_corrected_and_undone(bench: Bench) -> None:
    page = bench.page
    bench.open()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="There are none")).to_be_visible()
    bench.settle()
    # A corner of one of the model's boxes is drawn larger: both are taken over.
    bench.page.mouse.click(*centre(bench, 0.25, 0.25))
    bench.drag((0.4, 0.4), (0.5, 0.5))
    bench.until(lambda: len(bench.drawn() or ()) == 2)
    assert bench.drawn()[0] == ("scratch", 0.1, 0.1, near(0.5), near(0.5))  # type: ignore[index]
    bench.settle()
    bench.drag((0.7, 0.1), (0.9, 0.3))
    page.get_by_role("combobox", name="Class of the box").fill("stain")
    page.keyboard.press("Enter")
    bench.until(lambda: len(bench.drawn() or ()) == 3)
    expect(page.get_by_text("3 boxes (scratch × 1, dent × 1, stain × 1)").first).to_be_visible()
    page.keyboard.press("Delete")
    bench.until(lambda: len(bench.drawn() or ()) == 2)
    # The picture was not fetched again for any of it.
    assert not [address for address in asked if "/original" in address]
    undo = page.get_by_test_id("stMain").get_by_role("button", name="Undo", exact=True).first
    expect(page.get_by_text("Deleted a box “stain”").first).to_be_visible()
    bench.settle()
    undo.click()
    bench.until(lambda: len(bench.drawn() or ()) == 3)
    expect(page.locator(".outline.drawn")).to_have_count(3)
    bench.settle()
    undo.click()
    bench.until(lambda: len(bench.drawn() or ()) == 2)
    expect(page.get_by_text("Set the boxes (scratch, dent)").first).to_be_visible()
    bench.settle()
    undo.click()
    bench.until(lambda: bench.drawn() is None)
    expect(page.locator(".outline.drawn")).to_have_count(0)
    expect(page.locator(".outline.model")).to_have_count(2)


def test_of_two_who_draw_neither_is_lost(bench: Bench) -> None:
    page = bench.page
    bench.open()
    # The page is not told in time: it would show the other's boxes, and there would be no conflict.
    page.route("**/latest*", lambda _route: None)
    theirs: list[Drawn] = [("theirs", 0.2, 0.2, 0.3, 0.3)]
    edit_boxes(bench.viewer, bench.opened, theirs, None)
    page.keyboard.press("e")
    page.get_by_role("button", name="There are none").click()
    expect(page.get_by_text("Someone else changed the boxes meanwhile")).to_be_visible()
    expect(page.locator(".boxes text").filter(has_text="theirs")).to_have_count(1)
    assert bench.drawn() == tuple(theirs)
    expect(page.get_by_role("button", name="Theirs: 1 box (theirs)")).to_be_visible()
    page.get_by_role("button", name="Mine: no boxes").click()
    bench.until(lambda: bench.drawn() == ())
    expect(page.get_by_text("Someone else changed the boxes")).to_have_count(0)


def centre(bench: Bench, x: float, y: float) -> tuple[float, float]:
    box = bench.page.locator(".stage img").bounding_box()
    assert box
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def near(share: float) -> object:
    return pytest.approx(share, abs=0.003)
