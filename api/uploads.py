"""Files on their way in: each is one request, streamed to disk."""

import errno
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.gate import viewer_of
from core.database import reading
from core.errors import NotFound, UserError
from core.i18n import t
from core.ingest.batches import begin_batch
from core.ingest.uploads import Upload, begin_upload, open_upload
from core.projects.store import load_project
from core.settings import settings

_MAX_FILES = 10_000_000
_WRITE_AT = 1 << 20  # bytes gathered before the disk is asked


def _error(error: UserError | str, status: int) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status)


async def _json(request: Request) -> dict[str, Any]:
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("not an object")
    return body


def _open_own(request: Request) -> Upload:
    """The upload of the request's path, if it is the visitor's own."""
    upload = open_upload(request.path_params["token"])
    if upload.user_id != viewer_of(request).user_id:
        raise NotFound("ingest.no_upload")
    return upload


async def begin(request: Request) -> Response:
    """Begin an upload: `{"project_id", "bytes"}` is answered with `{"upload": token}`."""
    viewer = viewer_of(request)
    try:
        body = await _json(request)
        project_id, size = int(body["project_id"]), max(int(body.get("bytes", 0)), 0)
    except (ValueError, KeyError, TypeError):
        return _error('expected {"project_id": 1, "bytes": 123}', 400)

    def make() -> Upload:
        with reading() as session:
            load_project(session, viewer, project_id)
        return begin_upload(project_id, viewer.user_id, size)

    try:
        return JSONResponse({"upload": (await run_in_threadpool(make)).token})
    except NotFound as error:
        return _error(error, 404)
    except UserError as error:
        return _error(error, 507)


async def receive(request: Request) -> Response:
    """Receive file number `index`; its name with folders is the parameter `name`."""
    try:
        upload = _open_own(request)
    except NotFound as error:
        return _error(error, 404)
    index = request.path_params["index"]
    name = request.query_params.get("name", "")
    if index >= _MAX_FILES or not name:
        return _error("name: missing, or too many files", 400)
    try:
        size = await _stream_to_disk(request, upload, index)
    except ClientDisconnect:
        return Response(status_code=499)
    except OSError as error:
        status = 507 if error.errno == errno.ENOSPC else 500
        return _error(error.strerror or "cannot be written", status)
    if size is None:
        limit = f"{settings().max_file_bytes / 1e9:g}"
        return _error(t("ingest.refused.too_large", limit=limit), 413)
    await run_in_threadpool(upload.add, index, name, size)
    return JSONResponse({"bytes": size})


async def _stream_to_disk(request: Request, upload: Upload, index: int) -> int | None:
    """Write the body to the file's place; its size in bytes, None if it is too large."""
    target = upload.file_path(index)
    partial = target.with_suffix(".part")
    size, buffer = 0, bytearray()
    with partial.open("wb") as file:
        async for piece in request.stream():
            size += len(piece)
            if size > settings().max_file_bytes:
                partial.unlink(missing_ok=True)
                return None
            buffer += piece
            if len(buffer) >= _WRITE_AT:
                await run_in_threadpool(file.write, bytes(buffer))
                buffer.clear()
        file.write(buffer)
    partial.replace(target)
    return size


async def complete(request: Request) -> Response:
    """All files are here: `{"failed": [{"name", "error"}]}` is answered with batch and job."""
    viewer = viewer_of(request)
    try:
        failed = [(str(f["name"]), str(f["error"])) for f in (await _json(request))["failed"]]
    except (ValueError, KeyError, TypeError):
        return _error('expected {"failed": [{"name": "…", "error": "…"}]}', 400)

    def finish() -> dict[str, Any]:
        upload = _open_own(request)
        for name, detail in failed:
            upload.add_refused(name, "ingest.refused.not_received", {"detail": detail[:200]})
        batch, job = begin_batch(viewer, upload)
        return {"batch": batch.id, "job": job.id}

    try:
        return JSONResponse(await run_in_threadpool(finish))
    except NotFound as error:
        return _error(error, 404)


def abandon(request: Request) -> Response:
    """Throw an upload away that was not completed."""
    try:
        _open_own(request).remove()
    except NotFound as error:
        return _error(error, 404)
    return JSONResponse({})


ROUTES = [
    Route("/api/uploads", begin, methods=["POST"]),
    Route("/api/uploads/{token}/files/{index:int}", receive, methods=["PUT"]),
    Route("/api/uploads/{token}/complete", complete, methods=["POST"]),
    Route("/api/uploads/{token}", abandon, methods=["DELETE"]),
]
