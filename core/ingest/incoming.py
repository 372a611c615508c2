"""Files on their way into the staging area, a piece at a time, over any number of connections.

Beside what has arrived of file number 7 (`00000007.part`) lies what is known of it
(`00000007.json`), so that a restarted server goes on where the last one was killed. How much has
arrived is the file's own length: nothing can disagree with it.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from core.atomic import atomic_path
from core.errors import NotFound, UserError
from core.ingest.uploads import Upload, clean_name
from core.settings import settings

_MAX_FILES = 10_000_000
_UNCHECKED = 1 << 20  # bytes; asking for the free room takes longer than writing this much


class TooLarge(UserError):
    """A file has more bytes than the settings allow."""


class NoRoom(UserError):
    """The disk is full."""


@dataclass(frozen=True)
class Incoming:
    """A file of an upload that has not arrived whole."""

    upload: Upload
    index: int
    name: str
    #: Bytes that it will have.
    byte_size: int
    #: When it was last changed where it came from, in milliseconds of Unix time; 0: unknown.
    modified: int = 0

    @property
    def path(self) -> Path:
        """What has arrived of it."""
        return _part(self.upload, self.index)

    @property
    def offset(self) -> int:
        """How many bytes have arrived."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def save(self) -> None:
        """Keep what is known of it."""
        known = asdict(self)
        del known["upload"]
        with atomic_path(_about(self.upload, self.index)) as partial:
            partial.write_text(json.dumps(known), encoding="utf-8")

    def cut(self, size: int) -> None:
        """Take back what arrived behind the first `size` bytes."""
        with self.path.open("r+b") as file:
            file.truncate(size)

    def finish(self) -> None:
        """It is whole: a file of the upload from now on."""
        self.path.replace(self.upload.file_path(self.index))
        self._note()

    def take_whole(self, content: bytes) -> None:
        """It came in one piece. A browser that got no answer may be sending it once more already,
        so each request writes to a place of its own."""
        with atomic_path(self.upload.file_path(self.index)) as partial:
            partial.write_bytes(content)
        self._note()
        self.path.unlink(missing_ok=True)

    def _note(self) -> None:
        self.upload.add(self.index, self.name, self.byte_size, self.modified)
        _about(self.upload, self.index).unlink(missing_ok=True)


def begin_file(
    upload: Upload, name: str, byte_size: int, *, index: int | None = None, modified: int = 0
) -> Incoming:
    """Make room for a file; under a number that was used before it replaces that file.

    Raises:
        TooLarge: it is larger than the settings allow.
        NoRoom: the disk has no room for it.
        UserError: too many files were sent.
    """
    if byte_size > settings().max_file_bytes:
        raise TooLarge("ingest.refused.too_large", limit=f"{settings().max_file_bytes / 1e9:g}")
    if byte_size > _UNCHECKED:
        free = shutil.disk_usage(upload.folder).free
        if byte_size > free:
            raise NoRoom(
                "ingest.disk_full", needed=f"{byte_size / 1e9:.1f}", free=f"{free / 1e9:.1f}"
            )
    index = _next_index(upload) if index is None else index
    if not 0 <= index < _MAX_FILES:
        raise UserError("incoming.too_many", limit=f"{_MAX_FILES:,}")
    incoming = Incoming(upload, index, clean_name(name), byte_size, modified)
    incoming.path.write_bytes(b"")
    return incoming


def load_file(upload: Upload, index: int) -> Incoming | None:
    """File number `index` on its way; None: it has arrived.

    Raises:
        NotFound: no such file was ever begun.
    """
    try:
        known = json.loads(_about(upload, index).read_text("utf-8"))
    except FileNotFoundError:
        if upload.file_path(index).exists():
            return None
        raise NotFound("incoming.no_file") from None
    incoming = Incoming(upload, **known)
    if not incoming.path.exists() and upload.file_path(index).exists():
        # Killed between the last two steps of `finish`, or the last one was never made.
        upload.add(index, incoming.name, incoming.byte_size, incoming.modified)
        _about(upload, index).unlink(missing_ok=True)
        return None
    return incoming


def unfinished_files(upload: Upload) -> Iterator[Incoming]:
    """The files that have not arrived whole, by number."""
    for path in sorted(upload.folder.glob("[0-9]*.json")):
        incoming = load_file(upload, int(path.stem))
        if incoming is not None:
            yield incoming


def discard_file(upload: Upload, index: int) -> None:
    """Throw away what has arrived of a file.

    Raises:
        NotFound: it has arrived whole or was never begun.
    """
    if load_file(upload, index) is None:
        raise NotFound("incoming.no_file")
    _about(upload, index).unlink(missing_ok=True)
    _part(upload, index).unlink(missing_ok=True)


def _part(upload: Upload, index: int) -> Path:
    return upload.file_path(index).with_suffix(".part")


def _about(upload: Upload, index: int) -> Path:
    return upload.file_path(index).with_suffix(".json")


def _next_index(upload: Upload) -> int:
    numbers = (path.stem for path in upload.folder.iterdir())
    return max((int(number) for number in numbers if number.isdigit()), default=-1) + 1
