"""Two people at the same image in two browsers: each sees what the other does, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.accounts.access import Viewer
from core.curation import add_tag, set_attribute
from core.curation.field_types import FieldType
from core.curation.fields import declare_field
from core.database import reading
from core.media.images import load_image
from core.settings import ROOT
from tests.browser.harness import browser_page, server, until, until_at_rest
from tests.browser.prepared import prepared_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 60_000  # milliseconds


@pytest.fixture
def world(database: Path, viewer: Viewer) -> Iterator[tuple[Page, Page, Viewer, int, list[int]]]:
    """Two browsers with the first image of a project open, which has a field with a list."""
    project_id, images = prepared_project(viewer, 6)
    declare_field(viewer, project_id, "state", FieldType("choice", choices=("ok", "bad")))
    set_attribute(viewer, project_id, "line", "A-3", images[:1])
    with (
        server(ROOT / "app.py", database, {"DATAG_START_WORKER": "false"}) as url,
        browser_page(1440, 950, allowed_errors=("/_stcore/",)) as one,
    ):
        assert one.context.browser is not None
        context = one.context.browser.new_context(viewport={"width": 1440, "height": 950})
        other = context.new_page()
        expect.set_options(timeout=_PATIENCE)
        for page in (one, other):
            page.set_default_timeout(_PATIENCE)
            page.goto(f"{url}/images?project={project_id}")
            page.locator(".tile").first.wait_for()
            until_at_rest(page)
            page.get_by_role("option").or_(page.locator(".tile")).first.dblclick()
            expect(page.locator(".stage")).to_have_attribute("data-state", "loaded")
        yield one, other, viewer, project_id, images


def test_what_one_changes_the_other_sees_and_neither_is_lost(
    world: tuple[Page, Page, Viewer, int, list[int]],
) -> None:
    one, other, viewer, project_id, images = world
    name = one.locator(".viewer .name").inner_text()
    opened = images[int(name[-8:-4])]
    for page in (one, other):
        page.get_by_test_id("stMain").get_by_text("Metadata", exact=True).click()
        expect(page.get_by_label("Add a field")).to_be_visible()
    # A list is a drop-down, reached and filled by the keyboard alone.
    state = one.get_by_label("state", exact=True)
    state.focus()
    one.keyboard.type("ba")
    one.keyboard.press("Enter")
    expect(other.get_by_label("state", exact=True)).to_have_value("bad")
    # What is being typed is not disturbed; who is later is shown both.
    line = other.get_by_label("line", exact=True)
    line.fill("mine")
    set_attribute(viewer, project_id, "line", "theirs", [opened])
    expect(other.get_by_text("Somebody changed something here")).to_be_visible()
    expect(line).to_have_value("mine")
    expect(line).to_be_focused()
    line.press("Enter")
    expect(other.get_by_text("Someone else changed the line meanwhile")).to_be_visible()
    expect(one.get_by_label("line", exact=True)).to_have_value("theirs")
    other.get_by_role("button", name="Mine: mine").click()
    expect(one.get_by_label("line", exact=True)).to_have_value("mine")
    with reading() as session:
        found = load_image(session, viewer, opened).attributes
    assert found["line"] == "mine" and found["state"] == "bad"


def test_nothing_runs_while_nothing_changes_and_the_gallery_follows(
    world: tuple[Page, Page, Viewer, int, list[int]],
) -> None:
    page, _, viewer, project_id, images = world
    page.get_by_test_id("stMain").get_by_role("button", name="Back to the images").click()
    page.locator(".tile").first.wait_for()
    expect(page.locator(".tile:not([hidden])[data-state=loaded]")).to_have_count(len(images))
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url))

    def until_asked(times: int) -> None:
        answered.clear()
        until(page, lambda: len([url for url in answered if "/latest" in url]) >= times)
        until_at_rest(page)

    until_asked(1)
    page.evaluate(
        """() => { window.ran = []; new MutationObserver((list) => window.ran.push(
            ...list.map((each) => each.target.outerHTML?.slice(0, 200) ?? each.target.nodeName)))
            .observe(document.querySelector('[data-testid="stMain"]'),
            {subtree: true, childList: true, characterData: true}) }"""
    )
    until_asked(2)
    assert page.evaluate("() => window.ran") == []
    add_tag(viewer, project_id, "look-here", images)
    expect(page.get_by_test_id("stMain").get_by_text("look-here").first).to_be_visible()
