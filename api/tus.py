"""The files of an upload by the tus protocol 1.0: they go on where a connection broke off.

Core, creation, creation-with-upload, termination, checksum and expiration, as
https://tus.io/protocols/resumable-upload says them. `api.uploads` has what lies around it.
"""

import asyncio
import base64
import binascii
import errno
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.gate import viewer_of
from core.errors import NotFound, UserError
from core.i18n import t
from core.ingest.incoming import Incoming, NoRoom, TooLarge, begin_file, discard_file, load_file
from core.ingest.uploads import Upload, open_upload
from core.settings import settings

_VERSION = "1.0.0"
_EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
_ALGORITHMS = ("sha1", "sha256", "md5")
_CONTENT = "application/offset+octet-stream"
_WRITE_AT = 1 << 20  # bytes gathered before the disk is asked


class _Answer(Exception):
    """A request is turned down with this status and text."""

    def __init__(self, status: int, error: UserError | str, **headers: str) -> None:
        self.response = JSONResponse({"error": str(error)}, status, headers)


def own_upload(request: Request) -> Upload:
    """The upload of the request's path, if it is the visitor's own.

    Raises:
        NotFound: it is not, or there is none.
    """
    upload = open_upload(request.path_params["token"])
    if upload.user_id != viewer_of(request).user_id:
        raise NotFound("ingest.no_upload")
    return upload


#: The requests that write to a file, by upload and number: a new one takes the place of an old
#: one, whose connection is dead although the server has not noticed it yet.
_writers: dict[tuple[str, int], asyncio.Task[None]] = {}


async def _displace(key: tuple[str, int]) -> None:
    writer = _writers.get(key)
    if writer is not None:
        writer.cancel()
        await asyncio.wait({writer})


async def options(_request: Request) -> Response:
    """What this server can do."""
    headers = {
        "Tus-Version": _VERSION,
        "Tus-Extension": _EXTENSIONS,
        "Tus-Max-Size": str(settings().max_file_bytes),
        "Tus-Checksum-Algorithm": ",".join(_ALGORITHMS),
    }
    return Response(status_code=204, headers=headers)


async def create(request: Request) -> Response:
    """Begin a file, and take what comes with the request.

    `Upload-Metadata` may hold `filename` with its folders, `index` (its number: sent again, it
    replaces the file of that number) and `modified` (ms since 1970).
    """
    wanted = _Wanted.of(request)
    if wanted.index is not None:
        await _displace((request.path_params["token"], wanted.index))
    with_content = request.headers.get("Content-Type") == _CONTENT
    whole = with_content and request.headers.get("Content-Length") == str(wanted.size)
    if whole and wanted.size <= _WRITE_AT and "Upload-Checksum" not in request.headers:
        incoming = await run_in_threadpool(_take_whole, request, wanted, await request.body())
        return _created(request, incoming)
    incoming = await run_in_threadpool(_begin, request, wanted)
    if with_content:
        await _receive(request, incoming)
    elif wanted.size == 0:
        await run_in_threadpool(incoming.finish)
    return _created(request, incoming)


@dataclass(frozen=True)
class _Wanted:
    """What a request says of the file that it begins."""

    size: int
    name: str
    index: int | None
    modified: int

    @classmethod
    def of(cls, request: Request) -> "_Wanted":
        metadata = _metadata(request.headers.get("Upload-Metadata", ""))
        index, modified = metadata.get("index"), metadata.get("modified", "")
        if index is not None and not _is_number(index):
            raise _Answer(400, "Upload-Metadata: index")
        return cls(
            _number(request, "Upload-Length"),
            metadata.get("filename", ""),
            None if index is None else int(index),
            int(modified) if _is_number(modified) else 0,
        )


def _begin(request: Request, wanted: _Wanted) -> Incoming:
    upload = own_upload(request)
    incoming = begin_file(
        upload, wanted.name, wanted.size, index=wanted.index, modified=wanted.modified
    )
    incoming.save()
    return incoming


def _take_whole(request: Request, wanted: _Wanted, content: bytes) -> Incoming:
    """A small file that came with its first request: most are, and they must be quick."""
    upload = own_upload(request)
    incoming = begin_file(
        upload, wanted.name, wanted.size, index=wanted.index, modified=wanted.modified
    )
    if len(content) != wanted.size:
        raise _Answer(413, t("incoming.too_long", size=f"{wanted.size:,}"))
    incoming.take_whole(content)
    return incoming


def _created(request: Request, incoming: Incoming) -> Response:
    location = f"{request.url.path}/{incoming.index}"
    return Response(status_code=201, headers={"Location": location, **_progress(incoming)})


async def head(request: Request) -> Response:
    """How much of a file has arrived."""
    upload, index = await run_in_threadpool(own_upload, request), request.path_params["index"]
    await _displace((upload.token, index))
    incoming = await run_in_threadpool(load_file, upload, index)
    size = upload.file_path(index).stat().st_size if incoming is None else incoming.byte_size
    offset = size if incoming is None else incoming.offset
    headers = {"Upload-Length": str(size), "Upload-Offset": str(offset)}
    return Response(headers={**headers, "Cache-Control": "no-store"})


async def patch(request: Request) -> Response:
    """Take the next piece of a file."""
    offset = _number(request, "Upload-Offset")
    if request.headers.get("Content-Type") != _CONTENT:
        raise _Answer(415, f"Content-Type: {_CONTENT}")
    upload, index = await run_in_threadpool(own_upload, request), request.path_params["index"]
    await _displace((upload.token, index))
    incoming = await run_in_threadpool(load_file, upload, index)
    if incoming is None or incoming.offset != offset:
        raise _Answer(409, t("incoming.other_offset"))
    await _receive(request, incoming)
    return Response(status_code=204, headers=_progress(incoming))


async def terminate(request: Request) -> Response:
    """Throw away what has arrived of a file."""
    upload, index = await run_in_threadpool(own_upload, request), request.path_params["index"]
    await _displace((upload.token, index))
    await run_in_threadpool(discard_file, upload, index)
    return Response(status_code=204)


def _progress(incoming: Incoming) -> dict[str, str]:
    if not incoming.path.exists():
        return {"Upload-Offset": str(incoming.byte_size)}
    until = datetime.now(UTC) + timedelta(days=settings().upload_keep_days)
    return {
        "Upload-Offset": str(incoming.offset),
        "Upload-Expires": format_datetime(until, usegmt=True),
    }


async def _receive(request: Request, incoming: Incoming) -> None:
    """Write the body behind what is there; the file is finished when it is whole.

    Raises:
        _Answer: it is longer than was said, its checksum is another one, the disk is full, or
            another request has taken over.
        ClientDisconnect: the connection broke; what has arrived stays.
    """
    key = (incoming.upload.token, incoming.index)
    checksum = _checksum(request)
    writer = asyncio.create_task(_write(request, incoming, checksum))
    _writers[key] = writer
    try:
        await asyncio.wait({writer})
    finally:
        writer.cancel()
        if _writers.get(key) is writer:
            del _writers[key]
    if writer.cancelled():
        raise _Answer(409, t("incoming.taken_over"))
    try:
        writer.result()
    except OSError as error:
        status = 507 if error.errno in (errno.ENOSPC, errno.EDQUOT) else 500
        raise _Answer(status, t("incoming.cannot_write", detail=error.strerror or "")) from None
    if incoming.offset == incoming.byte_size:
        await run_in_threadpool(incoming.finish)


async def _write(request: Request, incoming: Incoming, checksum: tuple[Any, bytes] | None) -> None:
    start = incoming.offset
    size, buffer, verified = start, bytearray(), checksum is None
    with incoming.path.open("ab", buffering=0) as file:
        try:
            async for piece in request.stream():
                size += len(piece)
                if size > incoming.byte_size:
                    raise _Answer(413, t("incoming.too_long", size=f"{incoming.byte_size:,}"))
                if checksum is not None:
                    checksum[0].update(piece)
                buffer += piece
                if len(buffer) >= _WRITE_AT:
                    await _to_the_end(run_in_threadpool(_write_all, file.write, buffer))
            verified = checksum is None or checksum[0].digest() == checksum[1]
            if not verified:
                raise _Answer(460, t("incoming.checksum"))
        except BaseException:
            with suppress(OSError):
                _write_all(file.write, buffer)
            raise
        else:
            _write_all(file.write, buffer)
        finally:
            # Bytes that were to be checked and could not be are not kept.
            if not verified:
                file.truncate(start)


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for `work` even if the waiting is cancelled: a thread goes on writing all the same."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _write_all(write: Callable[[memoryview], int], buffer: bytearray) -> None:
    """Empty `buffer` into a file that may take less than it is given at a time."""
    while buffer:
        with memoryview(buffer) as view:
            written = write(view)
        del buffer[:written]


def _checksum(request: Request) -> tuple[Any, bytes] | None:
    """The running hash and the value it is to have, by `Upload-Checksum`."""
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm not in _ALGORITHMS:
        raise _Answer(400, f"Upload-Checksum: {', '.join(_ALGORITHMS)}")
    try:
        expected = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise _Answer(400, "Upload-Checksum: base64") from None
    return hashlib.new(algorithm, usedforsecurity=False), expected


def _number(request: Request, name: str) -> int:
    value = request.headers.get(name, "")
    if not _is_number(value):
        raise _Answer(400, f"{name}: 0, 1, 2, …")
    return int(value)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 18


def _metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: pairs of a key and a value in base64, with commas between them."""
    found = {}
    for pair in filter(None, (pair.strip() for pair in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except binascii.Error:
            raise _Answer(400, "Upload-Metadata: base64") from None
    return found


_Endpoint = Callable[[Request], Awaitable[Response]]


def _speaking(endpoint: _Endpoint) -> _Endpoint:
    """The protocol's version on both sides, and errors as answers."""

    async def answer(request: Request) -> Response:
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != _VERSION:
            refused = JSONResponse({"error": f"Tus-Resumable: {_VERSION}"}, 412)
            refused.headers["Tus-Version"] = _VERSION
            return refused
        try:
            response = await endpoint(request)
        except _Answer as turned_down:
            response = turned_down.response
        except ClientDisconnect:
            response = Response(status_code=499)
        except NotFound as error:
            response = JSONResponse({"error": str(error)}, 404)
        except UserError as error:
            status = {TooLarge: 413, NoRoom: 507}.get(type(error), 400)
            response = JSONResponse({"error": str(error)}, status)
        except OSError as error:
            status = 507 if error.errno in (errno.ENOSPC, errno.EDQUOT) else 500
            response = JSONResponse(
                {"error": t("incoming.cannot_write", detail=error.strerror or "")}, status
            )
        response.headers["Tus-Resumable"] = _VERSION
        return response

    return answer


async def _collection(request: Request) -> Response:
    return await (create if request.method == "POST" else options)(request)


async def _file(request: Request) -> Response:
    verbs: dict[str, _Endpoint] = {"HEAD": head, "PATCH": patch, "DELETE": terminate}
    return await verbs.get(request.method, options)(request)


ROUTES = [
    Route("/api/uploads/{token}/files", _speaking(_collection), methods=["POST", "OPTIONS"]),
    Route(
        "/api/uploads/{token}/files/{index:int}",
        _speaking(_file),
        methods=["HEAD", "PATCH", "DELETE", "OPTIONS"],
    ),
]
