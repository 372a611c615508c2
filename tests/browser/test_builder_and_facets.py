"""Builder and facets write the query and read it, in a real Chromium on the app's own page."""

import re

import pytest
from playwright.sync_api import Locator, expect

from core.curation import add_tag
from tests.browser.test_keys_and_bulk import Visit, stage, visit

__all__ = ["stage", "visit"]
pytestmark = pytest.mark.browser


def query_of(visit: Visit) -> Locator:
    return visit.page.get_by_placeholder(re.compile("^Search"))


def facet(visit: Visit, value: str) -> Locator:
    rows = visit.page.locator(".facets section[data-field='tag'] .row")
    return rows.filter(has=visit.page.get_by_text(value, exact=True))


def tag_some(visit: Visit) -> None:
    """The first four images are scratched, the fourth and three more dented."""
    stage = visit.stage
    add_tag(stage.viewer, stage.id, "scratch", stage.images[:4])
    add_tag(stage.viewer, stage.id, "dent", stage.images[3:7])


def expect_shown(visit: Visit, places: list[int]) -> None:
    """The gallery shows these images and no others."""
    names = visit.page.locator(".tile .name").filter(visible=True)
    expect(names).to_have_text([f"{place}.png" for place in places])


def test_facets_add_exclude_and_follow_the_query(visit: Visit) -> None:
    tag_some(visit)
    visit.open()
    expect(facet(visit, "scratch").locator(".count")).to_have_text("4")
    facet(visit, "scratch").locator(".value").click()
    expect(query_of(visit)).to_have_value("tag:scratch")
    expect_shown(visit, [0, 1, 2, 3])
    expect(facet(visit, "dent").locator(".count")).to_have_text("1")

    visit.settle()
    facet(visit, "dent").locator(".exclude").click()
    expect_shown(visit, [0, 1, 2])
    expect(query_of(visit)).to_have_value("tag:scratch AND NOT tag:dent")

    # A condition in force is taken away by its chip; the other one stays.
    chips = visit.page.locator(".facets .chip")
    expect(chips).to_have_count(2)
    visit.settle()
    chips.filter(has_text="tag:scratch").first.get_by_role("button").click()
    expect(query_of(visit)).to_have_value("NOT tag:dent")
    expect_shown(visit, [0, 1, 2, 7, 8, 9])


def test_the_builder_writes_the_query_and_reads_what_is_typed(visit: Visit) -> None:
    tag_some(visit)
    page = visit.page
    visit.open()
    page.get_by_text("Build", exact=True).click()
    visit.settle()
    built = page.locator(".st-key-query_builder")
    built.get_by_role("button", name="Condition").click()
    chip = built.get_by_role("button", name="Tag …")
    chip.wait_for()
    visit.settle()
    chip.click()
    values = page.get_by_role("combobox", name="Values")
    values.fill("scratch")
    page.get_by_role("option", name="scratch (4)").click()
    expect(query_of(visit)).to_have_value("tag:scratch")
    expect_shown(visit, [0, 1, 2, 3])
    visit.settle()
    page.get_by_test_id("stPopoverBody").get_by_text("not", exact=True).click()
    expect(query_of(visit)).to_have_value("NOT tag:scratch")
    expect_shown(visit, [4, 5, 6, 7, 8, 9])
    page.keyboard.press("Escape")
    visit.settle()

    query_of(visit).fill("tag:dent AND (tag:scratch OR name:5*)")
    query_of(visit).press("Enter")
    expect_shown(visit, [3, 5])
    for said in ("tag:dent", "tag:scratch", "name:5*"):
        expect(built.get_by_role("button", name=said, exact=True)).to_be_visible()
