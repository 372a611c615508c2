"""The routes that a gallery asks, over drawn pictures, and a page that shows one."""

from __future__ import annotations

import asyncio
import colorsys
import io
from pathlib import Path

import streamlit as st
from PIL import Image, ImageDraw
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from components.assets import asset_routes
from tests.browser.apps.blobs import ROUTE as BLOBS
from tests.browser.apps.gallery_images import FIRST_ID, GONE, MISSING, hostile_name

_asked: dict[str, list[int]] = {"rows": [], "thumbnails": []}


async def rows(request: Request) -> JSONResponse:
    ids = (await request.json())["ids"]
    _asked["rows"].extend(ids)
    return JSONResponse({"rows": [row(i) for i in ids if i != FIRST_ID + GONE]})


def row(image_id: int) -> dict[str, object]:
    index = image_id - FIRST_ID
    tags = [{"name": "reviewed", "colour": "#2a9d8f"}, {"name": "스크래치", "colour": None}]
    return {
        "id": image_id,
        "name": hostile_name() if index == 1 else f"loom-2/panel_{index:06}.png",
        "label": None if index % 7 == 6 else ["nominal", "local defect", "global"][index % 3],
        "confidence": None if index % 7 == 6 else (index % 100) / 100,
        "tags": tags[: index % 3],
        "boxes": 0,
        "width": 320,
        "height": 240,
    }


async def thumbnail(request: Request) -> Response:
    index = int(request.path_params["id"]) - FIRST_ID
    _asked["thumbnails"].append(index)
    await asyncio.sleep(0.02)
    if index == MISSING:
        return Response(status_code=404)
    red, green, blue = colorsys.hsv_to_rgb(index * 0.137 % 1, 0.55, 0.8)
    colour = (int(red * 255), int(green * 255), int(blue * 255))
    picture = Image.new("RGB", (320, 240 if index % 2 else 320), colour)
    ImageDraw.Draw(picture).text((20, 20), str(index), fill="white", font_size=60)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return Response(buffer.getvalue(), media_type="image/jpeg")


async def asked(request: Request) -> JSONResponse:
    return JSONResponse(_asked)


app = st.App(
    Path(__file__).with_name("gallery_page.py"),
    routes=[
        BLOBS,
        Route("/api/images/rows", rows, methods=["POST"]),
        Route("/api/images/{id:int}/thumbnail", thumbnail),
        Route("/test/asked", asked),
        *asset_routes(),
    ],
)
