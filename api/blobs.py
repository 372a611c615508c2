"""Binary data for the components, by content."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.gate import viewer_of
from core.blobs import store


def blob(request: Request) -> Response:
    """A blob that a page made for this visitor."""
    data = store().get(request.path_params["key"], viewer_of(request).user_id)
    if data is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        # Packing a million coordinates takes five times as long as sending them as they are.
        "Content-Encoding": "identity",
    }
    return Response(data, media_type="application/octet-stream", headers=headers)


ROUTES = [Route("/api/blobs/{key}", blob)]
