"""The confusion matrix in a real Chromium: every place of a cell leads to its images."""

import pytest
from playwright.sync_api import expect

from core.accounts.access import Viewer
from core.annotations.tables import Annotation
from core.database import writing
from core.settings import ROOT
from tests.browser.harness import browser_page, server, until_at_rest, until_still
from tests.browser.prepared import prepared_project

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_cell_leads_to_its_images(database: object, viewer: Viewer) -> None:
    found = [("tench", 0.9, (0.1, 0.1, 0.4, 0.4))]
    project_id, images = prepared_project(viewer, 6, found)
    with writing() as session:
        for n, image_id in enumerate(images):
            label = "tench" if n < 4 else "goldfish"
            said = {"label": label, "source": "hand", "updated_by": viewer.user_id}
            session.add(Annotation(image_id=image_id, **said))
    with (
        server(ROOT / "app.py", database, {"DATAG_START_WORKER": "false"}) as url,  # type: ignore[arg-type]
        browser_page(1400, 1000, allowed_errors=("/_stcore/",)) as page,
    ):
        page.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        page.goto(f"{url}/evaluation?project={project_id}")
        markers = page.locator(".js-plotly-plot .scatterlayer .points path")
        expect(markers).to_have_count(2)
        until_at_rest(page)
        until_still(markers.first)
        cells = [markers.nth(n).bounding_box() for n in range(2)]
        wrong = max((cell for cell in cells if cell), key=lambda cell: -cell["y"])
        page.mouse.click(wrong["x"] + 4, wrong["y"] + 4)
        page.get_by_role("button", name="See these 2 images: goldfish → tench").click()
        expect(page.get_by_text("2 images")).to_be_visible()
