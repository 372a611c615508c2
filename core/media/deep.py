"""Pictures with more than 8 bits a channel: TIFF and PNG, read with all of their values.

Pillow keeps only the high byte of colour with 16 bits, which leaves a 12-bit camera's pictures
black; OpenCV keeps everything.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.media.refusal import Refused
from core.media.tiff import Layout, Tiff, is_tiff
from core.media.tones import Tones, mapped

# Broken files are reported by us, not on the console.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


_PNG = b"\x89PNG\r\n\x1a\n"
_MIN_IS_WHITE, _RGB = 0, 2
_SIGNED, _FLOAT = 2, 3  # sample formats
_READABLE_BITS = (8, 16, 32, 64)


def size_of_deep(data: bytes) -> tuple[int, int] | None:
    """Width and height of a picture that `deep_pixels` reads; None for every other file.

    Raises:
        Refused: a TIFF whose directory is broken, or whose values are stored in a way that nothing
            here reads.
    """
    if data.startswith(_PNG) and len(data) > 25:
        if data[12:16] == b"IHDR" and data[24] == 16:
            _check_chunks(data)
            return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
        return None
    if not is_tiff(data):
        return None
    layout = Tiff(data).layout()
    if not _is_deep(layout):
        return None
    if not _is_readable(layout):
        raise Refused("ingest.refused.unreadable_values", bits=layout.bits, channels=layout.samples)
    return layout.width, layout.height


def _check_chunks(data: bytes) -> None:
    # OpenCV makes room for as many bytes as a chunk says it has, be they there or not.
    at = len(_PNG)
    while at + 8 <= len(data):
        if data[at + 4 : at + 8] == b"IEND":
            return
        at += 12 + int.from_bytes(data[at : at + 4])
    raise Refused("ingest.refused.broken", detail="PNG: cut off")


def _is_deep(layout: Layout) -> bool:
    # CMYK, Lab and the like, and grey of 10 to 14 bits, are Pillow's.
    if layout.photometric > _RGB or (layout.samples == 1 and layout.bits in range(9, 16)):
        return False
    return layout.bits > 8 or layout.sample_format in (_SIGNED, _FLOAT)


def _is_readable(layout: Layout) -> bool:
    whole_pixels = layout.planar == 1 or layout.samples == 1
    half = layout.sample_format == _FLOAT and layout.bits == 16
    return (
        whole_pixels and layout.samples in (1, 3, 4) and layout.bits in _READABLE_BITS and not half
    )


def deep_pixels(data: bytes) -> tuple[NDArray[np.uint8], Tones]:
    """Decode and tone-map: (height, width, 3) uint8 RGB, transparency on white.

    TIFF's orientation is applied, EXIF's in a PNG is not.

    Raises:
        Refused: it is broken.
    """
    try:
        values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        values = None
    if values is None or values.size == 0:
        raise Refused("ingest.refused.broken", detail="OpenCV")
    if is_tiff(data) and Tiff(data).layout().photometric == _MIN_IS_WHITE:
        values = _inverted(values)
    colours = values if values.ndim == 2 else values[..., :3]
    pixels, tones = mapped(np.ascontiguousarray(colours))
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        pixels = np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    else:
        pixels = pixels[..., ::-1]
    if values.ndim == 3 and values.shape[2] == 4:
        pixels = _on_white(pixels, values[..., 3])
    return np.ascontiguousarray(pixels), tones


def _inverted(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "u":
        return np.iinfo(values.dtype).max - values
    return -values if values.dtype.kind == "f" else ~values


def _on_white(pixels: NDArray[np.uint8], alpha: NDArray[Any]) -> NDArray[np.uint8]:
    whole = float(np.iinfo(alpha.dtype).max) if alpha.dtype.kind in "ui" else 1.0
    share = np.clip(np.nan_to_num(alpha.astype(np.float32) / whole), 0.0, 1.0)[..., None]
    layered: NDArray[np.uint8] = np.rint(pixels * share + 255.0 * (1.0 - share)).astype(np.uint8)
    return layered
