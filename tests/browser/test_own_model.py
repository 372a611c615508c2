"""Bringing a model of one's own in a real Chromium: from its file to images that it analysed."""

import io
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from playwright.sync_api import expect
from safetensors.torch import save_file

from core.accounts.access import Viewer
from core.database import writing
from core.models.tables import UserModel
from core.settings import ROOT
from tests.browser.harness import browser_page, server, until, until_at_rest
from tests.browser.prepared import prepared_project
from tests.core.models.facts import FACTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE = 240_000  # milliseconds; models are converted and run beside all else


def picture(folder: Path, n: int) -> Path:
    rng = np.random.default_rng(n)
    path = folder / f"{n}.png"
    content = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(content, "PNG")
    path.write_bytes(content.getvalue())
    return path


def test_from_a_file_to_analysed_images(tmp_path: Path, weights_dir: Path) -> None:
    torch.manual_seed(1)
    network = torchvision.models.resnet18(num_classes=3)
    save_file(network.state_dict(), tmp_path / "line-3.safetensors")
    pictures = [picture(tmp_path, n) for n in range(12)]
    data = tmp_path / "data"

    def rows(sql: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(data / "datag.db") as connection:
            return connection.execute(sql).fetchall()

    with (
        server(ROOT / "app.py", data, {"DATAG_WEIGHTS_DIR": str(weights_dir)}) as url,
        browser_page(1400, 1000, allowed_errors=("/_stcore/",)) as page,
    ):
        page.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)

        def new_project(name: str, model: str | None = None) -> None:
            page.goto(url)
            page.get_by_role("button", name="New project", exact=True).click()
            page.get_by_label("Name", exact=True).fill(name)
            page.get_by_label("Name", exact=True).blur()
            if model:
                page.get_by_text(model).first.click()
            page.get_by_role("button", name="Create project").click()

        def upload() -> None:
            page.get_by_text("Drop images, folders or zip files here").wait_for()
            with page.expect_file_chooser() as chooser:
                page.get_by_role("button", name="Choose files").click()
            chooser.value.set_files(pictures)
            page.get_by_text("12 accepted").wait_for()

        new_project("Line 3")
        upload()
        page.get_by_role("link", name="Models", exact=True).click()
        page.get_by_role("tab", name="Bring your own model").click()
        page.get_by_text("Drop a model file here").wait_for()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a file").click()
        chooser.value.set_files(tmp_path / "line-3.safetensors")
        expect(page.get_by_role("combobox", name="Architecture")).to_be_visible()
        classes = page.get_by_role("textbox", name="Class names, one a line")
        classes.fill("긁힘\nclean")
        classes.blur()
        expect(page.get_by_text("You named 2 classes, the network has 3.")).to_be_visible()
        classes.fill("긁힘\nclean\nhole")
        classes.blur()
        expect(page.get_by_text("3 of 3 classes named")).to_be_visible()
        page.get_by_role("button", name="Try it on ten images").click()
        page.get_by_text("Tried on 10 images").wait_for()
        page.get_by_role("textbox", name="Name of the model").fill("Line 3 defects")
        page.get_by_role("button", name="Save the model").click()
        page.get_by_text("can be chosen now").wait_for()
        page.get_by_role("button", name="Rename").click()
        name = page.get_by_role("textbox", name="Name of the model")
        name.fill("Line 3 flaws")
        page.get_by_role("button", name="Rename").last.click()
        expect(page.get_by_text("Line 3 flaws", exact=True)).to_be_visible()
        expect(name).to_be_hidden()

        new_project("Second", "Line 3 flaws")
        upload()
        ((key,),) = rows("SELECT key FROM user_model")
        found = f"FROM prediction WHERE model_key = '{key}' AND label IS NOT NULL"
        until(page, lambda: rows(f"SELECT count(*) {found}") == [(12,)], 240)
        assert set(rows(f"SELECT DISTINCT label {found}")) <= {("긁힘",), ("clean",), ("hole",)}
        assert rows(f"SELECT DISTINCT length(vector) FROM embedding WHERE model_key = '{key}'") == [
            (4 * 512,)
        ]


def tried_model(viewer: Viewer, images: list[int], answers: list[dict[str, object]]) -> None:
    """A draft that was tried on these images, with these answers."""
    with writing() as session:
        session.add(
            UserModel(
                name="tried",
                file_name="tried.onnx",
                sha256="0",
                suffix=".onnx",
                byte_size=1,
                created_by=viewer.user_id,
                facts=FACTS,
                trial={
                    "images": images,
                    "answers": answers,
                    "image_milliseconds": 12.3,
                    "load_seconds": 0.5,
                    "feature_size": 448,
                    "device": "CPU",
                },
            )
        )


def test_a_trial_names_three_classes_and_its_tab_is_kept(database: Path, viewer: Viewer) -> None:
    project_id, images = prepared_project(viewer, 1)
    first = [["긁힘", 0.6], ["<b>clean</b>", 0.3], ["hole", 0.1]]
    answer = {"label": "긁힘", "confidence": 0.6, "detections": [], "first": first}
    tried_model(viewer, images, [answer])
    with (
        server(ROOT / "app.py", database, {"DATAG_START_WORKER": "false"}) as url,
        browser_page(1400, 1000, allowed_errors=("/_stcore/",)) as page,
    ):
        page.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        page.goto(f"{url}/models?project={project_id}")
        own = page.get_by_role("tab", name="Bring your own model")
        own.click()
        for said in ("긁힘 · 60%", "<b>clean</b> · 30%", "hole · 10%"):
            expect(page.get_by_text(said, exact=True)).to_be_visible()
        until_at_rest(page)
        page.get_by_role("link", name="History", exact=True).click()
        expect(page.get_by_role("heading", name="History")).to_be_visible()
        page.get_by_role("link", name="Models", exact=True).click()
        expect(own).to_have_attribute("aria-selected", "true")
        expect(page.get_by_text("hole · 10%", exact=True)).to_be_visible()


def test_a_trial_shows_boxes_where_they_are(database: Path, viewer: Viewer) -> None:
    """Also past what the browser side of Streamlit takes out of markup."""
    project_id, images = prepared_project(viewer, 2)
    label = "<img src=x onerror=alert(1)>"
    box = {"label": label, "confidence": 0.86, "box": [0.25, 0.5, 0.75, 1.0]}
    answers = [
        {"label": label, "confidence": 0.86, "detections": [box, box]},
        {"label": None, "confidence": None, "detections": []},
    ]
    tried_model(viewer, images, answers)
    without_worker = {
        "DATAG_START_WORKER": "false",
        "DATAG_MAX_MODEL_BYTES": "1000",
        "DATAG_ALLOW_PICKLED_MODELS": "true",
    }
    with (
        server(ROOT / "app.py", database, without_worker) as url,
        browser_page(1400, 1000, allowed_errors=("/_stcore/",)) as page,
    ):
        page.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        page.goto(f"{url}/models?project={project_id}")
        page.get_by_role("tab", name="Bring your own model").click()
        found = page.get_by_title(f"{label} 86%")
        expect(found).to_have_count(2)
        picture = page.locator("img[src*=thumbnail]").first
        expect(picture).to_have_js_property("complete", True)

        def lies_on_its_place() -> bool:
            outer, inner = picture.bounding_box(), found.first.bounding_box()
            assert outer and inner
            want = {
                "x": outer["x"] + outer["width"] / 4,
                "y": outer["y"] + outer["height"] / 2,
                "width": outer["width"] / 2,
                "height": outer["height"] / 2,
            }
            return inner == pytest.approx(want, abs=1)

        # The page may still be moving while it is measured.
        until(page, lies_on_its_place)
        expect(page.get_by_text(f"{label} × 2 · 86%")).to_be_visible()
        expect(page.get_by_text("nothing found")).to_be_visible()

        large = database / "large.onnx"
        large.write_bytes(bytes(2000))
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a file").click()
        chooser.value.set_files(large)
        expect(page.get_by_text("A model file may have 1e-06 GB")).to_be_visible()
        expect(page.get_by_text("holds a program that is run once")).to_be_visible()
