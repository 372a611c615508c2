"""A folder by its path in a real Chromium: looked at, browsed before it is read, watched, gone."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import Page, expect
from sklearn.datasets import load_sample_images

from core.settings import ROOT
from tests.browser.harness import browser_page, server, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 120_000  # milliseconds
# Streamlit looks for its server below the page's own address first; one picture is missing.
EXPECTED_ERRORS = ("/_stcore/", "Failed to load resource")
_LIST_ONLY = """
from sqlmodel import select
from core.database import reading
from core.jobs import runner
from core.jobs.tables import Job
from core.sources.verbs import run_listing
with reading() as session:
    job = session.exec(select(Job).where(Job.kind == "source")).one()
runner.run(job.id, {"source": run_listing})
"""


def write_pictures(folder: Path, numbers: range) -> None:
    """Different parts of two photos."""
    photos = [np.asarray(photo) for photo in load_sample_images().images]
    for number in numbers:
        photo = photos[number % 2]
        x, y = (number * 37) % 300, (number * 23) % 150
        part = PIL.Image.fromarray(photo[y : y + 260, x : x + 320])
        part.save(folder / f"shot {number:04d}.jpg", quality=92)


class Walk:
    """A visitor, and the machine on which DATAG runs."""

    def __init__(self, page: Page, url: str, data: Path) -> None:
        self.page = page
        self.url = url
        self.data = data
        self.environment = {**os.environ, "DATAG_DATA_DIR": str(data), "PIP_NO_INDEX": "1"}

    def python(self, program: str) -> None:
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=self.environment, check=True, timeout=300
        )

    @contextmanager
    def worker(self) -> Iterator[None]:
        process = subprocess.Popen(
            [sys.executable, "-m", "core.worker"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
        )
        try:
            yield
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(180)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.data / "datag.db") as connection:
            return connection.execute(sql).fetchall()

    def until(self, met: Callable[[], bool], seconds: float = 120) -> None:
        until(self.page, met, seconds)

    def new_project(self, name: str) -> None:
        self.page.goto(self.url)
        self.page.get_by_role("button", name="New project", exact=True).click()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Name", exact=True).blur()
        self.page.get_by_role("button", name="Create project").click()
        self.page.locator(".zone").wait_for()

    def look_at(self, path: Path) -> None:
        self.page.get_by_text("From a folder or a bucket of the server").click()
        self.page.get_by_role("textbox", name="Path").fill(str(path))
        self.page.get_by_role("textbox", name="Path").press("Enter")
        self.page.get_by_role("button", name="Look", exact=True).click()


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    data = tmp_path / "data"
    environment = {"PIP_NO_INDEX": "1", "DATAG_START_WORKER": "false"}
    with (
        server(ROOT / "app.py", data, environment) as url,
        browser_page(1280, 1000, allowed_errors=EXPECTED_ERRORS) as page,
    ):
        page.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        yield Walk(page, url, data)


def shot(page: Page, name: str) -> None:
    """A picture of the page, for whoever wants to see it."""
    if folder := os.environ.get("DATAG_TEST_SHOTS"):
        page.wait_for_timeout(600)
        page.screenshot(path=f"{folder}/{name}.png")


def test_a_folder_is_browsed_before_it_is_read(walk: Walk, tmp_path: Path) -> None:
    folder, page = tmp_path / "line 3", walk.page
    (folder / "라인").mkdir(parents=True)
    write_pictures(folder, range(20))
    write_pictures(folder / "라인", range(20, 30))
    (folder / "out.jpg").symlink_to("/etc/passwd")
    walk.new_project("Line 3")
    walk.look_at(folder)
    expect(page.get_by_text("Found: 30 files")).to_be_visible()
    expect(page.get_by_text("A link that leads out of the folder")).to_be_visible()
    page.get_by_text("Leave in place").click()
    shot(page, "form")
    page.get_by_role("button", name="Take in", exact=True).click()
    page.get_by_text("Listing a folder").wait_for()
    walk.python(_LIST_ONLY)
    page.get_by_text("30 listed, not read yet").wait_for()
    shot(page, "listed")
    page.get_by_role("button", name="Look at the images (30)").click()
    loaded = page.locator('.tile[data-state="loaded"]:visible')
    walk.until(lambda: loaded.count() >= 8)
    expect(page.locator(".unread:visible").first).to_have_text("Not analysed yet")
    shot(page, "unread")
    with walk.worker():
        walk.until(lambda: walk.rows("SELECT finished_at FROM batch") != [(None,)])
    assert walk.rows("SELECT count(*) FROM image WHERE content_hash < 'g'") == [(30,)]
    assert not any(path.is_file() for path in (walk.data / "media").rglob("*"))

    # The first picture is taken away: its thumbnail stays, the viewer says what to do.
    (folder / "shot 0000.jpg").unlink()
    page.reload()
    walk.until(lambda: loaded.count() >= 8)
    loaded.first.dblclick()
    reason = page.locator(".stage .message")
    expect(reason).to_contain_text("The original is not at")
    expect(reason).to_contain_text("shot 0000.jpg any more. Put it back there")
    shot(page, "gone")


def test_a_watched_folder_brings_what_comes(walk: Walk, tmp_path: Path) -> None:
    folder, page = tmp_path / "camera", walk.page
    folder.mkdir()
    walk.new_project("Camera")
    with walk.worker():
        walk.look_at(folder)
        page.get_by_text("There is no file in it").wait_for()
        page.get_by_text("Keep watching for new files").click()
        page.get_by_role("button", name="Take in and watch").click()
        page.get_by_text("Watched folders").wait_for()
        page.get_by_text("Last looked at").wait_for()
        write_pictures(folder, range(3))
        page.get_by_text("3 accepted").wait_for()
        page.get_by_text("takes what comes").wait_for()
        write_pictures(folder, range(3, 5))
        page.get_by_text("5 accepted").wait_for()
        shot(page, "watching")
        page.get_by_role("button", name="Pause").click()
        page.get_by_text("Paused").wait_for()
        page.get_by_role("button", name="Watch again").click()
        page.get_by_role("button", name="Pause").wait_for()
        folder.rename(tmp_path / "elsewhere")
        page.get_by_text("There is no folder or file").wait_for()
        shot(page, "watching_gone")
        page.get_by_role("button", name="End", exact=True).click()
        page.get_by_role("button", name="Stop watching").click()
        expect(page.get_by_text("Watched folders")).to_have_count(0)
        walk.until(lambda: walk.rows("SELECT finished_at FROM batch") != [(None,)])
