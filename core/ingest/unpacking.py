"""Reading what stands in archives: names, and bytes within the limits of the settings."""

import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from core.media.decoding import Refused
from core.settings import settings

_JUNK_FOLDERS = ("__MACOSX",)
_JUNK_NAMES = (".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED, _UTF8 = 0x1, 0x800  # flag bits of a zip entry
_SMALL = 1_000_000  # bytes; what unpacks to less is no bomb whatever its ratio
_BLOCK = 1 << 20
_SMALLEST_ENTRY = 46  # bytes of an entry in a zip's list, without its name
_END_WITHIN = 65_535 + 22 + 76  # bytes at the end of a zip: comment, end record, those of zip64


def is_junk(name: str) -> bool:
    """Whether an operating system put the file beside the pictures without anybody's asking."""
    parts = name.split("/")
    return parts[0] in _JUNK_FOLDERS or parts[-1] in _JUNK_NAMES or parts[-1].startswith("._")


def entry_name(info: zipfile.ZipInfo) -> str:
    """An entry's name, also where the archiver wrote it in the code page of a Korean Windows.

    The format knows UTF-8 (with a flag) and code page 437, which is what zipfile reads without
    the flag; Explorer and many archivers write the local code page there all the same.
    """
    if info.flag_bits & _UTF8:
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """An entry's bytes.

    Raises:
        Refused: it is encrypted, a link, a bomb, too large or broken.
    """
    check_entry(info)
    with _reading(), archive.open(info) as file:
        # The declared size is the archive's own word; no more than that is ever unpacked.
        data = file.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise Refused("ingest.refused.broken_entry")
    return data


def is_zip(path: Path) -> bool:
    """Whether a file is a zip by its end, where the list of its entries is."""
    try:
        return zipfile.is_zipfile(path)
    except (OSError, ValueError, struct.error):  # what a broken list makes the reader raise
        return False


def check_entry_count(path: Path) -> None:
    """Raise `Refused` for a zip with more entries than the settings allow.

    `zipfile` makes an object of every entry before anything can be asked; this only steps through
    the list. What it cannot make sense of is left to `zipfile`.
    """
    limit = settings().max_archive_entries
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size // _SMALLEST_ENTRY <= limit:
            return
        place = max(0, size - _END_WITHIN)
        file.seek(place)
        end = file.read()
        at = end.rfind(b"PK\x05\x06")
        if at < 0 or at + 22 > len(end):
            return
        listed = int.from_bytes(end[at + 12 : at + 16], "little")
        start = place + at - listed
        if listed == 0xFFFFFFFF and at >= 76:  # zip64 says it in a record of its own
            listed = int.from_bytes(end[at - 36 : at - 28], "little")
            start = place + at - 76 - listed
        if start < 0:
            return
        file.seek(start)
        count = 0
        while len(head := file.read(_SMALLEST_ENTRY)) == _SMALLEST_ENTRY:
            if not head.startswith(b"PK\x01\x02"):
                return
            count += 1
            if count > limit:
                raise Refused("ingest.refused.too_many_entries", limit=limit)
            file.seek(sum(struct.unpack("<HHH", head[28:34])), os.SEEK_CUR)


def check_entry(info: zipfile.ZipInfo) -> None:
    """Raise `Refused` for an entry that is not even opened."""
    if info.flag_bits & _ENCRYPTED:
        raise Refused("ingest.refused.encrypted")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Refused("ingest.refused.link")
    if info.file_size > settings().max_file_bytes:
        raise Refused("ingest.refused.too_large", limit=f"{settings().max_file_bytes / 1e9:g}")
    check_ratio(info.file_size, info.compress_size)


def check_ratio(unpacked: int, packed: int) -> None:
    """Raise `Refused` where something unpacks to more times its size than is allowed."""
    ratio = unpacked / max(packed, 1)
    if unpacked > _SMALL and ratio > settings().max_archive_ratio:
        raise Refused("ingest.refused.bomb", ratio=f"{ratio:.0f}")


def unpack(
    source: IO[bytes], target: Path, packed: int, limit: int, look: Callable[[], None]
) -> int:
    """Unpack a stream to a file within the limits; the number of bytes.

    Args:
        packed: the stream's size in its archive.
        limit: bytes that it may have.
        look: called for every block; what it raises ends the work.

    Raises:
        Refused: it is a bomb, too large or broken.
        OSError: `target` cannot be written.
    """
    done = 0
    with target.open("wb") as file:
        while True:
            look()
            with _reading():
                block = source.read(_BLOCK)
            if not block:
                return done
            done += len(block)
            check_ratio(done, packed)
            if done > limit:
                raise Refused("ingest.refused.archive_too_large", limit=f"{limit / 1e9:.0f}")
            file.write(block)


@contextmanager
def _reading() -> Iterator[None]:
    """Whatever the decompressors raise on broken data becomes `Refused`."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ):
        raise Refused("ingest.refused.broken_entry") from None
