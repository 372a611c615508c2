"""The pictures that a viewer asks for, and a page that shows one."""

from __future__ import annotations

import io
from pathlib import Path

import streamlit as st
from PIL import Image, ImageDraw
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from components.assets import asset_routes

SIZE = (1200, 800)


async def picture(request: Request) -> Response:
    if request.path_params["id"] == 3:
        return Response(status_code=404)
    image = Image.new("RGB", SIZE, (96, 125, 139))
    draw = ImageDraw.Draw(image)
    for x in range(0, SIZE[0], 100):
        draw.line([(x, 0), (x, SIZE[1])], fill=(120, 150, 165))
    # Where the first box of viewer_page.py lies.
    draw.rectangle([120, 160, 479, 399], fill=(250, 250, 250))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return Response(buffer.getvalue(), media_type="image/png")


app = st.App(
    Path(__file__).with_name("viewer_page.py"),
    routes=[Route("/test/pictures/{id:int}", picture), *asset_routes()],
)
