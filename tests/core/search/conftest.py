"""A small project of which everything is known, in SQLite and in PostgreSQL."""

import contextlib
import os
import time
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks import postgresql
from core.accounts.access import local_viewer
from core.database import engine, reading, upgrade, writing
from core.search import count, find
from core.settings import settings as workbench_settings
from tests.core.search.world import build

#: URL of an empty PostgreSQL database (UTF-8, locale C.UTF-8) on which to run everything again;
#: without one, a server is started where PostgreSQL is installed.
POSTGRESQL = os.environ.get("DATAG_TEST_POSTGRESQL_URL", "")


@contextlib.contextmanager
def database_url(engine_name: str) -> Iterator[str]:
    if engine_name == "sqlite" or POSTGRESQL:
        yield "" if engine_name == "sqlite" else POSTGRESQL
    elif postgresql.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    else:
        with postgresql.server() as url:
            yield url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    """One database for all examples; the clock stands in Seoul, nine hours before UTC."""
    with database_url(request.param) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATAG_DATA_DIR", str(tmp_path_factory.mktemp("world")))
        patch.setenv("DATAG_DATABASE_URL", url)
        patch.setenv("TZ", "Asia/Seoul")
        time.tzset()
        workbench_settings.cache_clear()
        engine.cache_clear()
        upgrade()
        viewer = local_viewer()
        with writing() as session:
            project, known = build(session, viewer)
        yield viewer, project, known
        engine().dispose()
    workbench_settings.cache_clear()
    engine.cache_clear()
    time.tzset()


def found(world: tuple, text: str) -> set[int]:
    viewer, project, _known = world
    with reading() as session:
        ids = find(session, viewer, project, text)
        assert count(session, viewer, project, text) == len(ids)
    assert ids.dtype == np.int64
    assert len(set(ids.tolist())) == len(ids)
    return set(ids.tolist())
