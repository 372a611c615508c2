"""Pictures and what a tile or a tooltip says about them."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from api.gate import viewer_of
from core.curation.summaries import image_rows
from core.database import reading
from core.errors import UserError
from core.media import thumbnails
from core.media.images import load_image
from core.media.originals import open_original, original_of, stored_path
from core.media.renditions import viewable

_MAX_ROWS = 500
_PIECE = 1 << 18  # bytes
# An image's content never changes: its id can be cached for as long as the browser likes.
_KEEP = {"Cache-Control": "private, max-age=31536000, immutable"}
_FRESH = {"Cache-Control": "no-store"}
_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
}


def thumbnail(request: Request) -> Response:
    """The thumbnail of an image, also of one in the bin, as JPEG."""
    try:
        with reading() as session:
            image_id = request.path_params["image_id"]
            image = load_image(session, viewer_of(request), image_id, binned=True)
        wanted = original_of(image)
        # Until its file was read another one may come to stand in its place.
        if not wanted.is_read:
            return Response(thumbnails.ensure(wanted), media_type="image/jpeg", headers=_FRESH)
        headers = {**_KEEP, "ETag": f'"{wanted.content_hash}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(thumbnails.ensure(wanted), media_type="image/jpeg", headers=headers)
    except UserError:
        return Response(status_code=404)


def original(request: Request) -> Response:
    """An image's file as it was uploaded.

    As JPEG comes what browsers lack, or show otherwise than the models saw it: moving pictures of
    which the first counts, and values that are mapped to 8 bits.

    Where it cannot be read, `{"error": …}` says why and what to do.
    """
    try:
        with reading() as session:
            image = load_image(session, viewer_of(request), request.path_params["image_id"])
        wanted = original_of(image)
        kept = _KEEP if wanted.is_read else _FRESH
        media_type = None if image.tones else _TYPES.get(image.format)
        if media_type is None:
            rendition = viewable(wanted, image.width * image.height)
            return StreamingResponse(_pieces(rendition), media_type="image/jpeg", headers=kept)
        headers = {**kept, "X-Content-Type-Options": "nosniff"}
        path = stored_path(wanted)
        if path is not None:
            return FileResponse(path, media_type=media_type, headers=headers)
        file = open_original(wanted)
        return StreamingResponse(_pieces(file), media_type=media_type, headers=headers)
    except UserError as error:
        return JSONResponse({"error": str(error)}, 404, headers=_FRESH)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def summary(request: Request) -> Response:
    """Name, prediction, confidence and tags of one image."""
    image_id = request.path_params["image_id"]
    with reading() as session:
        rows = image_rows(session, viewer_of(request), [image_id])
    return JSONResponse(rows[0]) if rows else Response(status_code=404)


async def rows(request: Request) -> Response:
    """The same for up to 500 images: `{"ids": [...]}` is answered with `{"rows": [...]}`.

    With `?bin=1` in the address there are rows of images in the bin too.
    """
    try:
        body: Any = json.loads(await request.body())
        ids = [int(value) for value in body["ids"]][:_MAX_ROWS]
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"error": 'expected {"ids": [1, 2, …]}'}, 400)
    viewer, binned = viewer_of(request), request.query_params.get("bin") == "1"

    def load() -> list[dict[str, Any]]:
        with reading() as session:
            return image_rows(session, viewer, ids, binned=binned)

    return JSONResponse({"rows": await run_in_threadpool(load)})


ROUTES = [
    Route("/api/images/rows", rows, methods=["POST"]),
    Route("/api/images/{image_id:int}/thumbnail", thumbnail),
    Route("/api/images/{image_id:int}/original", original),
    Route("/api/images/{image_id:int}/summary", summary),
]
