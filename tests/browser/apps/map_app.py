"""A small app around the map component: its routes, blobs, thumbnails and summaries."""

from __future__ import annotations

import io

import streamlit as st
from PIL import Image
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from components.assets import asset_routes
from tests.browser.apps.map_data import BLOBS


async def blob(request: Request) -> Response:
    content = BLOBS.get(request.path_params["key"])
    if content is None:
        return Response(status_code=404)
    return Response(content, media_type="application/octet-stream")


async def thumbnail(request: Request) -> Response:
    image_id = int(request.path_params["id"])
    picture = Image.new("RGB", (128, 96), (image_id * 37 % 256, image_id * 91 % 256, 120))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return Response(buffer.getvalue(), media_type="image/jpeg")


async def summary(request: Request) -> Response:
    image_id = int(request.path_params["id"])
    return JSONResponse(
        {
            "name": f"<img src=x onerror=alert(1)>_{image_id}.png",
            "label": "scratch",
            "confidence": 0.973,
            "tags": [{"name": "검토됨", "colour": "#123456"}],
        }
    )


app = st.App(
    "map_page.py",
    routes=[
        *asset_routes(),
        Route("/api/blobs/{key}", blob),
        Route("/api/images/{id:int}/thumbnail", thumbnail),
        Route("/api/images/{id:int}/summary", summary),
    ],
)
