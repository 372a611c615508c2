"""Uploads into the real app in a real Chromium: many files, a killed server, a closed tab."""

import hashlib
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import Locator, Page, Request, expect

from core.settings import ROOT
from tests.browser.harness import Server, browser_page, settled, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 120_000  # milliseconds
# A large file takes a minute at this speed: a machine that stands still for a while misses nothing.
_SLOW = 400_000  # bytes per second
# Streamlit asks for a killed server, and Chromium reports what was lost with it.
EXPECTED_ERRORS = (
    "/_stcore/",
    "Failed to load resource",
    "WebSocket connection",
    "Streamlit server is not responding",
)


@dataclass
class Site:
    """A running app and a visitor's browser; no weights can be had, so nothing is analysed."""

    server: Server
    page: Page
    data: Path
    others: frozenset[Path] = frozenset()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.data / "datag.db") as connection:
            return connection.execute(sql).fetchall()

    def parts(self) -> frozenset[Path]:
        """Files on their way."""
        return frozenset((self.data / "uploads").rglob("*.part"))

    def staged(self) -> int:
        """Bytes of files on their way into the newest project."""
        return sum(path.stat().st_size for path in self.parts() - self.others)

    def new_project(self, purpose: str) -> str:
        """Show the upload page of a project; its name is told."""
        name = f"{purpose} {uuid4().hex[:6]}"
        self.others = self.parts()
        self.page.goto(self.server.url)
        self.page.get_by_role("button", name="New project", exact=True).click()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Name", exact=True).blur()
        self.page.get_by_role("button", name="Create project").click()
        self.page.locator(".zone").wait_for()
        return name

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


@contextmanager
def slowly(page: Page) -> Iterator[None]:
    """Meanwhile the page sends no faster than `_SLOW`; it may be closed."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    devtools.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": _SLOW})
    try:
        yield
    finally:
        if not page.is_closed():
            devtools.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": -1})
            devtools.detach()


@contextmanager
def pieces(page: Page) -> Iterator[list[int]]:
    """Where in the file each PATCH request of the page begins, in bytes."""
    found: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            found.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    try:
        yield found
    finally:
        page.remove_listener("request", note)


def test_many_small_files_arrive_and_are_taken_in(site: Site, tmp_path: Path) -> None:
    paths = [picture(tmp_path / f"{n:03d}.bmp", n, (40, 30)) for n in range(2, 52)]
    project = site.new_project("small")
    choose(site.page, *paths)
    expect(site.page.locator(".report .head")).to_contain_text("Files sent: 50")
    batch(site.page, 50)
    assert site.kept(project) == {path.name: digest(path) for path in paths}


def test_a_killed_server_goes_on_where_it_was(site: Site, large: Path) -> None:
    page = site.page
    project = site.new_project("killed")
    with pieces(page) as begun:
        try:
            with slowly(page):
                choose(page, large)
                until(page, lambda: site.staged() > 0)
                site.server.kill()
                arrived = site.staged()
                expect(page.locator(".figures")).to_contain_text("Connection lost")
        finally:
            site.server.kill()
            site.server.start()
        batch(page, 1)
    assert site.kept(project) == {large.name: digest(large)}
    # What had arrived was not sent again.
    assert begun == [0, arrived]


def test_a_closed_tab_goes_on_when_the_same_file_is_chosen_again(site: Site, large: Path) -> None:
    project = site.new_project("closed")
    again = site.page
    with closing(again.context.new_page()) as first:
        first.goto(again.url)
        first.locator(".zone").wait_for()
        with slowly(first):
            choose(first, large)
            until(first, lambda: site.staged() > 0)
            first.close()
    arrived = site.staged()
    # The browser takes a moment to notice that nobody is sending any more.
    again.wait_for_function("async () => (await navigator.locks.query()).held.length === 0")
    again.reload()
    offer = again.locator(".offer")
    expect(offer).to_contain_text("An upload broke off: 큰 사진.bmp")
    expect(offer).to_contain_text("0 of 1 files")
    with pieces(again) as begun:
        choose(again, large)
        batch(again, 1)
    assert site.kept(project) == {large.name: digest(large)}
    assert len(begun) == 1 and begun[0] >= arrived > 0
    with again.expect_response(lambda response: "/api/uploads?project_id" in response.url):
        again.reload()
    again.locator(".zone").wait_for()
    settled(again)
    expect(again.locator(".offer")).to_have_count(0)
