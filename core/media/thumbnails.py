"""Thumbnails by content hash: JPEGs that can always be made again from the originals."""

import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from core.atomic import atomic_path
from core.media import thumbnail_store
from core.media.decoding import decode
from core.media.originals import Original, read_original
from core.media.tables import UNREAD
from core.settings import settings
from models.geometry import resize

_few_at_once = BoundedSemaphore(3)


@dataclass(frozen=True)
class Thumbnail:
    """A thumbnail that is made, but not kept yet.

    Attributes:
        pixels: (height, width, 3) uint8, RGB, contiguous.
        jpeg: the same as a JPEG file.
    """

    pixels: NDArray[np.uint8]
    jpeg: bytes


def make(pixels: NDArray[np.uint8]) -> Thumbnail:
    """The thumbnail of an upright RGB picture of (height, width, 3) uint8."""
    small = shrunk(pixels, settings().thumbnail_size)
    jpeg: bytes = simplejpeg.encode_jpeg(small, quality=82, colorsubsampling="420")
    return Thumbnail(small, jpeg)


def keep(jpegs: Mapping[str, bytes]) -> None:
    """Keep thumbnails, given by content hash, unless there is one of that content already.

    Raises:
        OSError: they cannot be written (full disk and such).
    """
    thumbnail_store.put(jpegs)


def find(content_hash: str) -> bytes | None:
    """The thumbnail of an original, if there is one. Raises OSError where it cannot be read."""
    file = _file(content_hash)
    if not content_hash.startswith(UNREAD) and (kept := thumbnail_store.get(content_hash)):
        return kept
    return file.read_bytes() if file.exists() else None


def _file(content_hash: str) -> Path:
    """Where a thumbnail lies that is a file of its own."""
    if content_hash.startswith(UNREAD):
        # It has another key as soon as its file is read: this one is for the time until then.
        key = content_hash.removeprefix(UNREAD)
        return unread_folder() / key[:2] / f"{key}.jpg"
    # DATAG made each a file at first.
    return settings().thumbnails_dir / content_hash[:2] / f"{content_hash}.jpg"


def unread_folder() -> Path:
    """Where the thumbnails lie of images whose files were listed, but not read yet."""
    return settings().cache_dir / "unread"


def clear_unread() -> None:
    """Delete those thumbnails; who looks at such an image again has its one made again."""
    shutil.rmtree(unread_folder(), ignore_errors=True)


def shrunk(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 with its longer side at most `side`, contiguous."""
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    small = resize(pixels, max(1, round(width * scale)), max(1, round(height * scale)))
    return np.ascontiguousarray(small)


def ensure(original: Original) -> bytes:
    """The thumbnail's JPEG, made from the original where it is missing.

    Where it cannot be kept (full disk and such) it is made again the next time.

    Raises:
        UserError: the original cannot be read or decoded; the text says why.
    """
    with suppress(OSError):
        if found := find(original.content_hash):
            return found
    # Pictures decoded all at once for a page of the gallery would take gigabytes.
    with _few_at_once:
        pixels = decode(read_original(original), settings().thumbnail_size, 0).pixels
        jpeg = make(pixels).jpeg
    with suppress(OSError):
        if original.is_read:
            keep({original.content_hash: jpeg})
        else:
            with atomic_path(_file(original.content_hash)) as partial:
                partial.write_bytes(jpeg)
    return jpeg


def remove(content_hashes: Iterable[str]) -> None:
    """Forget the thumbnails of originals, as far as there are any. Raises OSError."""
    for content_hash in (hashes := list(content_hashes)):
        _file(content_hash).unlink(missing_ok=True)
    thumbnail_store.remove(one for one in hashes if not one.startswith(UNREAD))
