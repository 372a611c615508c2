"""The upload protocol, kept in memory, and a page that shows an uploader."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from components.assets import asset_routes

TOKEN = "first upload"
_state: dict[str, Any] = {}


def _forget() -> None:
    _state.update(
        begun=[], files={}, failed=None, deleted=[], unguarded=0, mishaps={}, came=0, room=None
    )


_forget()


def _guard(request: Request) -> None:
    _state["unguarded"] += request.headers.get("X-Datag-Request") != "1"


async def begin(request: Request) -> JSONResponse:
    _guard(request)
    _state["begun"].append(await request.json())
    return JSONResponse({"upload": TOKEN})


async def post_file(request: Request) -> Response:
    """Take one file; `mishaps` holds the statuses that its name meets before it is taken."""
    _guard(request)
    assert request.path_params["upload"] == TOKEN
    digest, size = hashlib.sha256(), 0
    async for part in request.stream():
        digest.update(part)
        size += len(part)
    assert size == int(request.headers["Upload-Length"])
    visit, place = _state["begun"], _state["came"]
    _state["came"] += 1
    while _state["begun"] is visit and _state["room"] is not None and place >= _state["room"]:
        await asyncio.sleep(0.02)
    pairs = dict(pair.split(" ") for pair in request.headers["Upload-Metadata"].split(","))
    name = base64.b64decode(pairs["filename"]).decode()
    index = base64.b64decode(pairs["index"]).decode()
    mishaps = _state["mishaps"].get(name, [])
    if mishaps:
        status = mishaps.pop(0)
        return JSONResponse({"error": f"<b>reason {status}</b>"}, status_code=status)
    _state["files"][name] = {"sha256": digest.hexdigest(), "bytes": size}
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(size)}
    return Response(status_code=201, headers={**headers, "Location": f"{request.url.path}/{index}"})


async def unfinished(_request: Request) -> JSONResponse:
    return JSONResponse({"uploads": []})


async def complete(request: Request) -> JSONResponse:
    _guard(request)
    _state["failed"] = (await request.json())["failed"]
    return JSONResponse({"batch": 41, "job": "job-1"})


async def cancel(request: Request) -> JSONResponse:
    _guard(request)
    _state["deleted"].append(request.path_params["upload"])
    return JSONResponse({})


async def prepare(request: Request) -> JSONResponse:
    """Forget everything and set `mishaps` and `room`: the number of files that are let in."""
    _forget()
    _state.update(await request.json())
    return JSONResponse({})


async def let_in(request: Request) -> JSONResponse:
    """Let so many more files in, or all (`null`)."""
    more = (await request.json())["more"]
    _state["room"] = None if more is None else _state["room"] + more
    return JSONResponse({})


async def state(request: Request) -> JSONResponse:
    return JSONResponse(_state)


app = st.App(
    Path(__file__).with_name("uploader_page.py"),
    routes=[
        Route("/api/uploads", begin, methods=["POST"]),
        Route("/api/uploads", unfinished, methods=["GET"]),
        Route("/api/uploads/{upload}/files", post_file, methods=["POST"]),
        Route("/api/uploads/{upload}/complete", complete, methods=["POST"]),
        Route("/api/uploads/{upload}", cancel, methods=["DELETE"]),
        Route("/test/prepare", prepare, methods=["POST"]),
        Route("/test/let-in", let_in, methods=["POST"]),
        Route("/test/state", state),
        *asset_routes(),
    ],
)
