"""The app's routes behind the gate, called without a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from api import blobs, exports, media, queries, uploads
from api.gate import CHANGE_HEADER, Gate
from core.jobs import queue


@pytest.fixture
def stranger(database: Path) -> Iterator[TestClient]:
    """A client that sends no header of ours, as another site's page would."""
    queue.prepare()
    routes = [*media.ROUTES, *blobs.ROUTES, *uploads.ROUTES]
    routes += [*queries.ROUTES, *exports.ROUTES]
    app = Starlette(routes=routes, middleware=[Middleware(Gate)])
    with TestClient(app) as client:
        yield client


@pytest.fixture
def client(stranger: TestClient) -> TestClient:
    """A client as our own pages are."""
    stranger.headers[CHANGE_HEADER] = "1"
    return stranger
