"""Fixtures that every test may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.accounts.access import Viewer, local_viewer
from core.database import engine, upgrade
from core.settings import settings


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh, migrated database in its own data folder, which is what the test gets."""
    monkeypatch.setenv("DATAG_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    engine.cache_clear()
    upgrade()
    yield tmp_path
    engine().dispose()
    settings.cache_clear()
    engine.cache_clear()


@pytest.fixture
def viewer(database: Path) -> Viewer:
    """The local workbench's one member."""
    return local_viewer()
