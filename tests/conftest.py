"""Fixtures that every test may ask for."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from core.accounts.access import Viewer, local_viewer
from core.database import engine, upgrade
from core.jobs import queue
from core.media import store as media_store
from core.settings import ROOT, settings
from models.catalogue import CATALOGUE
from models.weights import fetch

# How long an example takes says nothing on a busy machine.
hypothesis.settings.register_profile("datag", deadline=None)
hypothesis.settings.load_profile("datag")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest migration, for others to be copied from."""
    folder = tmp_path_factory.mktemp("migrated")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATAG_DATA_DIR", str(folder))
        _forget()
        upgrade()
        engine().dispose()
        path = settings().sqlite_path
    _forget()
    return path


@pytest.fixture
def database(tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh, migrated database in its own data folder, which is what the test gets."""
    monkeypatch.setenv("DATAG_DATA_DIR", str(tmp_path))
    _forget()
    shutil.copy(migrated, settings().sqlite_path)
    yield tmp_path
    engine().dispose()
    _forget()


def _forget() -> None:
    """Drop what this process remembers of settings and places."""
    for remembered in (settings, engine, media_store._filesystem, queue._client):
        remembered.cache_clear()


@pytest.fixture
def viewer(database: Path) -> Viewer:
    """The local workbench's one member."""
    return local_viewer()


@pytest.fixture(scope="session")
def download_cache() -> Path:
    """Folder where downloads are kept between runs of the tests."""
    cache = Path(os.environ.get("DATAG_TEST_CACHE", ROOT / "data" / "cache" / "tests"))
    cache.mkdir(parents=True, exist_ok=True)
    return cache


@pytest.fixture(scope="session")
def weights_dir(download_cache: Path) -> Path:
    """The real weights of every model of the catalogue."""
    folder = download_cache / "weights"
    # Tests run in two processes: the second finds what the first has fetched.
    with FileLock(download_cache / "weights.lock"):
        for card in CATALOGUE.values():
            fetch(card, folder)
    return folder
