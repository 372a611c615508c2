"""Pages are run as they are: the shell with its navigation, over a real database."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs import queue
from core.settings import ROOT
from tests.core.ingest.conftest import drop, no_registry, project

OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(database: object) -> OpenPage:
    """Open a page, by its file's name, of the project with this id."""
    queue.prepare()

    def opened(page: str, project_id: int | None = None, language: str = "en") -> AppTest:
        at = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=120)
        at.session_state["language"] = language
        if project_id is not None:
            at.session_state["project_id"] = project_id
        at.run()
        if page != "home.py":
            at.switch_page(page).run()
        assert not at.exception
        return at

    return opened


def written(at: AppTest) -> str:
    """Every text of the page's main part that Markdown, captions and messages hold."""
    parts = [*at.main.markdown, *at.main.caption, *at.main.warning, *at.main.error, *at.main.info]
    return "\n".join(str(part.value) for part in parts)


def keys(at: AppTest) -> set[str]:
    """Keys of the buttons on the page."""
    return {str(button.key) for button in at.main.button}
