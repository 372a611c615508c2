"""Thumbnails by content hash: JPEG files that can always be made again from the originals."""

import io
from pathlib import Path

import PIL.Image

from core.atomic import atomic_path
from core.media import store
from core.media.decoding import decode
from core.settings import settings


def path(content_hash: str) -> Path:
    """Where the thumbnail of an original lies, or would lie."""
    return settings().thumbnails_dir / content_hash[:2] / f"{content_hash}.jpg"


def write(content_hash: str, picture: PIL.Image.Image) -> None:
    """Make the thumbnail of an upright RGB `picture`. Raises OSError (full disk and such)."""
    target = path(content_hash)
    if target.exists():
        return
    side = settings().thumbnail_size
    small = picture.copy() if max(picture.size) > side else picture
    small.thumbnail((side, side), PIL.Image.Resampling.BICUBIC, reducing_gap=2.0)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=82)
    with atomic_path(target) as partial:
        partial.write_bytes(buffer.getvalue())


def ensure(content_hash: str) -> Path:
    """The thumbnail's path, made from the original where it is missing.

    Raises:
        FileNotFoundError: the original is missing too.
        Refused: the original cannot be decoded.
    """
    target = path(content_hash)
    if not target.exists():
        data = store.read_original(content_hash)
        write(content_hash, decode(data, settings().thumbnail_size).picture)
    return target


def viewable(content_hash: str) -> bytes:
    """An original as a JPEG of full size, for formats that browsers do not show.

    Raises:
        FileNotFoundError: the original is missing.
        Refused: the original cannot be decoded.
    """
    data = store.read_original(content_hash)
    buffer = io.BytesIO()
    decode(data, 1 << 30).picture.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
