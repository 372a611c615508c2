"""A map that leaves the page and comes back, alone or after another one took its place."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.harness import browser_page
from tests.browser.test_map_component import MapPage, url  # noqa: F401

pytestmark = pytest.mark.browser

_SHOWN = "view => document.__view()?.data?.view === view && document.__view().root.dataset.ready"
_FIND = """
document.__view = () => [...document.querySelectorAll('*')]
  .map((host) => host.shadowRoot?.querySelector('section.map')).find(Boolean)?.__view;
"""


def _go(page: Page, title: str, view: str) -> None:
    """Another page by its link, which keeps the visit; its map draws."""
    page.get_by_role("link", name=title, exact=True).click()
    page.wait_for_function(_SHOWN, arg=view, timeout=120_000)


def test_maps_in_turn_draw_with_one_context_and_each_its_own_points(url: str) -> None:  # noqa: F811
    with browser_page() as page:
        page.add_init_script(_FIND)
        view = MapPage(page, url, n=400)
        first = view.pixels()
        page.evaluate("() => { document.first = document.__view(); }")
        page.evaluate("() => { document.gl = document.first.scene.renderer.gl; }")
        _go(page, "Second", "second-map")
        second = view.pixels()
        assert page.evaluate("document.__view().scene.renderer.gl === document.gl")
        assert page.evaluate("document.first.scene.renderer === null")
        _go(page, "Map", "test-map")
        assert page.evaluate("document.__view() === document.first")
        assert page.evaluate("document.first.scene.renderer.gl === document.gl")
        assert (np.abs(view.pixels() - first) <= 2).all()
        _go(page, "Second", "second-map")
        assert (np.abs(view.pixels() - second) <= 2).all()
    # Streamlit looks for its server below the page's own path first.
    with browser_page(allowed_errors=("404",)) as page:
        page.add_init_script(_FIND)
        page.goto(f"{url}/second_map")
        page.wait_for_function(_SHOWN, arg="second-map", timeout=120_000)
        view.page = page
        assert (np.abs(view.pixels() - second) <= 2).all()


def test_a_turning_map_goes_on_turning_when_it_is_back(url: str) -> None:  # noqa: F811
    with browser_page() as page:
        page.add_init_script(_FIND)
        view = MapPage(page, url, n=400)
        spin = page.get_by_label("Turn slowly (O)")
        spin.click()
        page.get_by_role("link", name="Other", exact=True).click()
        page.get_by_text("another page").wait_for()
        page.get_by_role("link", name="Map", exact=True).click()
        page.wait_for_function(_SHOWN, arg="test-map", timeout=120_000)
        assert spin.get_attribute("aria-pressed") == "true"
        before = view.camera["eye"]
        page.wait_for_function(
            "x => Math.abs(document.__view().scene.camera.eye()[0] - x) > 1e-3", arg=before[0]
        )
        spin.click()
        assert spin.get_attribute("aria-pressed") == "false"
