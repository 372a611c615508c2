"""Labels that come with images and after them, in a real Chromium, until they are measured."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.settings import ROOT
from tests.browser.harness import browser_page, server
from tests.browser.test_uploads import choose, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def coco(folder: Path, name: str, file_name: str) -> Path:
    document = {
        "images": [{"id": 1, "file_name": file_name, "width": 400, "height": 200}],
        "categories": [{"id": 1, "name": "긁힘"}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": [100, 50, 200, 100]},
            {"image_id": 1, "category_id": 9, "bbox": [1, 1, 2, 2]},
        ],
    }
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_labels_are_reported_and_shown_as_ground_truth(tmp_path: Path) -> None:
    with (
        server(ROOT / "app.py", tmp_path / "data", {"PIP_NO_INDEX": "1"}) as url,
        browser_page(1400, 1000, allowed_errors=("/_stcore/",)) as page,
    ):
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        page.goto(url)
        page.get_by_role("button", name="New project", exact=True).click()
        page.get_by_label("Name", exact=True).fill("Line 3")
        page.get_by_label("Name", exact=True).blur()
        page.get_by_role("button", name="Create project").click()
        page.locator(".zone").wait_for()
        # A smaller copy of what was labelled, and labels of another image.
        photo = picture(tmp_path / "사진 1.bmp", 1, (200, 100))
        choose(page, photo, coco(tmp_path, "others.json", "IMG_0001.jpg"))
        page.get_by_text("1 accepted").wait_for()
        expect(
            page.get_by_text("others.json found no image. It names 1, such as IMG_0001.jpg")
        ).to_be_visible()

        page.get_by_role("button", name="Upload more").click()
        choose(page, coco(tmp_path, "these.json", "0a1b2c3d-사진_1.bmp"))
        expect(page.get_by_text("1 left out")).to_be_visible()
        opened = page.get_by_text("What came with the images (1)").first
        opened.click()
        expect(page.get_by_text("What was left out or changed, and why")).to_be_visible()

        page.get_by_role("button", name="Look at the images (1)").click()
        page.locator(".tile").first.dblclick()
        expect(page.get_by_text("True boxes: 1 box (긁힘)")).to_be_visible()
        expect(page.get_by_role("button", name="Boxes (1)")).to_be_visible()
