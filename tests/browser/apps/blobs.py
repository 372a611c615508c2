"""Blobs by content address, for pages that show a component without the rest of DATAG."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_blobs: dict[str, bytes] = {}


def put(data: bytes) -> str:
    """Keep bytes and give the address that serves them."""
    name = hashlib.blake2b(data, digest_size=12).hexdigest()
    _blobs[name] = data
    return f"/test/blobs/{name}"


async def _serve(request: Request) -> Response:
    data = _blobs.get(request.path_params["name"])
    return Response(status_code=404) if data is None else Response(data)


ROUTE = Route("/test/blobs/{name}", _serve)
