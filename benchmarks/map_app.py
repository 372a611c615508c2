"""The app that `benchmarks.map` drives: the component's routes, blobs and one page."""

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.map_data import BLOBS
from components.assets import asset_routes


async def _blob(request: Request) -> Response:
    content = BLOBS[request.path_params["key"]]
    # As DATAG's own route: not compressed on the way.
    return Response(content, headers={"Content-Encoding": "identity"})


app = st.App("map_page.py", routes=[*asset_routes(), Route("/blobs/{key}", _blob)])
