"""The query's text field in a real Chromium: completing, keys, Korean, errors in place."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import ROOT, browser_page, server, until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/query_box_app.py"
    with server(app, tmp_path_factory.mktemp("query_box")) as address:
        yield address


@pytest.fixture(scope="module")
def browser(url: str) -> Iterator[Page]:
    with browser_page() as page:
        yield page


@pytest.fixture
def page(browser: Page, url: str) -> Page:
    browser.goto(url)
    field(browser).wait_for()
    expect(browser.locator("#heard")).to_have_text("[1]")
    return browser


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Query")


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def heard(page: Page) -> list[str]:
    found: list[str] = json.loads(page.locator("#heard").inner_text())
    return found


def wavy(page: Page) -> str:
    """The text that is underlined as wrong."""
    return "".join(page.locator(".wrong").all_inner_texts())


def test_typing_completes_fields_and_values_without_running_the_page(page: Page) -> None:
    field(page).press_sequentially("ta")
    expect(options(page)).to_have_text(["tag:"])
    field(page).press("Tab")
    expect(field(page)).to_have_value("tag:")
    # The values follow at once, each with its number of images.
    expect(options(page)).to_have_text(["scratch12", "stain3", "deep scratch1", "스크래치7"])
    field(page).press_sequentially("s")
    expect(options(page)).to_have_text(["scratch12", "stain3"])
    field(page).press("ArrowDown")
    field(page).press("ArrowDown")
    expect(options(page).nth(1)).to_have_attribute("aria-selected", "true")
    field(page).press("Enter")
    expect(field(page)).to_have_value("tag:stain ")
    assert heard(page) == [1]
    # Enter without a choice in the list asks for the result.
    field(page).press("Enter")
    expect(page.locator("#heard")).to_have_text('[2, "tag:stain "]')
    expect(field(page)).to_be_focused()


def test_a_click_takes_an_option_and_quotes_stay(page: Page) -> None:
    field(page).press_sequentially("tag:de")
    options(page).filter(has_text="deep scratch").click()
    expect(field(page)).to_have_value('tag:"deep scratch" ')
    expect(field(page)).to_be_focused()


def test_what_was_taken_is_taken_back_by_the_field_itself(page: Page) -> None:
    field(page).press_sequentially("tag:de")
    expect(options(page)).to_have_count(1)
    field(page).press("Tab")
    field(page).press("Control+z")
    expect(field(page)).to_have_value("tag:de")


def test_escape_closes_the_list_and_keeps_the_text(page: Page) -> None:
    field(page).press_sequentially("tag:")
    expect(options(page)).to_have_count(4)
    field(page).press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field(page)).to_have_value("tag:")
    # Without a list Tab leaves the field, as everywhere.
    field(page).press("Tab")
    expect(field(page)).not_to_be_focused()


def test_a_syllable_that_is_being_put_together_is_completed_but_not_sent(page: Page) -> None:
    field(page).press_sequentially("tag:")
    devtools = page.context.new_cdp_session(page)
    for part in ("ㅅ", "스"):
        devtools.send(
            "Input.imeSetComposition", {"text": part, "selectionStart": 1, "selectionEnd": 1}
        )
    expect(options(page)).to_have_text(["스크래치7"])
    # What the browser sends for Enter while the input method is at work.
    field(page).evaluate(
        "node => node.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229,"
        " isComposing: true, bubbles: true, composed: true}))"
    )
    assert heard(page) == [1]
    devtools.send("Input.insertText", {"text": "스"})
    expect(field(page)).to_have_value("tag:스")
    field(page).press("Tab")
    expect(field(page)).to_have_value("tag:스크래치 ")
    field(page).press("Enter")
    expect(page.locator("#heard")).to_have_text('[2, "tag:스크래치 "]')


def test_an_error_is_underlined_where_it_stands(page: Page) -> None:
    field(page).press_sequentially("tag:a AND cnof:>1")
    field(page).press("Enter")
    expect(page.locator("#heard")).to_have_text('[2, "tag:a AND cnof:>1"]')
    expect(page.locator(".wrong")).to_have_text(["cnof"])
    expect(field(page)).to_have_attribute("aria-invalid", "true")
    field(page).press("Backspace")
    expect(page.locator(".wrong")).to_have_count(0)


def test_an_error_further_back_is_underlined_while_typing_goes_on(page: Page) -> None:
    field(page).press_sequentially("tagg:")
    page.wait_for_timeout(300)
    assert wavy(page) == ""
    field(page).press_sequentially("x AND ta")
    expect(options(page)).to_have_text(["tag:"])
    until(page, lambda: wavy(page) == "tagg")
    expect(page.get_by_role("status")).to_have_text("No such field. Did you mean tag?")


def test_the_page_writes_into_the_field(page: Page) -> None:
    field(page).press_sequentially("half a thou")
    page.get_by_role("button", name="write").click()
    expect(field(page)).to_have_value("tag:stain AND NOT tag:scratch")
    for kind in ("field", "keyword", "value"):
        expect(page.locator(f".t-{kind}").first).to_be_visible()
    colours = page.evaluate(
        "() => { const root = [...document.querySelectorAll('*')].map(n => n.shadowRoot)"
        ".find(r => r?.querySelector('.query-box'));"
        " return ['t-field', 't-keyword', 't-value'].map(name =>"
        " getComputedStyle(root.querySelector('.' + name)).color); }"
    )
    assert len(set(colours)) == 3


def test_a_long_query_grows_into_lines_and_stays_under_its_colours(page: Page) -> None:
    page.get_by_role("button", name="write").click()
    expect(field(page)).to_have_value("tag:stain AND NOT tag:scratch")
    one = field(page).bounding_box()
    field(page).fill("tag:scratch OR " * 20 + "tag:stain")

    def grown() -> bool:
        more, painted = field(page).bounding_box(), page.locator(".paint").bounding_box()
        assert one and more and painted
        as_high = abs(painted["height"] - more["height"]) < 1
        return as_high and more["height"] > one["height"] + 15

    until(page, grown)
    # A click on × empties it and asks for everything.
    page.get_by_role("button", name="Clear the query").click()
    expect(page.locator("#heard")).to_contain_text('""]')
    expect(field(page)).to_have_value("")
