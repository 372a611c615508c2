"""Model files on their way in: one request, streamed to disk."""

import errno
import hashlib
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.gate import viewer_of
from core.errors import NotFound, UserError
from core.models.drafts import add_file
from core.models.files import check_name, staging_path
from core.settings import settings

_WRITE_AT = 1 << 20  # bytes gathered before the disk is asked


async def receive(request: Request) -> Response:
    """Receive the file `name` for `project`; answered with `{"model", "job"}`."""
    name = request.query_params.get("name", "")
    project = request.query_params.get("project", "")
    partial = staging_path()
    try:
        if not project.isdigit():
            raise NotFound("projects.not_found", id=project[:20])
        check_name(name)
        digest = await _stream(request, partial)
        model, job = await run_in_threadpool(
            add_file, viewer_of(request), int(project), name, partial, digest
        )
        return JSONResponse({"model": model.id, "job": job.id})
    except ClientDisconnect:
        return Response(status_code=499)
    except NotFound as error:
        return JSONResponse({"error": str(error)}, 404)
    except UserError as error:
        return JSONResponse({"error": str(error)}, 422)
    except OSError as error:
        status = 507 if error.errno == errno.ENOSPC else 500
        return JSONResponse({"error": error.strerror or "cannot be written"}, status)
    finally:
        partial.unlink(missing_ok=True)


async def _stream(request: Request, target: Path) -> str:
    """Write the body to `target`; its sha256 in hexadecimal.

    Raises:
        UserError: it is larger than allowed, or empty.
    """
    digest, size, buffer = hashlib.sha256(), 0, bytearray()
    with target.open("wb") as file:

        def write(data: bytes) -> None:
            digest.update(data)
            file.write(data)

        async for piece in request.stream():
            size += len(piece)
            if size > settings().max_model_bytes:
                limit = f"{settings().max_model_bytes / 1e9:g}"
                raise UserError("own_models.too_large", limit=limit)
            buffer += piece
            if len(buffer) >= _WRITE_AT:
                await run_in_threadpool(write, bytes(buffer))
                buffer.clear()
        write(bytes(buffer))
    if size == 0:
        raise UserError("own_models.empty_file")
    return digest.hexdigest()


ROUTES = [Route("/api/models", receive, methods=["PUT"])]
