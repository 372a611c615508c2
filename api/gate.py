"""The gate in front of everything: who asks, and whether the request may come from here at all."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.accounts.access import Viewer, local_viewer
from core.i18n import LANGUAGES, use_language
from core.settings import settings

#: Header of requests that change something; a form on another site cannot set it.
CHANGE_HEADER = "X-Datag-Request"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Gate:
    """Lets a request through to the pages, the routes and the websocket, or turns it away.

    Our own routes' changes need a header that other sites cannot send along, so that no page of
    another site can make a visitor's browser upload or delete anything here. Their texts are in
    the language that the request asks for.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and _is_forged(scope):
            await PlainTextResponse("forbidden", 403)(scope, receive, send)
            return
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            use_language(_language(Headers(scope=scope).get("Accept-Language", "")))
        await self.app(scope, receive, send)


def _language(header: str) -> str:
    """The first of our languages that a request names; our own pages name the visitor's."""
    named = (part.split(";")[0].split("-")[0].strip().lower() for part in header.split(","))
    return next((code for code in named if code in LANGUAGES), settings().language)


def _is_forged(scope: Scope) -> bool:
    return (
        scope["path"].startswith("/api/")
        and scope["method"] not in _SAFE_METHODS
        and CHANGE_HEADER not in Headers(scope=scope)
    )


def viewer_of(_request: Request) -> Viewer:
    """On whose behalf a request reads or changes something."""
    return local_viewer()
