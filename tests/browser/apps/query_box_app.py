"""A query field, the words that it is offered, and the questions that it asked."""

from __future__ import annotations

import json
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from components.assets import asset_routes

# The last has letters that a Korean keyboard puts together one by one.
VALUES = {"scratch": 12, "stain": 3, "deep scratch": 1, "스크래치": 7}
ASKED: list[str] = []


async def complete(request: Request) -> Response:
    body = json.loads(await request.body())
    text, cursor = body["text"], body["cursor"]
    ASKED.append(text)
    head = text[:cursor]
    start = max(head.rfind(" "), head.rfind("(")) + 1
    word = head[start:]
    if word.startswith("tag:"):
        options = [
            {"text": f'"{name}"' if " " in name else name, "label": name, "kind": "value",
             "count": n, "start": start + 4, "end": cursor}
            for name, n in VALUES.items()
            if name.startswith(word[4:])
        ]  # fmt: skip
    else:
        options = [
            {"text": text, "label": text, "kind": kind, "count": None, "start": start,
             "end": cursor}
            for text, kind in (("tag:", "field"), ("name:", "field"), ("AND", "keyword"))
            if word and text.lower().startswith(word.lower())
        ]  # fmt: skip
    error = None
    if "tagg:" in text:
        error = {"column": text.index("tagg:") + 1, "length": 4, "message": "No such field.",
                 "hint": "Did you mean tag?"}  # fmt: skip
    return JSONResponse({"options": options, "error": error})


async def asked(_request: Request) -> Response:
    return JSONResponse(ASKED)


app = st.App(
    Path(__file__).with_name("query_box_page.py"),
    routes=[
        Route("/test/projects/{id:int}/complete", complete, methods=["POST"]),
        Route("/test/asked", asked),
        *asset_routes(),
    ],
)
