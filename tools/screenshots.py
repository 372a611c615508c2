"""`python -m tools.screenshots` takes the pictures of README and guide, on the demo project.

It starts DATAG on an empty data folder, loads the demo, makes a map and walks through the pages.
"""

import json
import sqlite3
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page

from core.settings import ROOT
from tests.browser.geometry import blob_shape, project
from tests.browser.harness import browser_page, server

IMAGES = ROOT / "docs" / "images"
_PATIENCE = 600  # seconds
_SIZE = (1440, 900)


class Tour:
    """A visit to the demo project, with a picture at each stop."""

    def __init__(self, page: Page, url: str, data: Path) -> None:
        self.page, self.url, self.data = page, url, data

    def take(self, name: str) -> None:
        self.page.wait_for_timeout(2500)
        self.page.screenshot(path=IMAGES / f"{name}.png")

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.data / "datag.db") as connection:
            return connection.execute(sql).fetchall()

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

    def map_and_lasso(self) -> None:
        self.go_to("Map")
        self.page.get_by_role("button", name="Make the map").click()
        section = self.page.locator("section.map[data-ready]")
        section.wait_for(timeout=_PATIENCE * 1000)
        self.page.wait_for_timeout(3000)
        section.locator(".tools button").and_(self.page.get_by_label("Lasso")).click()
        corners = self._around_a_class(section)
        self.page.mouse.move(*corners[0])
        self.page.mouse.down()
        for corner in corners[1:]:
            self.page.mouse.move(*corner)
        self.page.mouse.up()
        self.page.get_by_text("selected, the oddest first").wait_for()
        self.page.mouse.move(5, 5)
        self.page.wait_for_timeout(5000)  # the gallery loads its pictures
        self.take("map")

    def _around_a_class(self, section):  # type: ignore[no-untyped-def]
        """A lasso around the images with the tag `global defect`."""
        stage = section.locator(".stage").bounding_box()
        camera = section.evaluate(
            "e => { const s = e.__view.scene; return s.camera.state(s.width, s.height); }"
        )
        ((ids, coordinates),) = self.rows("SELECT image_ids, coordinates FROM map_data")
        tagged = self.rows(
            "SELECT image_id FROM image_tag JOIN tag ON tag.id = tag_id"
            " WHERE name = 'global defect'"
        )
        points = np.frombuffer(coordinates, "<f4").reshape(-1, 3)
        screen, _drawn = project(points, camera)
        chosen = np.isin(np.frombuffer(ids, "<i8"), [i for (i,) in tagged])
        x, y = np.median(screen[chosen], axis=0)
        radius = float(np.percentile(np.hypot(*(screen[chosen] - (x, y)).T), 95)) + 18
        return blob_shape(x + stage["x"], y + stage["y"], radius)

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


def main() -> None:
    """Take every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        server(ROOT / "app.py", Path(folder)) as url,
        browser_page(*_SIZE, allowed_errors=("/_stcore/",)) as page,
    ):
        page.set_default_timeout(60_000)
        tour = Tour(page, url, Path(folder))
        tour.load_demo()
        tour.map_and_lasso()
        tour.images_and_query()
        tour.history()
    print(json.dumps(sorted(path.name for path in IMAGES.glob("*.png"))))


if __name__ == "__main__":
    main()
