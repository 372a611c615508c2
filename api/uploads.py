"""Uploads: what broke off, beginning one, and making it a batch. Its files come by `api.tus`."""

from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api import tus
from api.gate import viewer_of
from api.tus import own_upload
from core.database import reading
from core.errors import NotFound, UserError
from core.ingest.batches import begin_batch
from core.ingest.incoming import unfinished_files
from core.ingest.unfinished import arrived_files, clear_away, unfinished_uploads
from core.ingest.uploads import Upload, begin_upload
from core.projects.store import load_project

_REASONS = ("unreadable", "not_sent", "wrong_ending")
_FRESH = {"Cache-Control": "no-store"}


def _error(error: UserError | str, status: int) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status)


async def _json(request: Request) -> dict[str, Any]:
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("not an object")
    return body


async def begin(request: Request) -> Response:
    """Begin an upload: `{"project_id", "files", "bytes"}` gets `{"upload": token}`.

    Its files follow at `/api/uploads/{token}/files`, see `api.tus`.
    """
    viewer = viewer_of(request)
    try:
        body = await _json(request)
        project_id, size = int(body["project_id"]), max(int(body.get("bytes", 0)), 0)
        count = max(int(body.get("files", 0)), 0)
    except (ValueError, KeyError, TypeError):
        return _error('expected {"project_id": 1, "bytes": 123}', 400)

    def make() -> Upload:
        with reading() as session:
            load_project(session, viewer, project_id)
        clear_away()
        return begin_upload(project_id, viewer.user_id, size, expected_files=count, resumable=True)

    try:
        return JSONResponse({"upload": (await run_in_threadpool(make)).token})
    except NotFound as error:
        return _error(error, 404)
    except UserError as error:
        return _error(error, 507)


def unfinished(request: Request) -> Response:
    """The visitor's uploads into `?project_id=` that broke off, as `{"uploads": [...]}`."""
    try:
        project_id = int(request.query_params["project_id"])
    except (ValueError, KeyError):
        return _error("expected ?project_id=1", 400)
    found = unfinished_uploads(viewer_of(request), project_id)
    return JSONResponse({"uploads": [asdict(upload) for upload in found]}, headers=_FRESH)


def files(request: Request) -> Response:
    """What has arrived of an upload, as `{"files": [...]}`; sizes in bytes."""
    try:
        upload = own_upload(request)
    except NotFound as error:
        return _error(error, 404)
    return JSONResponse({"files": [asdict(f) for f in arrived_files(upload)]}, headers=_FRESH)


async def complete(request: Request) -> Response:
    """All files are here: `{"failed": [{"name", "error", "reason"?}]}` gets batch and job.

    `reason` is one of those that the browser itself knows; then the report can say it in the
    language of whoever reads it.
    """
    viewer = viewer_of(request)
    try:
        failed = [
            (str(f["name"]), str(f["error"]), f.get("reason"))
            for f in (await _json(request))["failed"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return _error('expected {"failed": [{"name": "…", "error": "…"}]}', 400)

    def finish() -> dict[str, Any]:
        upload = own_upload(request)
        for name, detail, reason in failed:
            if reason in _REASONS:
                upload.add_refused(name, f"incoming.failed.{reason}", {})
            else:
                upload.add_refused(name, "ingest.refused.not_received", {"detail": detail[:200]})
        named = {name for name, _, _ in failed}
        for file in unfinished_files(upload):
            if file.name not in named:
                sizes = {"arrived": f"{file.offset:,}", "size": f"{file.byte_size:,}"}
                upload.add_refused(file.name, "incoming.not_finished", sizes)
        batch, job = begin_batch(viewer, upload)
        return {"batch": batch.id, "job": job.id}

    try:
        return JSONResponse(await run_in_threadpool(finish))
    except NotFound as error:
        return _error(error, 404)


def abandon(request: Request) -> Response:
    """Throw an upload away that was not completed."""
    try:
        own_upload(request).remove()
    except NotFound as error:
        return _error(error, 404)
    return JSONResponse({})


ROUTES = [
    Route("/api/uploads", begin, methods=["POST"]),
    Route("/api/uploads", unfinished, methods=["GET"]),
    Route("/api/uploads/{token}/files", files, methods=["GET"]),
    *tus.ROUTES,
    Route("/api/uploads/{token}/complete", complete, methods=["POST"]),
    Route("/api/uploads/{token}", abandon, methods=["DELETE"]),
]
