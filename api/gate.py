"""The gate in front of everything: who asks, and whether the request may come from here at all."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.accounts.access import Viewer, local_viewer

#: Header of requests that change something; a form on another site cannot set it.
CHANGE_HEADER = "X-Datag-Request"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Gate:
    """Lets a request through to the pages, the routes and the websocket, or turns it away.

    Our own routes' changes need a header that other sites cannot send along, so that no page of
    another site can make a visitor's browser upload or delete anything here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and _is_forged(scope):
            await PlainTextResponse("forbidden", 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _is_forged(scope: Scope) -> bool:
    return (
        scope["path"].startswith("/api/")
        and scope["method"] not in _SAFE_METHODS
        and CHANGE_HEADER not in Headers(scope=scope)
    )


def viewer_of(_request: Request) -> Viewer:
    """On whose behalf a request reads or changes something."""
    return local_viewer()
