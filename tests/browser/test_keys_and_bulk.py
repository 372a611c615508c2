"""Keys of the images page, undo and redo, bulk tags, suggestions and watching, in a real Chromium.

The page is the app's own, over drawn pictures with feature vectors that were made for them.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.analysis.tables import Embedding
from core.curation import add_tag, create_tag
from core.curation.favourites import set_favourite
from core.database import writing
from tests.browser.harness import ROOT, browser_page, server, until, until_at_rest
from tests.core.curation.conftest import Stage, stage

__all__ = ["stage"]
pytestmark = pytest.mark.browser
# Streamlit's page first asks below its own address whether the server is there, and the pictures
# of these images do not exist.
EXPECTED_ERRORS = ("/_stcore/", "status of 404", "status of 410")
_PATIENCE = 60_000  # milliseconds


class Visit:
    """A visitor on the images page, and a look into the database."""

    def __init__(self, page: Page, url: str, data: Path, stage: Stage) -> None:
        self.page, self.url, self.data, self.stage = page, url, data, stage

    def open(self, path: str = "images") -> None:
        self.page.goto(f"{self.url}/{path}?project={self.stage.id}")
        self.tile(0).wait_for()
        self.settle()

    def tile(self, index: int) -> Locator:
        return self.page.locator(f".tile[data-index='{index}']")

    def toast(self, text: str) -> Locator:
        found = self.page.locator(".toast")
        expect(found).to_contain_text(text)
        return found

    def take_back(self, text: str) -> None:
        """Press the button of a toast, even if the machine was so busy that it is hidden again."""
        undo = self.toast(text).locator("button.action")
        expect(undo).to_have_text("Undo")
        undo.dispatch_event("click")

    def settle(self) -> None:
        until_at_rest(self.page)

    def tagged(self, name: str) -> list[int]:
        """Places of the images that have a tag."""
        sql = "SELECT image_id FROM image_tag JOIN tag ON tag.id = tag_id WHERE name = ?"
        with sqlite3.connect(self.data / "datag.db") as connection:
            ids = {row[0] for row in connection.execute(sql, [name])}
        return [place for place, image in enumerate(self.stage.images) if image in ids]

    def expect_tagged(self, name: str, places: list[int]) -> None:
        until(self.page, lambda: self.tagged(name) == places)


@pytest.fixture
def visit(stage: Stage, database: Path) -> Iterator[Visit]:
    """Ten images, 0 to 4 and 5 to 9 alike; the tags a and b have the keys 1 and 2."""
    with writing() as session:
        for place, image_id in enumerate(stage.images):
            vector = np.array([place < 5, place >= 5, 0.1 * place], dtype="<f4").tobytes()
            session.add(Embedding(image_id=image_id, model_key="m", vector=vector))
    for number, name in enumerate("ab", start=1):
        create_tag(stage.viewer, stage.id, name)
        set_favourite(stage.viewer, stage.id, name, number)
    environment = {"DATAG_START_WORKER": "false"}
    with (
        server(ROOT / "app.py", database, environment) as url,
        browser_page(1440, 950, allowed_errors=EXPECTED_ERRORS) as page,
    ):
        page.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        yield Visit(page, url, database, stage)


def test_keys_give_and_take_tags_and_go_back_and_forth(visit: Visit) -> None:
    page = visit.page
    visit.open()
    # Pressed at once after the clicks, before Python has heard of the selection.
    visit.tile(0).click()
    visit.tile(2).click(modifiers=["Shift"])
    page.keyboard.press("1")
    visit.toast("Added the tag “a” to 3 of 3 images")
    visit.expect_tagged("a", [0, 1, 2])
    visit.settle()
    # Two keys in one breath.
    page.keyboard.press("2")
    page.keyboard.press("1")
    visit.expect_tagged("b", [0, 1, 2])
    visit.expect_tagged("a", [])
    visit.take_back("Removed the tag “a” from all 3 images")
    visit.expect_tagged("a", [0, 1, 2])

    page.keyboard.press("Control+z")
    visit.toast("Undo: Removed the tag “b”")
    visit.expect_tagged("b", [])
    page.keyboard.press("Control+Shift+z")
    visit.expect_tagged("b", [0, 1, 2])
    page.keyboard.press("Control+z")
    visit.expect_tagged("b", [])
    page.keyboard.press("Control+y")
    visit.expect_tagged("b", [0, 1, 2])
    assert visit.tagged("a") == [0, 1, 2]

    # In the opened image, and what is typed is no key.
    visit.tile(4).dblclick()
    page.locator(".viewer .position").get_by_text("5 of 10").wait_for()
    visit.settle()
    page.keyboard.press("2")
    page.keyboard.press("ArrowRight")
    visit.expect_tagged("b", [0, 1, 2, 4])
    page.locator(".viewer .position").get_by_text("6 of 10").wait_for()
    note = page.get_by_role("textbox", name="Note")
    expect(note).to_have_count(1)
    visit.settle()
    note.fill("")
    note.press_sequentially("12?")
    expect(note).to_have_value("12?")
    note.press("Control+z")
    visit.settle()
    assert visit.tagged("b") == [0, 1, 2, 4]


def test_the_overlay_lists_the_keys(visit: Visit) -> None:
    page = visit.page
    visit.open()
    visit.tile(0).click()
    page.keyboard.press("?")
    overlay = page.locator("dialog.help")
    expect(overlay).to_be_visible()
    expect(overlay).to_contain_text("1a2b")
    expect(overlay).to_contain_text("In the gallery")
    # The page has run meanwhile, because an image was selected.
    visit.settle()
    expect(overlay).to_be_visible()
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("1")
    page.keyboard.press("?")
    expect(overlay).to_be_hidden()
    visit.settle()
    assert visit.tagged("a") == []
    page.get_by_role("button", name="Keys").click()
    expect(overlay).to_be_visible()


def test_a_suggestion_is_given_by_click_and_by_key(visit: Visit) -> None:
    stage = visit.stage
    add_tag(stage.viewer, stage.id, "left", stage.images[1:5])
    add_tag(stage.viewer, stage.id, "right", stage.images[6:])
    visit.open()
    visit.tile(0).click()
    suggestion = visit.page.get_by_role("button", name="left", exact=False).filter(has_text="%")
    suggestion.click()
    visit.expect_tagged("left", [0, 1, 2, 3, 4])
    visit.tile(5).click()
    visit.page.get_by_role("button", name="right").filter(has_text="%").wait_for()
    visit.settle()
    visit.page.keyboard.press("Shift+Digit1")
    visit.expect_tagged("right", [5, 6, 7, 8, 9])


def test_all_that_a_query_finds_is_tagged_at_once(visit: Visit) -> None:
    page = visit.page
    add_tag(visit.stage.viewer, visit.stage.id, "b", visit.stage.images[:7])
    visit.open()
    field = page.get_by_placeholder("Search, for example")
    field.fill("tag:b")
    field.press("Enter")
    page.get_by_role("button", name="Change all 7 results").click()
    dialog = page.get_by_role("dialog")
    box = dialog.get_by_role("combobox", name="Give a tag")
    box.fill("whole")
    box.press("Enter")
    dialog.get_by_role("button", name="Give it to all 7").click()
    visit.expect_tagged("whole", list(range(7)))
    expect(dialog).to_be_hidden()
    visit.take_back("Added the tag “whole” to 7 of 7 images")
    visit.expect_tagged("whole", [])


def test_a_watched_query_is_told_on_the_start_page(visit: Visit) -> None:
    page, stage = visit.page, visit.stage
    visit.open()
    field = page.get_by_placeholder("Search, for example")
    field.fill("tag:a")
    field.press("Enter")
    page.get_by_text("Nothing was found").or_(page.get_by_text("0 of 10")).first.wait_for()
    page.get_by_text("Saved", exact=True).click()
    page.get_by_role("textbox", name="Name of the present query").fill("Mine")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Mine", exact=True).wait_for()
    add_tag(stage.viewer, stage.id, "a", stage.images[:4])
    page.goto(visit.url)
    news = page.get_by_role("button", name="Mine: 4 new since you looked")
    news.click()
    expect(page.get_by_text("4 of 10 images")).to_be_visible()
    page.goto(visit.url)
    page.get_by_role("button", name="Open").first.wait_for()
    visit.settle()
    expect(news).to_have_count(0)
