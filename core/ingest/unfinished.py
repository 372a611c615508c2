"""Uploads that broke off: what of them has arrived, and clearing away what nobody goes on with."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import col, select

from core.accounts.access import Viewer, visible_projects
from core.database import reading
from core.ingest.incoming import unfinished_files
from core.ingest.tables import Batch
from core.ingest.uploads import Upload, all_uploads
from core.projects.tables import Project
from core.settings import settings


@dataclass(frozen=True)
class Unfinished:
    """An upload that is no batch yet: its browser is sending, or is gone.

    Attributes:
        name: of the first file.
        quiet_for: seconds since something arrived for the last time.
    """

    token: str
    name: str
    files: int
    bytes: int
    arrived_files: int
    arrived_bytes: int
    quiet_for: float


@dataclass(frozen=True)
class Arrived:
    """A file of an upload and how much of it is here, in bytes."""

    index: int
    name: str
    bytes: int
    modified: int
    offset: int


def unfinished_uploads(viewer: Viewer, project_id: int) -> list[Unfinished]:
    """The viewer's uploads into a project that can be gone on with, the latest first."""
    with reading() as session:
        query = select(Project.id).where(Project.id == project_id, visible_projects(viewer))
        if session.exec(query).first() is None:
            return []
    own = [
        upload
        for upload in all_uploads()
        if upload.resumable and (upload.project_id, upload.user_id) == (project_id, viewer.user_id)
    ]
    begun = _batches(upload.token for upload in own)
    found = [_summary(upload) for upload in own if upload.token not in begun]
    found.sort(key=lambda upload: upload.quiet_for)
    return [upload for upload in found if upload.arrived_files or upload.arrived_bytes]


def arrived_files(upload: Upload) -> Iterator[Arrived]:
    """Every file of an upload of which something is here."""
    # These first: looking may find one whole that a killed server had not noted.
    on_the_way = list(unfinished_files(upload))
    for file in upload.files():
        yield Arrived(file.index, file.name, file.byte_size, file.modified, file.byte_size)
    for incoming in on_the_way:
        yield Arrived(
            incoming.index, incoming.name, incoming.byte_size, incoming.modified, incoming.offset
        )


def clear_away() -> int:
    """Remove uploads that nothing is waiting for; how many.

    These are: taken in (the worker was killed before it could), or begun and not touched for the
    days of the settings.
    """
    uploads = list(all_uploads())
    finished = _batches(upload.token for upload in uploads)
    oldest = time.time() - settings().upload_keep_days * 86_400
    removed = 0
    for upload in uploads:
        over = finished.get(upload.token)
        if over or (over is None and _last_sign(upload) < oldest):
            upload.remove()
            removed += 1
    return removed


def _batches(tokens: Iterator[str]) -> dict[str, bool]:
    """Which of these uploads became batches, and whether the batch is finished."""
    query = select(Batch.upload, Batch.finished_at).where(col(Batch.upload).in_(list(tokens)))
    with reading() as session:
        return {token: at is not None for token, at in session.exec(query) if token is not None}


def _summary(upload: Upload) -> Unfinished:
    files = list(arrived_files(upload))
    whole = sum(file.offset == file.bytes for file in files)
    first = min(files, key=lambda file: file.index, default=None)
    return Unfinished(
        upload.token,
        first.name if first else "",
        max(upload.expected_files, len(files)),
        max(upload.expected_bytes, sum(file.bytes for file in files)),
        whole,
        sum(file.offset for file in files),
        max(0.0, time.time() - _last_sign(upload)),
    )


def _last_sign(upload: Upload) -> float:
    paths = (upload.folder, upload.folder / "files.jsonl", *upload.folder.glob("*.part"))
    return max((path.stat().st_mtime for path in paths if path.exists()), default=0.0)
