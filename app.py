"""DATAG: `streamlit run app.py` serves the pages, our HTTP routes and keeps a worker running."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api import blobs, exports, media, models, queries, uploads
from api.gate import Gate
from components.assets import asset_routes
from core import database
from core.ingest.unfinished import clear_away
from core.jobs import queue
from core.settings import settings
from core.supervisor import WorkerSupervisor


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Migrate the database, then keep a worker running for as long as the app runs."""
    database.upgrade()
    queue.prepare()
    clear_away()
    host, port = st.get_option("server.address"), st.get_option("server.port")
    print(f"DATAG is on http://{host}:{port}", flush=True)
    if not settings().start_worker:
        yield
        return
    with WorkerSupervisor():
        yield


app = st.App(
    "pages/shell.py",
    lifespan=lifespan,
    routes=[
        *asset_routes(),
        *media.ROUTES,
        *blobs.ROUTES,
        *uploads.ROUTES,
        *models.ROUTES,
        *queries.ROUTES,
        *exports.ROUTES,
    ],
    middleware=[
        Middleware(TrustedHostMiddleware, allowed_hosts=settings().allowed_hosts),
        Middleware(Gate),
    ],
)
