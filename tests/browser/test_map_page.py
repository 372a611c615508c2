"""The map page in a real Chromium: views that share a selection, state that outlives a reload."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.geometry import project
from tests.browser.harness import ROOT, browser_page, server, until, until_at_rest, until_still
from tests.browser.map_world import CLASSES, World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 120_000  # milliseconds; a busy machine draws WebGL in software beside all else
# Streamlit's page first asks below its own address whether the server is there.
EXPECTED_ERRORS = ("/_stcore/",)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def url(world: World) -> Iterator[str]:
    with server(ROOT / "app.py", world.folder, {"DATAG_START_WORKER": "false"}) as address:
        yield address


@pytest.fixture
def page() -> Iterator[Page]:
    with browser_page(1500, 1300, allowed_errors=EXPECTED_ERRORS) as opened:
        opened.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        yield opened


# What is kept in the address is written at most a quarter of a second after it has changed.
_ADDRESS_STAYS = """() => {
  const now = performance.now();
  if (window.addressAt?.href !== location.href) {
    window.addressAt = { href: location.href, since: now };
  }
  return now - window.addressAt.since > 600;
}"""


class MapPage:
    """One tab with the map page, and what its views show."""

    def __init__(
        self, page: Page, url: str, world: World, said: str = "", **parameters: object
    ) -> None:
        self.page, self.url, self.world = page, url, world
        asked = {"project": world.project, "map": world.flat} | parameters
        self.open(f"{url}/map?" + "&".join(f"{name}={text}" for name, text in asked.items()), said)

    def open(self, address: str, said: str = "") -> None:
        """Go to an address and wait for its map; before, for what is said only for a while."""
        self.page.goto(address)
        if said:
            expect(self.page.get_by_text(said)).to_be_visible()
        self.ready()

    def ready(self) -> None:
        """Wait until a map is drawn and the page's script has run to its end."""
        self.map().wait_for()
        self.settle()

    def settle(self) -> None:
        """Wait until the page's script has run to its end."""
        until_at_rest(self.page)

    def map(self, place: int = 0) -> Locator:
        """A map of the page."""
        return self.page.locator("section.map[data-ready]").nth(place)

    def selected(self, place: int = 0) -> set[int]:
        """The images that a map shows as selected."""
        found: list[int] = self.map(place).evaluate(
            "e => { const m = e.__view.model; return [...m.ids].filter((_, i) => m.selected[i]); }"
        )
        return set(found)

    def until_selected(self, expected: set[int], place: int = 0) -> None:
        """Wait until a map shows exactly this selection."""
        self.map(place).page.wait_for_function(
            """([place, wanted]) => {
              const maps = [...document.querySelectorAll('*')].flatMap((e) =>
                e.shadowRoot ? [...e.shadowRoot.querySelectorAll('section.map')] : []);
              const model = maps[place]?.__view.model;
              const found = model && [...model.ids].filter((_, i) => model.selected[i]);
              return found && found.length === wanted.length
                && found.every((id) => wanted.includes(id));
            }""",
            arg=[place, sorted(expected)],
            timeout=_PATIENCE,
        )

    def camera(self, place: int = 0) -> list[float]:
        """Azimuth, elevation, target and distance, once the map stands still."""
        self.page.wait_for_function(
            "e => !e.__view.scene.frame && !e.__view.scene.pace.moving",
            arg=self.map(place).element_handle(),
        )
        numbers: list[float] = self.map(place).evaluate("e => e.__view.scene.camera.numbers()")
        return numbers

    def legend(self, place: int = 0) -> dict[str, str]:
        """The legend's counts by class."""
        rows: list[list[str]] = self.map(place).evaluate(
            """e => [...e.querySelectorAll('.legend .row')].map((row) =>
              ['.name', '.number'].map((part) => row.querySelector(part).textContent))"""
        )
        return dict(rows)  # type: ignore[arg-type]

    def hidden(self, place: int = 0) -> list[str]:
        """The classes that are hidden."""
        names: list[str] = self.map(place).evaluate(
            """e => [...e.querySelectorAll('.legend .entry[aria-pressed=false] .name')]
              .map((name) => name.textContent)"""
        )
        return names

    def gallery_shows(self, n: int) -> None:
        """Wait until the gallery shows so many images."""
        rows = self.page.locator(".gallery [role=row], .gallery .tile:not([hidden])")
        expect(rows).to_have_count(n)

    def choose(self, label: str, option: str) -> None:
        """Choose in a select box."""
        self.page.get_by_role("combobox", name=label).click()
        self.page.get_by_role("option", name=option, exact=True).click()
        self.settle()

    def bars(self) -> Locator:
        """The bars."""
        return self.page.locator(".datag-histogram[data-ready]")

    def expect_bars(self, counts: list[int], place: int = 0) -> None:
        """Wait until so many images of each bar are selected, those without a value last."""
        said = json.dumps(counts, separators=(",", ":"))
        expect(self.bars().nth(place)).to_have_attribute("data-selected", said)

    def brush(self, first: int, last: int, of: int, key: str | None = None) -> None:
        """Drag over bars `first` to `last` of so many."""
        self.settle()
        self.bars().scroll_into_view_if_needed()
        until_still(self.bars().locator(".nsewdrag"))
        box = self.bars().locator(".nsewdrag").bounding_box()
        assert box
        y = box["y"] + box["height"] / 2
        start, end = (
            box["x"] + box["width"] * (bar + at) / of for bar, at in ((first, 0.3), (last, 0.7))
        )
        if key:
            self.page.keyboard.down(key)
        self.page.mouse.move(start, y)
        self.page.mouse.down()
        self.page.mouse.move((start + end) / 2, y + 4)
        self.page.mouse.move(end, y)
        self.page.mouse.up()
        if key:
            self.page.keyboard.up(key)

    def query(self, text: str) -> None:
        """Type a query and send it."""
        box = self.page.get_by_placeholder("Search, for example")
        box.fill(text)
        box.press("Escape")
        box.press("Enter")

    def parameters(self) -> dict[str, str]:
        """The parameters of the address."""
        asked = parse_qs(urlsplit(self.page.url).query)
        return {name: texts[-1] for name, texts in asked.items()}

    def until_address(self, *names: str) -> dict[str, str]:
        """Wait until the address holds these parameters; all of them."""
        self.page.wait_for_function(
            "names => names.every((name) => new URLSearchParams(location.search).get(name))",
            arg=list(names),
            timeout=_PATIENCE,
        )
        # Written a moment after the last change, and again whenever Streamlit writes the address.
        self.camera()
        self.page.evaluate("delete window.addressAt")
        self.page.wait_for_function(_ADDRESS_STAYS)
        return self.parameters()


def test_bars_map_gallery_and_legend_share_a_selection(page: Page, url: str, world: World) -> None:
    view = MapPage(page, url, world, colour="prediction", bars="field:attribute:mark")
    before = view.camera()
    view.bars().wait_for()
    page.evaluate("window.notReloaded = true")

    view.brush(2, 4, of=10)
    expected = world.marked(2, 3, 4)
    view.until_selected(expected)
    expect(page.get_by_text(f"{len(expected)} selected, the oddest first")).to_be_visible()
    counts = {
        name: f"{len(expected & world.of_class(name))} of {len(world.of_class(name))}"
        for name in CLASSES
    }
    until(page, lambda: view.legend() == counts)
    view.expect_bars([0, 0, 9, 9, 9, 0, 0, 0, 0, 0, 0])

    view.brush(7, 7, of=10, key="Shift")
    expected |= world.marked(7)
    view.until_selected(expected)
    view.brush(2, 2, of=10, key="Alt")
    expected -= world.marked(2)
    view.until_selected(expected)
    # The mode of the map's toolbar is that of the bars too.
    page.get_by_role("button", name="Cut", exact=True).click()
    view.settle()
    view.brush(0, 3, of=10)
    view.until_selected(world.marked(3))
    view.expect_bars([0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0])
    assert view.camera() == before
    assert page.evaluate("window.notReloaded") is True


def test_a_class_brushed_in_the_legend_is_counted_by_the_bars(
    page: Page, url: str, world: World
) -> None:
    view = MapPage(page, url, world, colour="prediction", bars="field:attribute:mark")
    view.bars().wait_for()
    page.get_by_role("button", name=f"Select {CLASSES[1]}").click()
    view.until_selected(world.of_class(CLASSES[1]))
    view.expect_bars([3] * 10 + [0])


def test_a_query_selects_in_the_toolbars_mode_and_a_wrong_one_changes_nothing(
    page: Page, url: str, world: World
) -> None:
    view = MapPage(page, url, world, colour="prediction")
    view.query("meta.mark:3")
    view.until_selected(world.marked(3))
    page.get_by_role("button", name="Add", exact=True).click()
    view.settle()
    view.query("meta.mark:5")
    view.until_selected(world.marked(3, 5))
    view.settle()
    view.query("tagg:x")
    expect(page.get_by_text("tagg").first).to_be_visible()
    view.settle()
    assert view.selected() == world.marked(3, 5)


def test_a_query_dims_the_others_which_cannot_be_selected_then(
    page: Page, url: str, world: World
) -> None:
    view = MapPage(page, url, world, colour="prediction")
    page.get_by_text("Dim", exact=True).click()
    view.settle()
    view.query("meta.mark:0..4")
    expect(page.get_by_text("45 of 90 bright")).to_be_visible()
    view.settle()
    half = dict.fromkeys(CLASSES, "15")
    until(page, lambda: view.legend() == {**half, "Outside the query": "45"})
    page.get_by_role("button", name=f"Select {CLASSES[0]}").click()
    view.until_selected(world.marked(0, 1, 2, 3, 4) & world.of_class(CLASSES[0]))
    page.get_by_role("button", name="45 of 90 bright").click()
    expect(page.get_by_text("45 of 90 bright")).to_be_hidden()
    until(page, lambda: set(view.legend()) == set(CLASSES))


def hide_and_turn(view: MapPage) -> None:
    """Hide a class, move the camera and select, as a visitor would."""
    view.map().get_by_role("button", name=CLASSES[1]).first.click()
    box = view.map().locator(".stage").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    view.page.mouse.move(x, y)
    view.page.mouse.wheel(0, -300)
    view.page.mouse.down()
    view.page.mouse.move(x + 60, y + 25)
    view.page.mouse.move(x + 90, y + 30)
    view.page.mouse.up()


def test_a_reload_and_a_link_keep_camera_colours_hidden_classes_and_selection(
    page: Page, url: str, world: World
) -> None:
    view = MapPage(page, url, world, map=world.deep, colour="prediction")
    hide_and_turn(view)
    view.query("meta.mark:3")
    expected = world.marked(3) - world.of_class(CLASSES[2])
    view.until_selected(expected)
    view.choose("Bars of a field", "Confidence")
    parameters = view.until_address("cam", "hide", "sel", "bars")
    assert len(page.url) < 260
    camera = view.camera()

    page.reload()
    view.ready()
    view.until_selected(expected)
    until(page, lambda: view.hidden() == [CLASSES[1]])
    assert view.camera() == pytest.approx(camera, rel=1e-3, abs=1e-3)
    view.bars().wait_for()
    assert view.until_address("cam", "hide", "sel", "bars") == parameters

    # The same link in another browser, from the button that copies it.
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    until(page, lambda: page.evaluate("navigator.clipboard.readText()") == page.url)
    link = page.url
    context = page.context.browser.new_context(viewport={"width": 1500, "height": 1300})  # type: ignore[union-attr]
    other = MapPage.__new__(MapPage)
    other.page, other.url, other.world = context.new_page(), url, world
    other.open(link)
    other.until_selected(expected)
    until(other.page, lambda: other.hidden() == [CLASSES[1]])
    assert other.camera() == pytest.approx(camera, rel=1e-3, abs=1e-3)
    context.close()


def test_another_page_and_back_keep_the_state(page: Page, url: str, world: World) -> None:
    view = MapPage(page, url, world, colour="field:attribute:mark")
    view.query("meta.mark:3")
    view.until_selected(world.marked(3))
    box = view.map().locator(".stage").bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.wheel(0, -400)
    view.until_address("cam")
    camera = view.camera()
    page.get_by_role("link", name="History", exact=True).click()
    page.wait_for_url("**/history*")
    view.settle()
    assert "cam" not in view.parameters()
    page.get_by_role("link", name="Map", exact=True).click()
    view.ready()
    view.until_selected(world.marked(3))
    assert view.camera() == camera
    expect(page.get_by_role("combobox", name="Colour by")).to_be_visible()
    assert view.until_address("cam", "sel")["colour"] == "field:attribute:mark"


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"sel": "nothing-here"}, "selection of this link is no longer kept"),
        ({"map": "999"}, "A map of this link does not exist any more"),
        ({"beside": "999"}, "A map of this link does not exist any more"),
        ({"cam": "1_2_x"}, "could not be read. All points are shown"),
        ({"colour": "field:attribute:none"}, "no such colours"),
        ({"bars": "<script>"}, "no such field"),
        ({"focus": "tagg:("}, "The query of this link could not be read"),
    ],
)
def test_a_broken_link_is_told_and_the_map_is_shown(
    page: Page, url: str, world: World, parameters: dict[str, str], said: str
) -> None:
    view = MapPage(page, url, world, said, **parameters)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    assert view.selected() == set()


def test_a_link_of_another_project_gives_nothing_away(page: Page, url: str, world: World) -> None:
    view = MapPage(page, url, world)
    view.query("meta.mark:3")
    view.until_selected(world.marked(3))
    key = view.until_address("sel")["sel"]
    page.goto(f"{url}/map?project={world.other_project}&map={world.flat}&sel={key}")
    view.settle()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator("section.map")).to_have_count(0)
    page.goto(f"{url}/map?project=999&map={world.flat}&sel={key}")
    expect(page.get_by_text("does not exist, or you may not see it")).to_be_visible()


def test_two_maps_share_selection_and_hover(page: Page, url: str, world: World) -> None:
    view = MapPage(page, url, world, colour="prediction", beside=world.deep)
    view.map(1).wait_for()
    view.settle()
    # Selected on the flat map: what is on the other one shows there.
    view.map(0).get_by_role("button", name=f"Select {CLASSES[0]}").click()
    view.until_selected(world.of_class(CLASSES[0]), 0)
    view.until_selected(world.of_class(CLASSES[0]), 1)
    # Added on the other one: images that it lacks stay selected.
    view.settle()
    view.query(f'pred:"{CLASSES[2]}"')
    view.until_selected(world.of_class(CLASSES[2]), 0)
    view.until_selected(set(), 1)
    view.settle()
    view.map(1).get_by_role("button", name=f"Select {CLASSES[1]}").click(modifiers=["Shift"])
    view.until_selected(world.of_class(CLASSES[1]) | world.of_class(CLASSES[2]), 0)
    view.until_selected(world.of_class(CLASSES[1]), 1)

    stage = view.map(0).locator(".stage").bounding_box()
    camera, positions = view.map(0).evaluate(
        """e => { const { scene, model } = e.__view;
          return [scene.camera.state(scene.width, scene.height), [...model.cloud.positions]]; }"""
    )
    screen, _ = project(np.array(positions).reshape(-1, 3)[:, :2], camera)
    assert stage
    page.mouse.move(stage["x"] + screen[5, 0], stage["y"] + screen[5, 1])

    def hovered() -> list[int]:
        ids = "e => e.__view.model.ids[e.__view.scene.hovered] ?? -1"
        return [view.map(place).evaluate(ids) for place in (0, 1)]

    until(page, lambda: hovered()[0] == hovered()[1] != -1)
    page.mouse.move(5, 5)
    until(page, lambda: hovered()[1] == -1)


def test_two_maps_have_their_bars_in_the_same_window(page: Page, url: str, world: World) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    mark = "field:attribute:mark"
    view = MapPage(page, url, world, colour="prediction", beside=world.deep, bars=mark)
    expect(view.bars()).to_have_count(2)
    view.settle()
    for bars in view.bars().all():
        until_still(bars)
        box = bars.bounding_box()
        assert box and box["y"] + box["height"] <= 900
    view.map(0).get_by_role("button", name=f"Select {CLASSES[2]}").click()
    view.until_selected(world.of_class(CLASSES[2]))
    # The map in 3D has none of them.
    for place, each in enumerate((3, 0)):
        view.expect_bars([each] * 10 + [0], place)


def test_more_like_this_selects_the_most_alike(page: Page, url: str, world: World) -> None:
    view = MapPage(page, url, world, colour="prediction")
    view.query("name:line-0/0000.jpg")
    first = world.ids[0]
    view.until_selected({first})
    page.get_by_role("button", name="More like this").click()
    alike = world.of_class(CLASSES[0])  # the features of a class lie together
    page.get_by_label("How many").fill(str(len(alike) - 1))
    page.get_by_role("button", name="Select them").click()
    expect(page.get_by_text(f"{len(alike)} selected")).to_be_visible()
    view.until_selected(alike)
