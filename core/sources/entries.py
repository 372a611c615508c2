"""What a batch of a source is still to read: images that have a row, and the files beside them."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.database import reading
from core.ingest.archives import Archives, Entry, is_archive, raise_refused
from core.ingest.listed import ListedImage, reaches
from core.ingest.names import UniqueNames
from core.ingest.tables import Batch, BatchFile
from core.media.decoding import Refused
from core.media.images import chunks
from core.media.originals import COLUMNS
from core.media.origins import Unavailable, open_in_place, read_in_place
from core.media.places import Place, file_url
from core.media.tables import Image, unread
from core.settings import settings
from core.sources.listing import name_of, told_apart
from core.sources.tables import Source, SourceFile

_BLOCK = 1 << 20


class SourceEntries:
    """The entries of a source's batch. A context manager, as its archives stay open meanwhile."""

    #: Folder for files that are needed until it ends.
    scratch: Path
    #: Names that are taken, those of all entries among them.
    names: UniqueNames

    def __init__(self, batch: Batch, source: Source) -> None:
        self._batch = batch
        self._source = source
        self._stack = ExitStack()
        self._entries: list[Entry] = []
        #: Files that are no pictures: what `SourceFile.path` says of each.
        self.others: list[str] = []
        self.names = UniqueNames()
        #: The keys under which thumbnails may have been made of images before they were read.
        self.keys: list[str] = []

    def __enter__(self) -> "SourceEntries":
        place = Place(self._source.url)
        is_there = reaches(place)
        unread_images = (
            sa.select(col(Image.id), col(Image.name), *COLUMNS)
            .where(col(Image.batch_id) == self._batch.id, unread())
            .order_by(col(Image.id))
        )
        waiting = select(SourceFile.path).where(SourceFile.waiting_batch_id == self._batch.id)
        with reading() as session:
            for image_id, name, key, origin, version in session.execute(unread_images):
                where, stays = Place(origin), self._source.in_place
                listed = ListedImage(image_id, where, stays, is_there, version)
                self._entries.append(Entry(name, listed.read, listed))
                self.keys.append(key)
            self.others = sorted(session.exec(waiting))
            done = _reported(session, self._batch) if self.others else set()
        settings().cache_dir.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.TemporaryDirectory(prefix="source-", dir=settings().cache_dir)
        self.scratch = Path(self._stack.enter_context(scratch))
        self._open_others(place, done)
        return self

    def _open_others(self, place: Place, done: set[str]) -> None:
        archives = Archives(self.scratch, self._stack, self.names)
        for path in self.others:
            name = self.names.take(told_apart(name_of(place, path), done))
            where = place_below(place, path)
            self._entries.extend(_opened(archives, name, where, self.scratch))

    def __exit__(self, *_details: object) -> None:
        self._stack.close()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)


def anything_left(session: Session, batch: Batch) -> bool:
    """Whether a batch has files that were listed, but not read yet."""
    images = select(Image.id).where(Image.batch_id == batch.id, unread()).limit(1)
    others = select(SourceFile.path).where(SourceFile.waiting_batch_id == batch.id).limit(1)
    return session.exec(images).first() is not None or session.exec(others).first() is not None


def done_with(session: Session, source: Source, others: Sequence[str]) -> None:
    """Note that these files of a source, which are no pictures, were read."""
    for part in chunks(others):
        read = sa.and_(col(SourceFile.source_id) == source.id, col(SourceFile.path).in_(part))
        session.execute(sa.update(SourceFile).where(read).values(waiting_batch_id=None))


def _reported(session: Session, batch: Batch) -> set[str]:
    return set(session.exec(select(BatchFile.path).where(BatchFile.batch_id == batch.id)))


def place_below(place: Place, path: str) -> Place:
    """A file of a source; for a link the file that it leads to, within the source."""
    whole = Place(f"{place.url}/{path}" if path else place.url)
    if whole.is_s3:
        return whole
    real, root = os.path.realpath(whole.path), os.path.realpath(place.path)
    return Place(file_url(real)) if real == root or real.startswith(f"{root}/") else whole


def _opened(archives: Archives, name: str, where: Place, scratch: Path) -> list[Entry]:
    """A file's entry; those inside it, if it is an archive."""
    try:
        inside = archives.entries(name, _copied(where, scratch)) if is_archive(name) else None
    except Refused as refused:
        return [Entry(name, partial(raise_refused, refused))]
    return [Entry(name, partial(_read, where))] if inside is None else inside


def _copied(where: Place, scratch: Path) -> Path:
    """A copy on this machine's disk: an archive is read at many places, and must not change."""
    target = scratch / f"archive-{uuid4().hex}"
    limit = settings().max_file_bytes
    try:
        with open_in_place(where) as source, target.open("wb") as file:
            while block := source.read(_BLOCK):
                if file.tell() + len(block) > limit:
                    raise Refused("ingest.refused.too_large", limit=f"{limit / 1e9:g}")
                file.write(block)
    except Unavailable as error:
        raise Refused(error.key, **error.params) from None
    return target


def _read(where: Place) -> bytes:
    try:
        return read_in_place(where)[0]
    except Unavailable as error:
        raise Refused(error.key, **error.params) from None
