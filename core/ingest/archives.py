"""The files inside archives: zip and tar, compressed or not, and archives inside archives."""

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.ingest.listed import ListedImage
from core.ingest.names import UniqueNames
from core.ingest.unpacking import (
    check_entry,
    check_entry_count,
    entry_name,
    is_junk,
    is_zip,
    read_entry,
    unpack,
)
from core.ingest.uploads import clean_name
from core.media.decoding import Refused
from core.settings import settings

_DEEPEST = 3  # archives inside archives inside an archive
_TARS = (".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
_ZIP = b"PK\x03\x04"
_OPENERS: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to take in. `read()` gives its bytes and may raise `Refused`; safe in any thread."""

    path: str
    read: Callable[[], bytes]
    #: The row that it has already, from the listing of a source.
    listed: ListedImage | None = None
    #: The file that holds these bytes alone, of the staging area.
    file: Path | None = None


@dataclass
class Archives:
    """Lists archives, what stands inside them included. What it unpacks lies in `scratch`.

    Zips stay open until `opened` is closed. The limits count for an archive with all inside it.
    """

    scratch: Path
    opened: ExitStack
    #: Names of everything listed so far.
    names: UniqueNames = field(default_factory=UniqueNames)
    #: Called now and then while it works; what it raises ends the work.
    look: Callable[[], None] = lambda: None
    _entries: int = field(default=0, init=False)
    _bytes: int = field(default=0, init=False)

    def entries(self, name: str, path: Path) -> list[Entry] | None:
        """The files of the archive at `path`; None: it is no archive.

        Raises:
            Refused: it is broken, or more than the settings allow.
            OSError: there is no room to unpack.
        """
        self._entries = self._bytes = 0
        return self._list(name, path, 0)

    def _list(self, name: str, path: Path, depth: int) -> list[Entry] | None:
        # A tar that ends with a zip passes for one, as a zip is read from its end.
        first = _first_bytes(path)
        if name.lower().endswith(_TARS) and not first.startswith(_ZIP):
            found = self._tar(path)
        # A picture may have a zip behind it, and is a picture all the same.
        elif (name.lower().endswith(".zip") or first.startswith(b"PK")) and is_zip(path):
            found = self._zip(path)
        else:
            return None
        listed: list[Entry] = []
        for inner, read, nested in found:
            self.look()
            full = self.names.take(f"{name}/{clean_name(inner)}")
            listed.extend(self._opened_or_itself(full, read, nested, depth))
        return listed

    def _opened_or_itself(
        self,
        name: str,
        read: Callable[[], bytes],
        nested: Callable[[], Path] | None,
        depth: int,
    ) -> list[Entry]:
        if nested is None:
            return [Entry(name, read)]
        try:
            if depth + 1 >= _DEEPEST:
                raise Refused("ingest.refused.nested_archive", limit=_DEEPEST)
            inside = self._list(name, nested(), depth + 1)
        except Refused as refused:
            return [Entry(name, partial(raise_refused, refused))]
        return [Entry(name, read)] if inside is None else inside

    def _zip(
        self, path: Path
    ) -> Iterator[tuple[str, Callable[[], bytes], Callable[[], Path] | None]]:
        check_entry_count(path)
        try:
            archive = self.opened.enter_context(zipfile.ZipFile(path))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
            raise Refused("ingest.refused.broken_archive") from None
        infos = [i for i in archive.infolist() if not i.is_dir() and not is_junk(i.filename)]
        self._count(len(infos), sum(info.file_size for info in infos))
        for info in infos:
            name = entry_name(info)
            nested = partial(self._unpack_zip_entry, archive, info) if is_archive(name) else None
            yield name, partial(read_entry, archive, info), nested

    def _unpack_zip_entry(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Path:
        check_entry(info)
        target = self._new_file()
        try:
            source = archive.open(info)
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError):
            raise Refused("ingest.refused.broken_entry") from None
        with source:
            unpack(source, target, info.compress_size, info.file_size, self.look)
        return target

    def _tar(
        self, path: Path
    ) -> Iterator[tuple[str, Callable[[], bytes], Callable[[], Path] | None]]:
        plain = self._plain_tar(path)
        try:
            members = self._members(plain)
        except (tarfile.TarError, EOFError, OSError, ValueError):
            raise Refused("ingest.refused.broken_archive") from None
        for member in members:
            if not member.isreg() or member.issparse():
                yield member.name, partial(raise_refused, Refused("ingest.refused.link")), None
                continue
            read = partial(_read_slice, plain, member.offset_data, member.size)
            nested = partial(self._copy_slice, read) if is_archive(member.name) else None
            yield member.name, read, nested

    def _plain_tar(self, path: Path) -> Path:
        """A tar without compression, in which members can be read in any order."""
        magic = _first_bytes(path)
        for start, open_stream in _OPENERS.items():
            if magic.startswith(start):
                target = self._new_file()
                with open_stream(path) as stream:
                    unpack(
                        stream,
                        target,
                        path.stat().st_size,
                        settings().max_archive_bytes,
                        self.look,
                    )
                return target
        return path

    def _members(self, path: Path) -> list[tarfile.TarInfo]:
        members = []
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                self.look()
                if not member.isdir() and not is_junk(member.name):
                    self._count(1, member.size)
                    members.append(member)
        return members

    def _copy_slice(self, read: Callable[[], bytes]) -> Path:
        target = self._new_file()
        target.write_bytes(read())
        return target

    def _new_file(self) -> Path:
        return self.scratch / f"unpacked-{uuid4().hex}"

    def _count(self, entries: int, size: int) -> None:
        self._entries += entries
        self._bytes += size
        if self._entries > settings().max_archive_entries:
            raise Refused("ingest.refused.too_many_entries", limit=settings().max_archive_entries)
        if self._bytes > settings().max_archive_bytes:
            limit = f"{settings().max_archive_bytes / 1e9:.0f}"
            raise Refused("ingest.refused.archive_too_large", limit=limit)


def raise_refused(error: Refused) -> bytes:
    """Say why a file is not read, when it would be."""
    raise error


def is_archive(name: str) -> bool:
    """Whether a file is an archive, judging by its name."""
    return name.lower().endswith((".zip", *_TARS))


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(6)


def _read_slice(path: Path, offset: int, size: int) -> bytes:
    if size > settings().max_file_bytes:
        raise Refused("ingest.refused.too_large", limit=f"{settings().max_file_bytes / 1e9:g}")
    with path.open("rb") as file:
        file.seek(offset, os.SEEK_SET)
        data = file.read(size)
    if len(data) != size:
        raise Refused("ingest.refused.broken_entry")
    return data
