"""Thumbnails by content hash: JPEG files that can always be made again from the originals."""

from pathlib import Path

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from core.atomic import atomic_path
from core.media import store
from core.media.decoding import decode
from core.settings import settings
from models.geometry import resize

_LONGEST_JPEG = 65_500  # pixels that libjpeg writes in one direction


def path(content_hash: str) -> Path:
    """Where the thumbnail of an original lies, or would lie."""
    return settings().thumbnails_dir / content_hash[:2] / f"{content_hash}.jpg"


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


def ensure(content_hash: str) -> Path:
    """The thumbnail's path, made from the original where it is missing.

    Raises:
        FileNotFoundError: the original is missing too.
        Refused: the original cannot be decoded.
    """
    target = path(content_hash)
    if not target.exists():
        data = store.read_original(content_hash)
        write(content_hash, decode(data, settings().thumbnail_size).pixels)
    return target


def remove(content_hash: str) -> None:
    """Forget the thumbnail of an original, if there is one. Raises OSError."""
    path(content_hash).unlink(missing_ok=True)


def viewable(content_hash: str) -> bytes:
    """An original as a JPEG of full size, as the models see it.

    Only what is longer than a JPEG can be is made smaller.

    Raises:
        FileNotFoundError: the original is missing.
        Refused: the original cannot be decoded.
    """
    pixels = decode(store.read_original(content_hash), 1 << 30).pixels
    pixels = shrunk(pixels, _LONGEST_JPEG)
    data: bytes = simplejpeg.encode_jpeg(pixels, quality=95, colorsubsampling="444")
    return data
