"""Listed files become rows at once, before any of them is decoded.

So a folder can be browsed as soon as it is listed. The batch's own job then reads the files and
fills the rows in (`core.ingest.run`).
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.analysis.results import insert_rows
from core.database import reading, writing
from core.ingest.names import UniqueNames
from core.ingest.rows import NewImage, insert_images
from core.ingest.tables import Batch, BatchFile, Outcome
from core.media.places import Place
from core.media.tables import UNREAD, Image
from core.settings import decode_threads
from core.sources.headers import Looked, look
from core.sources.listing import Found, Listed, told_apart
from core.sources.tables import Source, SourceFile
from core.streams import batched

_CHUNK = 500  # files in one transaction
_REQUESTS = 32  # to a bucket at once


@dataclass
class _Known:
    """What the database knows of a chunk's files."""

    #: Version and image, by path.
    files: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    #: Those images that came with an earlier batch, and whether they are in the bin.
    earlier: dict[int, bool] = field(default_factory=dict)
    #: Names that this batch has already.
    names: set[str] = field(default_factory=set)


def take_up(
    source: Source,
    batch: Batch,
    listed: Iterable[Listed],
    between: Callable[[int], None],
    *,
    again: bool,
) -> int:
    """Write rows for listed files that have none; how many were looked at.

    Can start over at any moment: what a chunk wrote is known to the next attempt.

    Args:
        between: called after each chunk with the number of files so far; what it raises ends it.
        again: a person asked for this source now, so that what did not become an image is tried
            and reported again, and what is there already is reported as such. Otherwise only what
            is new or changed counts.

    Raises:
        Unreachable: the place does not answer.
    """
    threads = _REQUESTS if Place(source.url).is_s3 else decode_threads()
    done = 0
    with ThreadPoolExecutor(threads) as pool:
        for chunk in batched(listed, _CHUNK):
            _take_up_chunk(source, batch, chunk, pool, again)
            done += len(chunk)
            between(done)
    return done


def _take_up_chunk(
    source: Source, batch: Batch, chunk: Sequence[Listed], pool: Executor, again: bool
) -> None:
    with reading() as session:
        known = _known(session, source, batch, chunk)
    new = [each for each in chunk if not _is_known(each, known, again)]
    looked = list(pool.map(look, new))
    there = [each for each in chunk if again and _image_of(each, known) in known.earlier]
    if not looked and not there:
        return
    with writing() as session:
        names = UniqueNames(known.names)
        _write_images(session, source, batch, [e for e in looked if e.facts is not None], names)
        _write_others(session, source, batch, [e for e in looked if e.facts is None], names)
        _report_known(session, batch, there, known, names)


def _known(session: Session, source: Source, batch: Batch, chunk: Sequence[Listed]) -> _Known:
    paths = [each.path for each in chunk]
    query = select(SourceFile.path, SourceFile.version, SourceFile.image_id).where(
        SourceFile.source_id == source.id, col(SourceFile.path).in_(paths)
    )
    known = _Known({path: (version, image) for path, version, image in session.exec(query)})
    ids = [image_id for _, image_id in known.files.values() if image_id is not None]
    images = select(Image.id, Image.deleted_at).where(
        col(Image.id).in_(ids), Image.batch_id != batch.id
    )
    known.earlier = {i: binned is not None for i, binned in session.exec(images) if i is not None}
    names = [each.name for each in chunk]
    reported = select(BatchFile.path).where(
        BatchFile.batch_id == batch.id, col(BatchFile.path).in_(names)
    )
    listed = select(Image.name).where(Image.batch_id == batch.id, col(Image.name).in_(names))
    known.names = {*session.exec(reported), *session.exec(listed)}
    return known


def _image_of(listed: Listed, known: _Known) -> int | None:
    """The image that an unchanged file became."""
    version, image_id = known.files.get(listed.path, (None, None))
    return image_id if isinstance(listed, Found) and version == listed.version else None


def _is_known(listed: Listed, known: _Known, again: bool) -> bool:
    if _image_of(listed, known) is not None:
        return True
    if again:
        # What this batch has reported before it was interrupted.
        return listed.name in known.names
    version = known.files.get(listed.path, (None,))[0]
    return version == (listed.version if isinstance(listed, Found) else "")


def _write_images(
    session: Session, source: Source, batch: Batch, looked: Sequence[Looked], names: UniqueNames
) -> None:
    images, files = [], []
    for each in looked:
        found = each.listed
        assert isinstance(found, Found) and each.facts is not None
        name = names.take(told_apart(found.name, names))
        key = unread_key(source, found)
        images.append(NewImage(name, key, found.bytes, each.facts, found.url, found.version))
        files.append((found, key))
    ids = insert_images(session, batch, images)
    _note(session, source, {found.path: (found.version, ids[key], None) for found, key in files})


def unread_key(source: Source, found: Found) -> str:
    """What stands in the place of an image's content hash until its file was read."""
    parts = f"{source.id}\n{found.path}\n{found.version}"
    return UNREAD + hashlib.sha256(parts.encode()).hexdigest()


def _write_others(
    session: Session, source: Source, batch: Batch, looked: Sequence[Looked], names: UniqueNames
) -> None:
    """Refusals join the report; what is no picture waits for the batch's own job."""
    rows: list[dict[str, object]] = []
    files: dict[str, tuple[str, int | None, int | None]] = {}
    for each in looked:
        version = each.listed.version if isinstance(each.listed, Found) else ""
        waits = each.refused is None
        files[each.listed.path] = (version, None, batch.id if waits else None)
        if each.refused is not None:
            reason = {"reason": each.refused.key, "reason_params": each.refused.params}
            name = names.take(told_apart(each.listed.name, names))
            rows.append(_report(batch, name, Outcome.REFUSED, None) | reason)
    insert_rows(session, BatchFile, rows)
    _note(session, source, files)


def _report_known(
    session: Session, batch: Batch, listed: Sequence[Listed], known: _Known, names: UniqueNames
) -> None:
    rows = []
    for each in listed:
        image_id = _image_of(each, known)
        if image_id is not None and each.name not in known.names:
            outcome = Outcome.BINNED if known.earlier[image_id] else Outcome.DUPLICATE
            rows.append(_report(batch, names.take(each.name), outcome, image_id))
    insert_rows(session, BatchFile, rows)


def _report(batch: Batch, path: str, outcome: Outcome, image_id: int | None) -> dict[str, object]:
    return {
        "batch_id": batch.id,
        "path": path,
        "outcome": outcome.value,
        "image_id": image_id,
        "reason": None,
        "reason_params": {},
    }


def _note(
    session: Session, source: Source, files: dict[str, tuple[str, int | None, int | None]]
) -> None:
    """Note files of a source with version, image and waiting batch each."""
    if not files:
        return
    mine = sa.and_(col(SourceFile.source_id) == source.id, col(SourceFile.path).in_(list(files)))
    session.execute(sa.delete(SourceFile).where(mine))
    rows: list[dict[str, object]] = [
        {
            "source_id": source.id,
            "path": path,
            "version": version,
            "image_id": image_id,
            "waiting_batch_id": waiting,
        }
        for path, (version, image_id, waiting) in files.items()
    ]
    insert_rows(session, SourceFile, rows)
