"""The files of an upload one by one, those inside zip archives included."""

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from core.ingest.uploads import Upload, UploadedFile, clean_name
from core.media.decoding import Refused
from core.settings import settings

_JUNK_FOLDERS = ("__MACOSX",)
_JUNK_NAMES = (".DS_Store", "Thumbs.db", "desktop.ini")
_ENCRYPTED, _UTF8 = 0x1, 0x800  # flag bits of a zip entry
_SMALL = 1_000_000  # bytes; what unpacks to less is no bomb whatever its ratio


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to take in. `read()` gives its bytes and may raise `Refused`; safe in any thread."""

    path: str
    read: Callable[[], bytes]


class Entries:
    """The entries of an upload. A context manager, because its archives stay open meanwhile."""

    def __init__(self, upload: Upload) -> None:
        self._files = list(upload.files())
        self._stack = ExitStack()
        self._archives: dict[int, list[tuple[str, zipfile.ZipInfo]] | Refused] = {}
        self._opened: dict[int, zipfile.ZipFile] = {}

    def __enter__(self) -> "Entries":
        for file in self._files:
            if zipfile.is_zipfile(file.path):
                self._open_archive(file)
        return self

    def __exit__(self, *_details: object) -> None:
        self._stack.close()

    def __len__(self) -> int:
        listed = [a for a in self._archives.values() if isinstance(a, list)]
        return len(self._files) - len(listed) + sum(len(archive) for archive in listed)

    def __iter__(self) -> Iterator[Entry]:
        for file in self._files:
            archive = self._archives.get(file.index)
            if archive is None:
                yield Entry(file.name, file.path.read_bytes)
            elif isinstance(archive, Refused):
                yield Entry(file.name, partial(_raise, archive))
            else:
                opened = self._opened[file.index]
                for path, info in archive:
                    yield Entry(path, partial(read_entry, opened, info))

    def _open_archive(self, file: UploadedFile) -> None:
        try:
            archive = self._stack.enter_context(zipfile.ZipFile(file.path))
            self._archives[file.index] = _list_archive(file.name, archive)
            self._opened[file.index] = archive
        except Refused as refused:
            self._archives[file.index] = refused
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
            self._archives[file.index] = Refused("ingest.refused.broken_archive")


def _raise(error: Refused) -> bytes:
    raise error


def _list_archive(archive_name: str, archive: zipfile.ZipFile) -> list[tuple[str, zipfile.ZipInfo]]:
    """Unique paths and entries of an archive's files.

    Raises:
        Refused: it has more entries, or unpacks to more bytes, than the settings allow.
    """
    infos = [i for i in archive.infolist() if not i.is_dir() and not is_junk(i.filename)]
    if len(infos) > settings().max_archive_entries:
        raise Refused("ingest.refused.too_many_entries", limit=settings().max_archive_entries)
    if sum(info.file_size for info in infos) > settings().max_archive_bytes:
        limit = f"{settings().max_archive_bytes / 1e9:.0f}"
        raise Refused("ingest.refused.archive_too_large", limit=limit)
    used: dict[str, int] = {}
    named = []
    for info in infos:
        path = f"{archive_name}/{clean_name(entry_name(info))}"
        used[path] = used.get(path, 0) + 1
        named.append((path if used[path] == 1 else f"{path} ({used[path]})", info))
    return named


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
        Refused: it is encrypted, a link, an archive itself, a bomb, too large or broken.
    """
    if info.flag_bits & _ENCRYPTED:
        raise Refused("ingest.refused.encrypted")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Refused("ingest.refused.link")
    if info.filename.lower().endswith(".zip"):
        raise Refused("ingest.refused.nested_archive")
    if info.file_size > settings().max_file_bytes:
        raise Refused("ingest.refused.too_large", limit=f"{settings().max_file_bytes / 1e9:g}")
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > _SMALL and ratio > settings().max_archive_ratio:
        raise Refused("ingest.refused.bomb", ratio=f"{ratio:.0f}")
    try:
        with archive.open(info) as file:
            # The declared size is the archive's own word; no more than that is ever unpacked.
            data = file.read(info.file_size + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ):
        raise Refused("ingest.refused.broken_entry") from None
    if len(data) != info.file_size:
        raise Refused("ingest.refused.broken_entry")
    return data
