"""The map in a real Chromium: what Python receives, and what is drawn, against numpy alone."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from components.map.colours import CLASS_COLOURS, NO_VALUE_COLOUR, categorical
from tests.browser.apps.map_data import dataset
from tests.browser.geometry import Bools, Polygon, blob_shape, inside, project
from tests.browser.harness import ROOT, browser_page, double_click, server, until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/map_app.py"
    with server(app, tmp_path_factory.mktemp("map")) as address:
        yield address


# No frame is asked for and the camera stands still, a dozen times in a row. A map may be mounted by
# a component of its own, or within a page's.
_AT_REST = """() => new Promise((done) => {
  const roots = [document, ...[...document.querySelectorAll('*')]
    .map((host) => host.shadowRoot).filter(Boolean)];
  const { scene } = roots.map((root) => root.querySelector('section.map')).find(Boolean).__view;
  let still = 0;
  const look = () => {
    still = scene.frame || scene.pace.moving ? 0 : still + 1;
    if (still < 12) setTimeout(look, 20);
    else done();
  };
  look();
})"""


class MapPage:
    """The test page with its map; points stay points unless `pictures` are asked for."""

    def __init__(
        self,
        page: Page,
        url: str,
        n: int = 5000,
        dim: int = 3,
        lang: str = "en",
        pictures: bool = False,
    ):
        self.page = page
        self.coordinates, self.ids, self.classes = dataset(n, dim)
        page.goto(f"{url}/?n={n}&dim={dim}&lang={lang}")
        self.wait_until_ready()
        if not pictures:
            page.locator("section.map").evaluate("e => e.__view.controls.act('pictures')")

    def wait_until_ready(self) -> None:
        self.page.locator("section.map[data-ready]").wait_for(timeout=120_000)
        box = self.stage.bounding_box()
        assert box
        self.left, self.top = box["x"], box["y"]
        self.middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    @property
    def stage(self) -> Locator:
        return self.page.locator(".stage")

    @property
    def count(self) -> str:
        return self.page.locator(".count").inner_text()

    @property
    def camera(self) -> dict[str, Any]:
        state: dict[str, Any] = self.page.locator("section.map").evaluate(
            "e => { const s = e.__view.scene; return s.camera.state(s.width, s.height); }"
        )
        return state

    @property
    def state(self) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(self.page.locator("code").first.inner_text())
        return shown

    def wait_for_run_after(self, runs: int) -> dict[str, Any]:
        self.page.wait_for_function(
            "runs => JSON.parse(document.querySelector('code').innerText).runs > runs",
            arg=runs,
            timeout=120_000,
        )
        return self.state

    def press(self, button: str) -> None:
        runs = self.state["runs"]
        self.page.get_by_role("button", name=button, exact=True).click()
        self.wait_for_run_after(runs)

    def tool(self, name: str) -> None:
        self.page.locator(".tools button").and_(self.page.get_by_label(name)).click()

    def drag(self, *corners: tuple[float, float], button: Any = "left") -> None:
        mouse = self.page.mouse
        mouse.move(*corners[0])
        mouse.down(button=button)
        for corner in corners[1:]:
            mouse.move(*corner)
        mouse.up(button=button)

    def draw(self, corners: Polygon, key: str | None = None) -> dict[str, Any]:
        """Draw a shape, perhaps with a key held, and give what Python received."""
        runs = self.state["runs"]
        if key:
            self.page.keyboard.down(key)
        self.drag(*corners)
        if key:
            self.page.keyboard.up(key)
        return self.wait_for_run_after(runs)

    def expected(self, corners: Polygon, shown: Bools | None = None) -> set[int]:
        screen, drawn = project(self.coordinates, self.camera)
        mask = inside(screen, np.array(corners) - [self.left, self.top]) & drawn
        return set(self.ids[mask if shown is None else mask & shown].tolist())

    def at_rest(self) -> None:
        """Wait until the map has drawn what has changed."""
        self.page.evaluate(_AT_REST)

    def pixels(self) -> npt.NDArray[np.int64]:
        """The stage as drawn, (height, width, 3), device px."""
        self.page.mouse.move(3, 3)
        self.at_rest()
        picture = Image.open(io.BytesIO(self.stage.screenshot())).convert("RGB")
        return np.asarray(picture).astype(np.int64)

    def isolated(self, gap: float) -> npt.NDArray[np.int64]:
        """Indices of points that lie well inside the stage, `gap` CSS px from any other."""
        camera = self.camera
        screen, drawn = project(self.coordinates, camera)
        distance = np.linalg.norm(screen[:, None] - screen[None], axis=2)
        np.fill_diagonal(distance, np.inf)
        within = (screen > 20).all(axis=1) & (screen < [camera["w"] - 20, camera["h"] - 20]).all(1)
        compass = (screen[:, 0] < 90) & (screen[:, 1] > camera["h"] - 90)
        return np.flatnonzero((distance.min(axis=1) > gap) & within & drawn & ~compass)


@pytest.mark.parametrize(("dim", "density"), [(3, 1), (3, 2), (2, 1), (2, 2)])
def test_python_receives_exactly_the_enclosed_ids(url: str, dim: int, density: int) -> None:
    with browser_page(device_scale_factor=density) as page:
        view = MapPage(page, url, dim=dim)
        x, y = view.middle
        view.drag((x, y), (x + 60, y + 20), (x + 110, y + 35))
        page.mouse.move(x + 50, y - 40)
        page.mouse.wheel(0, -200)
        view.at_rest()
        view.tool("Lasso (L)")
        camera = view.camera

        first = blob_shape(x, y - 20, 90)
        want = view.expected(first)
        received = view.draw(first)
        assert len(want) > 50
        assert set(received["ids"]) == want
        assert (received["kind"], received["op"]) == ("select", "replace")
        assert received["ids"] == sorted(received["ids"])

        second = blob_shape(x + 90, y + 30, 60)
        want |= view.expected(second)
        received = view.draw(second, key="Shift")
        assert (set(received["ids"]), received["op"]) == (want, "add")

        third = blob_shape(x + 20, y, 50)
        want -= view.expected(third)
        received = view.draw(third, key="Alt")
        assert (set(received["ids"]), received["op"]) == (want, "remove")
        assert view.count == f"{len(want):,} of 5,000 selected"
        assert view.camera == camera

        view.tool("Rectangle (B)")
        a, b = (round(x - 120), round(y + 60)), (round(x + 40), round(y - 50))
        want = view.expected([a, (b[0], a[1]), b, (a[0], b[1])])
        assert want
        assert set(view.draw([a, b])["ids"]) == want

        runs = view.state["runs"]
        page.keyboard.press("Escape")
        received = view.wait_for_run_after(runs)
        assert (received["ids"], received["op"]) == ([], "clear")


def test_hidden_classes_are_neither_enclosed_nor_hovered_nor_drawn(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=400)
        entries = page.locator(".entries .entry")
        counts = {e["label"]: e["count"] for e in categorical(view.classes).entries}
        assert entries.count() == 6
        for row in range(6):
            label = entries.nth(row).locator(".name").inner_text()
            shown = entries.nth(row).locator(".number").inner_text()
            assert int(shown) == counts["" if label == "No value" else label]

        hidden_name = entries.first.locator(".name").inner_text()
        entries.first.click()
        assert entries.first.get_attribute("aria-pressed") == "false"
        shown = np.array([c != hidden_name for c in view.classes])
        view.tool("Lasso (L)")
        everything = blob_shape(*view.middle, 190)
        assert view.expected(everything) != view.expected(everything, shown)
        assert set(view.draw(everything)["ids"]) == view.expected(everything, shown)

        entries.first.click()
        entries.nth(1).dblclick()
        alone = entries.nth(1).locator(".name").inner_text()
        mask = np.array([c == alone for c in view.classes])
        assert set(view.draw(everything)["ids"]) == view.expected(everything, mask)
        page.keyboard.press("Escape")
        background = view.pixels()[5, 5]
        screen, _ = project(view.coordinates, view.camera)
        picture = view.pixels()
        for index in view.isolated(12):
            x, y = screen[index].astype(int)
            empty = np.abs(picture[y, x] - background).max() < 60
            assert empty != bool(mask[index]), index


@pytest.mark.parametrize(("dim", "density"), [(3, 1), (3, 2), (2, 1)])
def test_points_are_drawn_where_they_are_projected(url: str, dim: int, density: int) -> None:
    with browser_page(device_scale_factor=density) as page:
        view = MapPage(page, url, n=200, dim=dim)
        entries = categorical(view.classes).entries
        colour = {e["label"]: CLASS_COLOURS[i] for i, e in enumerate(entries[:-1])}
        screen, _ = project(view.coordinates, view.camera)
        picture = view.pixels()
        lone = view.isolated(10)
        assert len(lone) > 10
        for index in lone:
            x, y = (screen[index] * density).astype(int)
            want = colour.get(view.classes[index] or "", NO_VALUE_COLOUR)
            assert np.abs(picture[y, x] - want).max() <= 3, (index, picture[y, x], want)


def test_selection_from_python_shows_and_is_not_echoed(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=400)
        camera, before = view.camera, view.pixels()
        view.press("select from Python")
        runs = view.state["runs"]
        page.locator(".count", has_text="10 of 400 selected").wait_for()
        page.wait_for_timeout(600)
        assert view.state == {"runs": runs}
        assert view.camera == camera

        chosen = set(np.sort(view.ids)[:10].tolist())
        after = view.pixels()
        screen, _ = project(view.coordinates, camera)
        for index in view.isolated(14):
            x, y = screen[index].astype(int)
            kept = np.abs(after[y, x] - before[y, x]).max() < 4
            assert kept == (int(view.ids[index]) in chosen), index


def test_state_survives_reruns_and_page_switches(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=400)
        x, y = view.middle
        view.drag((x, y), (x + 90, y + 40))
        page.mouse.wheel(0, -150)
        page.locator(".entries .entry").nth(2).click()
        view.tool("Lasso (L)")
        ids = view.draw(blob_shape(x, y, 120))["ids"]
        assert ids
        camera, count = view.camera, view.count

        view.press("by number")
        page.locator(".scale").wait_for()
        assert page.locator(".ends").inner_text().split("\n")[1] == "mm"
        view.press("by class")
        page.locator(".entries .entry").nth(2).wait_for()
        page.get_by_role("link", name="Other").click()
        page.get_by_text("another page").wait_for()
        page.get_by_role("link", name="Map").click()
        page.get_by_text("another page").wait_for(state="hidden")
        page.locator(".entries .entry").nth(2).wait_for()
        view.at_rest()
        assert view.camera == camera
        assert view.count == count
        assert page.locator(".entries .entry").nth(2).get_attribute("aria-pressed") == "false"
        lasso = page.locator(".tools button").nth(1)
        assert lasso.get_attribute("aria-pressed") == "true"
        assert view.state["ids"] == ids


def test_click_selects_double_click_opens_hover_tells(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=400)
        screen, _ = project(view.coordinates, view.camera)
        index = int(view.isolated(16)[0])
        x, y = screen[index] + [view.left, view.top]

        page.mouse.move(x, y)
        name = page.locator(".tooltip-name")
        name.get_by_text(f"_{view.ids[index]}.png").wait_for()
        assert name.inner_text().startswith("<img src=x onerror=")
        assert page.locator(".tooltip-label").inner_text() == "scratch · 97.3 %"
        assert page.locator(".tooltip .tag").inner_text() == "검토됨"
        assert page.locator(".tooltip img").evaluate("e => e.naturalWidth") == 128

        runs = view.state["runs"]
        page.mouse.click(x, y)
        received = view.wait_for_run_after(runs)
        assert (received["kind"], received["ids"]) == ("select", [int(view.ids[index])])

        # Long enough that what follows is another click, not a third one.
        page.wait_for_timeout(700)
        runs = view.state["runs"]
        double_click(page, x, y)
        received = view.wait_for_run_after(runs)
        assert (received["kind"], received["image_id"]) == ("open", int(view.ids[index]))
        assert received["ids"] == [int(view.ids[index])]

        runs = view.state["runs"]
        page.mouse.move(3, 3)
        page.keyboard.press("Enter")
        received = view.wait_for_run_after(runs)
        assert (received["kind"], received["image_id"]) == ("open", int(view.ids[index]))


def test_keys_work_and_do_not_reach_streamlit(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=400)
        x, y = view.middle
        view.stage.focus()
        runs, fitted = view.state["runs"], view.camera
        pressed = page.locator(".tools button[aria-pressed=true]")
        for key, name in [("l", "Lasso (L)"), ("b", "Rectangle (B)"), ("r", "Rotate (R)")]:
            page.keyboard.press(key)
            assert pressed.get_attribute("aria-label") == name
        page.keyboard.press("c")
        page.keyboard.press("ArrowLeft")
        assert view.camera["eye"] != fitted["eye"]
        page.keyboard.down("Space")
        view.drag((x, y), (x + 60, y))
        page.keyboard.up("Space")
        panned = view.camera
        assert panned["target"] != fitted["target"]
        view.drag((x, y), (x + 60, y), button="right")
        assert view.camera["target"] != panned["target"]
        page.keyboard.press("f")
        assert view.camera["target"] == fitted["target"]
        page.wait_for_timeout(700)
        assert view.state["runs"] == runs


def test_escape_gives_up_the_shape_being_drawn(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=400)
        x, y = view.middle
        view.tool("Rectangle (B)")
        runs = view.state["runs"]
        page.mouse.move(x - 150, y - 150)
        page.mouse.down()
        page.mouse.move(x + 150, y + 150)
        until(page, lambda: not view.count.startswith("0 of"))
        page.keyboard.press("Escape")
        page.mouse.up()
        page.wait_for_timeout(700)
        assert view.count == "0 of 400 selected"
        assert view.state["runs"] == runs


def test_map_comes_back_after_a_lost_context(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=400)
        before = view.pixels()
        root = page.locator("section.map")
        root.evaluate(
            "e => { const gl = e.__view.scene.renderer.gl;"
            " e.lose = gl.getExtension('WEBGL_lose_context'); e.lose.loseContext(); }"
        )
        until(page, lambda: bool((view.pixels() != before).any()))
        root.evaluate("e => e.lose.restoreContext()")
        until(page, lambda: bool((np.abs(view.pixels() - before) <= 2).all()))


def test_no_points_show_a_text(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=0, lang="ko")
        assert page.locator(".message").inner_text() == "아직 표시할 내용이 없습니다."
        assert view.count == "0개 중 0개 선택됨"


def test_blobs_that_fail_can_be_asked_for_again(url: str) -> None:
    with browser_page(allowed_errors=("503",)) as page:
        page.route("**/api/blobs/*", lambda route: route.fulfill(status=503))
        page.goto(f"{url}/?n=400")
        retry = page.get_by_role("button", name="Try again")
        retry.wait_for()
        page.unroute("**/api/blobs/*")
        retry.click()
        page.locator("section.map[data-ready]").wait_for()
        expect(page.locator(".message")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_map_follows_the_theme(url: str, scheme: Any) -> None:
    with browser_page(color_scheme=scheme) as page:
        view = MapPage(page, url, n=2000)
        corner = view.pixels()[5, 5]
        assert (corner.mean() > 200) == (scheme == "light")
