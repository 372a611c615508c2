"""Originals by content hash, in a local folder or any store that fsspec reaches."""

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from core.atomic import atomic_path, clear_partials
from core.media.origins import s3_options
from core.settings import settings


@lru_cache
def _filesystem() -> tuple[fsspec.AbstractFileSystem, str]:
    url = settings().resolved_media_url
    filesystem, root = fsspec.core.url_to_fs(url, **(s3_options() if url.startswith("s3:") else {}))
    return filesystem, root.rstrip("/")


def _path(content_hash: str) -> str:
    # Two characters a folder: 256 folders stay small enough to list at a million originals.
    return f"{_filesystem()[1]}/{content_hash[:2]}/{content_hash}"


def _partial_folder() -> Path:
    # One folder for all of them: the others are too many to look through.
    return Path(_filesystem()[1]) / ".partial"


def put(content_hash: str, data: bytes, file: Path | None = None) -> None:
    """Keep an original; a half-written one is never seen. Raises OSError (full disk and such).

    Args:
        file: a file that holds `data` and is never written to again. Where it lies on the store's
            disk under this one name it is kept itself, under a second name, and nothing is copied;
            one with more names is somebody else's too, who might change it.
    """
    filesystem, path = _filesystem()[0], _path(content_hash)
    if isinstance(filesystem, LocalFileSystem):
        if (file is not None and _linked(file, path)) or Path(path).exists():
            return
        with atomic_path(Path(path), _partial_folder()) as partial:
            partial.write_bytes(data)
    elif not filesystem.exists(path):
        filesystem.pipe_file(path, data)


def _linked(file: Path, target: str) -> bool:
    """Whether `file` could be given the name `target` too, or has it by now."""
    try:
        if file.stat().st_nlink > 1:
            return False
        try:
            os.link(file, target)
        except FileNotFoundError:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            os.link(file, target)
    except FileExistsError:
        return True  # another thread or worker has kept the same content
    except OSError:
        return False  # another disk, or one without links
    return True


def clear_unfinished() -> None:
    """Delete originals that a killed worker had not written wholly; none may be running."""
    if isinstance(_filesystem()[0], LocalFileSystem):
        clear_partials(_partial_folder())


def open_original(content_hash: str) -> BinaryIO:
    """An original, open for reading.

    Raises:
        FileNotFoundError: it is not in the store.
    """
    return cast(BinaryIO, _filesystem()[0].open(_path(content_hash), "rb"))


def remove(content_hash: str) -> None:
    """Forget an original; one that is not there is no error. Raises OSError."""
    filesystem, path = _filesystem()[0], _path(content_hash)
    with suppress(FileNotFoundError):
        filesystem.rm_file(path)


def local_path(content_hash: str) -> Path | None:
    """Where an original lies on this machine's disk, None if the store is elsewhere."""
    if isinstance(_filesystem()[0], LocalFileSystem):
        return Path(_path(content_hash))
    return None
