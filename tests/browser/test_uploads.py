"""Uploads into the real app in a real Chromium: many files, a killed server, a closed tab."""

import hashlib
import io
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import Locator, Page, Request, expect

from core.settings import ROOT
from tests.browser.harness import Server, browser_page, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 60_000  # milliseconds
# Streamlit asks for a killed server, and Chromium reports what was lost with it.
EXPECTED_ERRORS = ("/_stcore/", "Failed to load resource", "WebSocket connection")


@dataclass
class Site:
    """A running app and a visitor's browser; no weights can be had, so nothing is analysed."""

    server: Server
    page: Page
    data: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.data / "datag.db") as connection:
            return connection.execute(sql).fetchall()

    def staged(self) -> int:
        """Bytes of files on their way."""
        return sum(path.stat().st_size for path in (self.data / "uploads").rglob("*.part"))

    def new_project(self, name: str) -> None:
        self.page.goto(self.server.url)
        self.page.get_by_role("button", name="New project", exact=True).click()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Name", exact=True).blur()
        self.page.get_by_role("button", name="Create project").click()
        self.page.locator(".zone").wait_for()

    def kept(self, project: str) -> dict[str, str]:
        """Content hashes by name of a project's images, whose originals are checked to be there."""
        found = dict(
            self.rows(
                "SELECT image.name, content_hash FROM image"
                f" JOIN project ON project.id = project_id WHERE project.name = '{project}'"
            )
        )
        for content_hash in found.values():
            original = self.data / "media" / content_hash[:2] / content_hash
            assert hashlib.sha256(original.read_bytes()).hexdigest() == content_hash
        return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("uploads") / "data"
    server = Server(ROOT / "app.py", data, {"PIP_NO_INDEX": "1"})
    try:
        server.start()
        with browser_page(1280, 900, allowed_errors=EXPECTED_ERRORS) as page:
            page.context.set_default_timeout(_PATIENCE)
            expect.set_options(timeout=_PATIENCE)
            yield Site(server, page, data)
    finally:
        server.stop()


def choose(page: Page, *paths: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(list(paths))


def batch(page: Page, accepted: int) -> Locator:
    """The report of a batch of so many images, once all are there."""
    found = page.get_by_text(f"{accepted} accepted")
    found.wait_for()
    return found


def picture(path: Path, seed: int, size: tuple[int, int]) -> Path:
    noise = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    content = io.BytesIO()
    PIL.Image.fromarray(noise).save(content, "BMP")
    path.write_bytes(content.getvalue())
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One picture of 24 MB."""
    return picture(tmp_path_factory.mktemp("large") / "큰 사진.bmp", 1, (4000, 2000))


def slowly(page: Page, bytes_per_second: int) -> None:
    """From now on the page sends no faster; 0: as fast as it can."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    limits["uploadThroughput"] = bytes_per_second or -1
    devtools.send("Network.emulateNetworkConditions", limits)


@contextmanager
def pieces(page: Page) -> Iterator[list[int]]:
    """Where in the file each PATCH request of the page begins, in bytes."""
    found: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            found.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    yield found
    page.remove_listener("request", note)


def test_many_small_files_arrive_and_are_taken_in(site: Site, tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"{n:03d}.bmp", n, (40, 30)) for n in range(2, 52)]
    site.new_project("small")
    choose(site.page, *paths)
    expect(site.page.locator(".report .head")).to_contain_text("Files sent: 50")
    batch(site.page, 50)
    assert site.kept("small") == {path.name: digest(path) for path in paths}


def test_a_killed_server_goes_on_where_it_was(site: Site, large: Path) -> None:
    page = site.page
    site.new_project("killed")
    with pieces(page) as begun:
        slowly(page, 8_000_000)
        choose(page, large)
        until(page, lambda: site.staged() > 4_000_000)
        site.server.kill()
        arrived = site.staged()
        expect(page.locator(".figures")).to_contain_text("Connection lost")
        slowly(page, 0)
        site.server.start()
        batch(page, 1)
    assert site.kept("killed") == {large.name: digest(large)}
    # What had arrived was not sent again.
    assert begun == [0, arrived]


def test_a_closed_tab_goes_on_when_the_same_file_is_chosen_again(site: Site, large: Path) -> None:
    site.new_project("closed")
    first = site.page.context.new_page()
    first.goto(site.page.url)
    first.locator(".zone").wait_for()
    slowly(first, 8_000_000)
    choose(first, large)
    until(first, lambda: site.staged() > 4_000_000)
    first.close()
    arrived = site.staged()
    again = site.page
    again.reload()
    offer = again.locator(".offer")
    expect(offer).to_contain_text("An upload broke off: 큰 사진.bmp")
    expect(offer).to_contain_text("0 of 1 files")
    with pieces(again) as begun:
        choose(again, large)
        batch(again, 1)
    assert site.kept("closed") == {large.name: digest(large)}
    assert len(begun) == 1 and begun[0] >= arrived > 0
    again.reload()
    again.locator(".zone").wait_for()
    expect(again.locator(".offer")).to_have_count(0)
