"""The table of metadata in the real app in a real Chromium: written, pasted, sorted, typed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.accounts.access import Viewer
from core.curation import set_attributes, set_values
from core.curation.field_types import FieldType
from core.curation.fields import declare_field
from core.database import reading
from core.media.images import load_images
from core.settings import ROOT
from tests.browser.harness import browser_page, server, until, until_at_rest
from tests.browser.prepared import prepared_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 60_000  # milliseconds
COUNT = 205


class Desk:
    """A visitor with a project's images as a table."""

    def __init__(self, page: Page, url: str, viewer: Viewer, project_id: int, images: list[int]):
        self.page, self.url, self.viewer = page, url, viewer
        self.project_id, self.images = project_id, images

    def open(self) -> None:
        self.page.goto(f"{self.url}/images?project={self.project_id}")
        self.page.locator(".tile").first.wait_for()
        until_at_rest(self.page)
        self.page.get_by_text("Table", exact=True).click()
        expect(self.page.get_by_role("grid")).to_be_visible()
        expect(self.page.locator("tbody tr")).to_have_count(200)
        until_at_rest(self.page)

    def cell(self, row: int, title: str) -> Locator:
        until(self.page, lambda: title in self.titles())
        place = self.titles().index(title)
        return self.page.locator("tbody tr").nth(row).locator("td").nth(place)

    def titles(self) -> list[str]:
        found: list[str] = self.page.locator("thead th").evaluate_all(
            "all => all.map(th => th.querySelector('button, span')?.textContent ?? '')"
        )
        return found

    def stored(self, field: str, count: int = 4) -> list[object]:
        with reading() as session:
            images = load_images(session, self.viewer, self.images[:count])
        return [images[image_id].attributes.get(field) for image_id in self.images[:count]]

    def until(self, met: Callable[[], bool]) -> None:
        until(self.page, met)

    def paste(self, text: str) -> None:
        self.page.get_by_role("grid").evaluate(
            """(grid, text) => {
              const clipboardData = new DataTransfer();
              clipboardData.setData('text/plain', text);
              grid.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
            }""",
            text,
        )

    def save(self) -> None:
        self.page.get_by_role("button", name="Save (").click()


@pytest.fixture
def desk(database: Path, viewer: Viewer) -> Iterator[Desk]:
    project_id, images = prepared_project(viewer, COUNT)
    set_values(
        viewer, project_id, {image_id: {"thick": n % 7, "line": f"L{n % 3}"} for n, image_id in
                             enumerate(images)},
    )  # fmt: skip
    declare_field(viewer, project_id, "thick", FieldType("number", "mm"))
    declare_field(viewer, project_id, "state", FieldType("choice", choices=("good", "bad")))
    with (
        server(ROOT / "app.py", database, {"DATAG_START_WORKER": "false"}) as url,
        browser_page(1440, 950, allowed_errors=("/_stcore/",)) as page,
    ):
        page.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        yield Desk(page, url, viewer, project_id, images)


def test_cells_are_written_saved_as_one_change_and_undone(desk: Desk) -> None:
    page = desk.page
    desk.open()
    desk.cell(0, "thick").click()
    page.keyboard.type("12.5 mm")
    page.keyboard.press("Enter")  # goes on below
    page.keyboard.type("7")
    page.keyboard.press("Tab")
    expect(desk.cell(0, "thick")).to_have_class("number changed")
    desk.cell(2, "state").dblclick()
    page.locator(".editor select").select_option("bad")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Save (3)")).to_be_enabled()
    desk.save()
    desk.until(lambda: desk.stored("thick")[:2] == [12.5, 7])
    assert desk.stored("state") == [None, None, "bad", None]
    expect(desk.cell(0, "thick")).to_have_text("12.5")
    expect(page.get_by_role("button", name="Save (0)")).to_be_disabled()
    expect(page.get_by_text("Set the metadata state, thick · images: 3").first).to_be_visible()
    until_at_rest(page)
    page.get_by_role("button", name="Undo", exact=True).first.click()
    desk.until(lambda: desk.stored("thick") == [0, 1, 2, 3])
    assert desk.stored("state") == [None] * 4
    expect(desk.cell(0, "thick")).to_have_text("0")


def test_a_spreadsheet_is_pasted_and_told_what_does_not_fit(desk: Desk) -> None:
    page = desk.page
    desk.open()
    desk.cell(0, "thick").click()
    order = [title for title in desk.titles() if title in ("thick", "state", "line")]
    values = {"thick": ["5", "wide", "6"], "state": ["good", "BAD", "gud"], "line": ["x", "y", "z"]}
    desk.cell(0, order[0]).click()
    desk.paste("\n".join("\t".join(values[name][n] for name in order) for n in range(3)) + "\n")
    desk.save()
    said = page.locator(".table > .said")
    expect(said).to_contain_text("line/0001.png · thick: “wide” is not a number in mm.")
    expect(said).to_contain_text("line/0002.png · state: “gud” is not in the list.")
    expect(desk.cell(1, "thick")).to_have_class("number changed chosen wrong")
    assert desk.stored("line")[0] == "L0"  # nothing was saved
    # What was refused is mended where it stands.
    desk.cell(1, "thick").click()
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    desk.cell(2, "state").click()
    page.keyboard.press("g")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+s")
    desk.until(lambda: desk.stored("state") == ["good", "bad", "good", None])
    assert desk.stored("thick") == [5, 8, 6, 3]
    assert desk.stored("line") == ["x", "y", "z", "L0"]


def test_rows_come_in_pages_sorted_over_all_and_go_out_as_csv(desk: Desk) -> None:
    page = desk.page
    desk.open()
    expect(page.locator(".range")).to_have_text("1–200 of 205")
    desk.cell(0, "line").click()
    page.keyboard.type("unsaved")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Next rows").click()
    expect(page.locator("tbody tr")).to_have_count(5)
    expect(desk.cell(0, "Name")).to_have_text("line/0200.png")
    page.locator("th button").filter(has_text="thick").click()
    expect(page.locator(".range")).to_have_text("1–200 of 205")
    expect(desk.cell(0, "thick")).to_have_text("0")
    page.locator("th button").filter(has_text="thick").click()
    expect(desk.cell(0, "thick")).to_have_text("6")
    expect(page.get_by_role("button", name="Save (1)")).to_be_enabled()
    with page.expect_download() as arrived:
        page.get_by_role("button", name="CSV").click()
    text = Path(arrived.value.path()).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == COUNT
    assert [row["meta.thick"] for row in rows] == sorted(str(n % 7) for n in range(COUNT))[::-1]
    assert {"image_id", "name", "meta.line", "meta.state"} <= set(rows[0])


def test_what_someone_else_wrote_meanwhile_is_not_lost(desk: Desk) -> None:
    page = desk.page
    desk.open()
    desk.cell(0, "line").click()
    page.keyboard.type("mine")
    page.keyboard.press("Enter")
    set_attributes(desk.viewer, desk.images[0], {"line": "theirs"})
    desk.save()
    expect(page.locator(".table > .said")).to_contain_text("it is now theirs")
    assert desk.stored("line")[0] == "theirs"
    desk.save()  # now it is meant
    desk.until(lambda: desk.stored("line")[0] == "mine")


def test_a_type_is_declared_in_the_dialog_after_its_report(desk: Desk) -> None:
    page = desk.page
    set_attributes(desk.viewer, desk.images[0], {"line": "5"})
    desk.open()
    page.get_by_role("button", name="Types of fields").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").first.click()
    page.get_by_role("option", name="line").click()
    dialog.get_by_text("Number", exact=True).click()
    expect(dialog.get_by_text("0 values fit as they are, 1 are rewritten")).to_be_visible()
    expect(dialog.get_by_text("204 values do not fit")).to_be_visible()
    expect(dialog.get_by_text("L1 (68)")).to_be_visible()
    dialog.get_by_role("button", name="Set the type").click()
    expect(dialog).to_have_count(0)
    desk.until(lambda: desk.stored("line") == [5, "L1", "L2", "L0"])
    until_at_rest(page)
    page.get_by_role("button", name="Undo", exact=True).first.click()
    desk.until(lambda: desk.stored("line")[0] == "5")
