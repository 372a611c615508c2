"""The app's routes behind the gate, called without a server."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from api import blobs, exports, media, queries, uploads
from api.gate import CHANGE_HEADER, Gate
from core.jobs import queue

OCTETS = "application/offset+octet-stream"


def tus_headers(**metadata: str) -> dict[str, str]:
    """Headers of a tus request; `metadata` describes a new file."""
    pairs = [f"{key} {b64encode(value.encode()).decode()}" for key, value in metadata.items()]
    return {"Tus-Resumable": "1.0.0", **({"Upload-Metadata": ",".join(pairs)} if pairs else {})}


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
