"""The uploader in a real Chromium: files and folders picked and dropped arrive whole."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import ROOT, browser_page, server, until, until_at_rest

pytestmark = pytest.mark.browser

DONE = ["done", "first upload", 41]
# Builds a drop of entries in the shape of Chromium's own from names and texts; null stands for a
# file that cannot be read.
DROP = """
([selector, tree]) => {
  const zone = document.querySelector('.stBidiComponent [data-testid]').shadowRoot
    .querySelector(selector);
  const transfer = new DataTransfer();
  transfer.items.add(new File(['x'], 'x'));
  const entryOf = (path, node) => typeof node === 'string'
    ? { isDirectory: false, fullPath: path,
        file: (take) => take(new File([node], path.slice(path.lastIndexOf('/') + 1))) }
    : node === null
      ? { isDirectory: false, fullPath: path, file: (take, refuse) => refuse(new Error('no')) }
      : { isDirectory: true, fullPath: path, createReader: () => {
          const rest = Object.entries(node).map(([n, child]) => entryOf(`${path}/${n}`, child));
          return { readEntries: (take) => take(rest.splice(0, 100)) };
        } };
  const items = Object.entries(tree).map(([name, node]) => ({
    kind: 'file', webkitGetAsEntry: () => entryOf('/' + name, node), getAsFile: () => null,
  }));
  const event = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
  Object.defineProperty(event, 'dataTransfer', {
    value: { items, types: ['Files'], files: transfer.files },
  });
  zone.dispatchEvent(event);
  return event.defaultPrevented;
}
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = ROOT / "tests/browser/apps/uploader_app.py"
    with server(app, tmp_path_factory.mktemp("uploader")) as address:
        yield address


@pytest.fixture(scope="module")
def browser(url: str) -> Iterator[Page]:
    # Chromium reports every refused or lost request on its console.
    with browser_page(allowed_errors=("Failed to load resource",)) as page:
        yield page


@pytest.fixture
def page(browser: Page, url: str) -> Page:
    return visit(browser, url)


def visit(
    page: Page, url: str, room: int | None = None, mishaps: dict[str, list[int]] | None = None
) -> Page:
    """A fresh visit; the server lets `room` files in, else all, and answers `mishaps` first."""
    page.goto("about:blank")  # what the last visit was sending is given up
    page.request.post(f"{url}/test/prepare", data={"room": room, "mishaps": mishaps or {}})
    page.goto(url)
    expect(page.locator(".zone")).to_be_visible()
    until_at_rest(page)
    return page


def let_in(page: Page, url: str, more: int | None = None) -> None:
    """The server lets so many more files in, else all."""
    page.request.post(f"{url}/test/let-in", data={"more": more})


def state(page: Page, url: str) -> dict[str, Any]:
    found: dict[str, Any] = page.request.get(f"{url}/test/state").json()
    return found


def expect_heard(page: Page, *events: list[Any]) -> None:
    page.wait_for_function(
        "want => document.querySelector('#heard')?.innerText === want",
        arg=json.dumps(list(events)),
    )


def choose(page: Page, name: str, paths: list[Path] | Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=name).click()
    chooser.value.set_files(paths)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of several sizes, with names that need care on their way."""
    root = tmp_path / "loom 2"
    (root / "밤 shift").mkdir(parents=True)
    for name, size in {"a&b.png": 10, "100%.jpg": 300_000, "밤 shift/긁힘+1.png": 5}.items():
        (root / name).write_bytes(os.urandom(size))
    (root / "notes.doc").write_text("not an image")
    return root


def digests(root: Path, parent: Path) -> dict[str, str]:
    return {
        path.relative_to(parent).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and path.suffix != ".doc"
    }


def arrived(page: Page, url: str) -> dict[str, str]:
    return {name: file["sha256"] for name, file in state(page, url)["files"].items()}


def test_picked_files_arrive_whole(page: Page, url: str, folder: Path) -> None:
    files = [folder / "a&b.png", folder / "100%.jpg"]
    choose(page, "Choose files", files)
    expect_heard(page, DONE)
    assert arrived(page, url) == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    found = state(page, url)
    assert found["begun"] == [{"project_id": 7, "files": 2, "bytes": 300_010}]
    assert found["failed"] == [] and found["unguarded"] == 0
    expect(page.locator(".head")).to_have_text("Files sent: 2 (300 kB).")


def test_picked_folder_keeps_its_paths(page: Page, url: str, folder: Path) -> None:
    choose(page, "Choose a folder", folder)
    expect_heard(page, DONE)
    assert arrived(page, url) == digests(folder, folder.parent)
    (failure,) = state(page, url)["failed"]
    assert failure["name"] == "loom 2/notes.doc" and "Not an image" in failure["error"]
    page.locator("summary").click()
    expect(page.locator(".failures li")).to_contain_text("Not an image, an archive")


def test_dropped_files_arrive(page: Page, url: str) -> None:
    transfer = page.evaluate_handle(
        "() => { const t = new DataTransfer();"
        " for (let i = 0; i < 30; i++) t.items.add(new File(['p' + i], `p${i}.png`));"
        " return t; }"
    )
    zone = page.locator(".zone")
    zone.dispatch_event("dragenter", {"dataTransfer": transfer})
    zone.dispatch_event("drop", {"dataTransfer": transfer})
    expect_heard(page, DONE)
    assert arrived(page, url) == {
        f"p{i}.png": hashlib.sha256(f"p{i}".encode()).hexdigest() for i in range(30)
    }


def test_dropped_folders_are_read_to_the_last_file(page: Page, url: str, folder: Path) -> None:
    (folder / "deep" / "deeper").mkdir(parents=True)
    for i in range(250):
        (folder / "deep" / "deeper" / f"{i}.png").write_text(str(i))
    archive = folder.parent / "more.zip"
    archive.write_bytes(b"zip")
    zone = page.locator(".zone").bounding_box()
    assert zone
    devtools = page.context.new_cdp_session(page)
    for step in ("dragEnter", "dragOver", "drop"):
        dragged = {"items": [], "files": [str(folder), str(archive)], "dragOperationsMask": 1}
        place = {"x": zone["x"] + 40, "y": zone["y"] + 40}
        devtools.send("Input.dispatchDragEvent", {"type": step, "data": dragged, **place})
    expect_heard(page, DONE)
    archived = {"more.zip": hashlib.sha256(b"zip").hexdigest()}
    assert arrived(page, url) == digests(folder, folder.parent) | archived
    (failure,) = state(page, url)["failed"]
    assert failure["name"] == "loom 2/notes.doc"


def test_an_unreadable_file_is_reported(page: Page, url: str) -> None:
    tree = {"line": {"deep": {"1.png": "1"}, "locked.png": None}, "top.zip": "zip"}
    assert page.evaluate(DROP, [".zone", tree]) is True
    expect_heard(page, DONE)
    assert set(arrived(page, url)) == {"line/deep/1.png", "top.zip"}
    (failure,) = state(page, url)["failed"]
    assert failure["name"] == "line/locked.png" and "could not be read" in failure["error"]


def test_a_drop_without_files_says_so(page: Page, url: str) -> None:
    page.evaluate(DROP, [".zone", {"empty": {}}])
    expect(page.get_by_text("No files were found")).to_be_visible()
    assert state(page, url)["begun"] == []


def test_refused_and_shaky_files_do_not_stop_the_rest(
    browser: Page, url: str, folder: Path
) -> None:
    page = visit(browser, url, mishaps={"a&b.png": [413], "100%.jpg": [503]})
    choose(page, "Choose files", [folder / "a&b.png", folder / "100%.jpg"])
    expect_heard(page, DONE)
    assert list(arrived(page, url)) == ["100%.jpg"]
    page.get_by_text("Files not sent: 1").click()
    # Markup from the server or a file's name shows as it is written.
    expect(page.locator(".failures li")).to_have_text("a&b.png<b>reason 413</b>")


def test_a_full_disk_asks_what_to_do(browser: Page, url: str, folder: Path) -> None:
    page = visit(browser, url, mishaps={"100%.jpg": [507]})
    choose(page, "Choose files", [folder / "100%.jpg"])
    expect(page.locator(".head")).to_contain_text("reason 507")
    expect(page.get_by_role("button", name="Finish with what has arrived")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect_heard(page, DONE)
    assert list(arrived(page, url)) == ["100%.jpg"]


def test_a_running_upload_survives_reruns_and_other_pages(browser: Page, url: str) -> None:
    page = visit(browser, url, room=10)
    page.evaluate(DROP, [".zone", {f"{i}.png": str(i) for i in range(80)}])
    expect(page.locator(".head")).to_contain_text("of 80")
    until(page, lambda: len(arrived(page, url)) == 10)
    page.get_by_role("button", name="Rerun").click()
    page.get_by_role("link", name="Other").click()
    page.get_by_text("Another page").wait_for()
    let_in(page, url, 30)
    until(page, lambda: len(arrived(page, url)) == 40)
    page.get_by_role("link", name="Upload").click()
    expect(page.locator("progress")).to_be_visible()
    page.get_by_role("link", name="Other").click()
    page.get_by_text("Another page").wait_for()
    let_in(page, url)
    until(page, lambda: state(page, url)["failed"] is not None)
    page.get_by_role("link", name="Upload").click()
    expect_heard(page, DONE)
    assert len(arrived(page, url)) == 80
    page.get_by_role("button", name="Rerun").click()
    until_at_rest(page)
    expect_heard(page, DONE)


def test_progress_tells_and_leaving_warns(browser: Page, url: str) -> None:
    page = visit(browser, url, room=5)
    page.evaluate(DROP, [".zone", {f"{i}.png": str(i) * 5000 for i in range(40)}])
    until(page, lambda: len(arrived(page, url)) == 5)

    def tells_how_fast() -> bool:
        text = page.locator(".figures").inner_text()
        return "/s" in text and "left" in text

    # The speed is told once there are figures of half a second.
    for number in range(6, 30):
        page.wait_for_timeout(100)
        let_in(page, url, 1)
        until(page, lambda number=number: len(arrived(page, url)) == number)
        if tells_how_fast():
            break
    until(page, tells_how_fast)
    share = float(page.locator("progress").evaluate("bar => bar.value"))
    assert 0 < share < 1
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    # Chromium asks only on pages that a person has touched.
    page.locator(".head").click()
    page.evaluate("window.setTimeout(() => { location.href = '/other'; }, 0)")
    until(page, lambda: bool(asked))
    assert asked == ["beforeunload"]
    let_in(page, url)
    expect_heard(page, DONE)


def test_cancel_takes_the_upload_back(browser: Page, url: str) -> None:
    page = visit(browser, url, room=20)
    page.evaluate(DROP, [".zone", {f"{i}.png": str(i) for i in range(200)}])
    expect(page.locator(".head")).to_contain_text("of 200")
    until(page, lambda: len(arrived(page, url)) == 20)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".head")).to_contain_text("cancelled")
    until(page, lambda: state(page, url)["deleted"] == ["first upload"])
    found = state(page, url)
    assert found["failed"] is None
    assert len(found["files"]) == 20
    page.get_by_role("button", name="Upload more").click()
    expect(page.locator(".zone")).to_be_visible()
    assert page.locator("#heard").inner_text() == "[]"


def test_a_file_dropped_beside_the_zone_does_not_replace_the_page(page: Page) -> None:
    stopped = page.evaluate(
        "() => { const t = new DataTransfer(); t.items.add(new File(['x'], 'x.png'));"
        " const e = new DragEvent('drop', { dataTransfer: t, bubbles: true, cancelable: true });"
        " document.body.dispatchEvent(e); return e.defaultPrevented; }"
    )
    assert stopped is True
