"""Thumbnails by content hash: JPEG files that can always be made again from the originals."""

import shutil
from pathlib import Path
from threading import BoundedSemaphore

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from core.atomic import atomic_path
from core.media.decoding import decode
from core.media.originals import Original, read_original
from core.media.tables import UNREAD
from core.settings import settings
from models.geometry import resize

_LONGEST_JPEG = 65_500  # pixels that libjpeg writes in one direction
_few_at_once = BoundedSemaphore(3)


def path(content_hash: str) -> Path:
    """Where the thumbnail of an original lies, or would lie."""
    if content_hash.startswith(UNREAD):
        # It has another key as soon as its file is read: this one is for the time until then.
        key = content_hash.removeprefix(UNREAD)
        return unread_folder() / key[:2] / f"{key}.jpg"
    return settings().thumbnails_dir / content_hash[:2] / f"{content_hash}.jpg"


def unread_folder() -> Path:
    """Where the thumbnails lie of images whose files were listed, but not read yet."""
    return settings().cache_dir / "unread"


def clear_unread() -> None:
    """Delete those thumbnails; who looks at such an image again has its one made again."""
    shutil.rmtree(unread_folder(), ignore_errors=True)


def write(content_hash: str, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Make the thumbnail of an upright RGB picture, unless there is one.

    Args:
        pixels: (height, width, 3) uint8.

    Returns:
        The thumbnail's pixels, likewise.

    Raises:
        OSError: it cannot be written (full disk and such).
    """
    small = shrunk(pixels, settings().thumbnail_size)
    target = path(content_hash)
    if not target.exists():
        data = simplejpeg.encode_jpeg(small, quality=82, colorsubsampling="420")
        with atomic_path(target) as partial:
            partial.write_bytes(data)
    return small


def shrunk(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 with its longer side at most `side`, contiguous."""
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    small = resize(pixels, max(1, round(width * scale)), max(1, round(height * scale)))
    return np.ascontiguousarray(small)


def ensure(original: Original) -> Path:
    """The thumbnail's path, made from the original where it is missing.

    Raises:
        UserError: the original cannot be read or decoded; the text says why.
        OSError: it cannot be written (full disk and such).
    """
    target = path(original.content_hash)
    if not target.exists():
        # Pictures decoded all at once for a page of the gallery would take gigabytes.
        with _few_at_once:
            data = read_original(original)
            write(original.content_hash, decode(data, settings().thumbnail_size).pixels)
    return target


def remove(content_hash: str) -> None:
    """Forget the thumbnail of an original, if there is one. Raises OSError."""
    path(content_hash).unlink(missing_ok=True)


def viewable(original: Original) -> bytes:
    """An original as a JPEG of full size, as the models see it.

    Only what is longer than a JPEG can be is made smaller.

    Raises:
        UserError: the original cannot be read or decoded; the text says why.
    """
    pixels = decode(read_original(original), 1 << 30).pixels
    pixels = shrunk(pixels, _LONGEST_JPEG)
    data: bytes = simplejpeg.encode_jpeg(pixels, quality=95, colorsubsampling="444")
    return data
