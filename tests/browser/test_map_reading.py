"""What helps to read a map, in a real Chromium: labels, guides, views, pictures."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from components.map.colours import categorical
from tests.browser.geometry import blob_shape, project
from tests.browser.harness import ROOT, browser_page, server, until
from tests.browser.test_map_component import MapPage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/map_app.py"
    with server(app, tmp_path_factory.mktemp("map")) as address:
        yield address


def test_names_of_classes_stand_at_their_centres(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=2000)
        view.stage.focus()
        page.keyboard.press("n")
        # With the next frame, which a busy machine draws late.
        page.locator(".labels div[style*=visible]").nth(2).wait_for()
        shown = page.locator(".labels div").evaluate_all(
            "nodes => nodes.filter(n => n.style.visibility === 'visible')"
            ".map(n => { const b = n.getBoundingClientRect();"
            " return [n.innerText, b.x + b.width / 2, b.y + b.height / 2]; })"
        )
        assert len(shown) >= 3
        for name, x, y in shown:
            centre = view.coordinates[[c == name for c in view.classes]].mean(axis=0)
            at, _ = project(centre[None], view.camera)
            assert np.allclose([x - view.left, y - view.top], at[0], atol=1.5), name


def test_views_along_the_axes_and_of_the_selection(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=2000)
        view.stage.focus()
        page.keyboard.press("1")
        camera = view.camera
        across = np.array(camera["eye"]) - camera["target"]
        assert np.allclose(across / np.linalg.norm(across), [0, -1, 0], atol=1e-6)
        page.keyboard.press("3")
        above = np.array(view.camera["eye"]) - view.camera["target"]
        assert above[2] / np.linalg.norm(above) > 0.999

        view.tool("Lasso (L)")
        ids = view.draw(blob_shape(view.middle[0] - 60, view.middle[1], 70))["ids"]
        page.keyboard.press("s")
        chosen = view.coordinates[np.isin(view.ids, ids)]
        middle = (chosen.min(axis=0) + chosen.max(axis=0)) / 2
        assert np.allclose(view.camera["target"], middle, atol=1e-4)
        assert view.camera["dist"] < camera["dist"]
        screen, _ = project(chosen, view.camera)
        assert (screen > 0).all()
        assert (screen < [camera["w"], camera["h"]]).all()


def test_box_can_be_turned_off_and_the_map_turns_by_itself(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=50)
        background = view.pixels()[20, 20]

        def drawn() -> int:
            # Without the rim, where the focus shows.
            return int((view.pixels()[10:-10, 10:-10] != background).any(axis=2).sum())

        with_box = drawn()
        view.stage.focus()
        page.keyboard.press("g")
        assert with_box > drawn() + 500
        page.keyboard.press("o")
        before = view.camera["eye"]
        until(page, lambda: view.camera["eye"] != before)
        page.keyboard.press("o")
        view.at_rest()
        still = view.camera["eye"]
        page.wait_for_timeout(300)
        assert view.camera["eye"] == still


def test_picture_and_legend_are_saved(url: str) -> None:
    with browser_page() as page:
        view = MapPage(page, url, n=200)
        files: dict[str, bytes] = {}
        page.on(
            "download",
            lambda d: files.__setitem__(d.suggested_filename, Path(d.path()).read_bytes()),
        )
        page.get_by_label(
            "Save the picture with its legend (PNG) and the legend alone (SVG)"
        ).click()
        until(page, lambda: len(files) == 2)
        picture = np.asarray(Image.open(io.BytesIO(files["map.png"])).convert("RGB")).astype(int)
        screen, _ = project(view.coordinates, view.camera)
        for index in view.isolated(12):
            x, y = screen[index].astype(int)
            assert np.abs(picture[y, x] - picture[3, 3]).max() > 30
        # Beside the map the colours of its classes, each with its name.
        entries = categorical(view.classes).entries
        beside = picture[:, int(view.camera["w"]) :]
        assert beside.shape[1] > 100
        for entry in entries:
            colour = np.array([int(entry["colour"][at : at + 2], 16) for at in (1, 3, 5)])
            swatch = np.abs(beside - colour).max(axis=2) < 12
            assert swatch.sum() > 40, entry
            row = int(np.flatnonzero(swatch.any(axis=1)).mean())
            assert (np.abs(beside[row - 6 : row + 7, 28:] - beside[0, -1]).max(axis=2) > 60).any()
        legend = files["legend.svg"].decode()
        assert "&lt;b&gt;dent&lt;/b&gt;" in legend
        assert "<b>" not in legend
