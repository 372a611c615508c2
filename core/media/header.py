"""What a file says about its picture at its beginning, without decoding the picture."""

import warnings
from collections.abc import Callable
from typing import BinaryIO

import PIL.Image

from core.media.decoding import (
    FORMATS,
    ImageFacts,
    Refused,
    camera_of,
    captured_at_of,
    check_size,
    decode,
    read_exif,
)
from core.media.heif import check_items

# How files begin whose pictures can be decoded, some of them without Pillow.
_BEGINNINGS = (
    b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM", b"GIF8",
)  # fmt: skip
_HEIF = b"ftyp"  # behind four bytes
_SMALLEST_SCALE = 1


def read_facts(file: BinaryIO, whole: Callable[[], bytes]) -> ImageFacts:
    """Format, size and EXIF of a picture.

    Args:
        file: where the picture begins; may be cut off behind its header.
        whole: gives all of it, asked for where the header is not enough.

    Raises:
        Refused: it is no picture of a known format, or has too many pixels.
    """
    beginning = file.read(12)
    file.seek(0)
    if not beginning:
        raise Refused("ingest.refused.empty")
    if not beginning.startswith(_BEGINNINGS) and beginning[4:8] != _HEIF:
        raise Refused("ingest.refused.no_image")
    try:
        if beginning[4:8] == _HEIF:
            check_items(file)
            file.seek(0)
        return _facts(file)
    except Refused:
        raise
    except Exception:  # cut off, unusual or broken: decoding it has the last word
        return decode(whole(), _SMALLEST_SCALE).facts


def _facts(file: BinaryIO) -> ImageFacts:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd EXIF; what can be read is read
        with PIL.Image.open(file, formats=FORMATS) as image:
            check_size(*image.size)
            name = "JPEG" if image.format == "MPO" else str(image.format)
            exif, orientation = read_exif(image)
            width, height = image.size
    if orientation >= 5 and name != "TIFF":  # turned by 90 degrees; Pillow does it for TIFF
        width, height = height, width
    return ImageFacts(name, width, height, captured_at_of(exif), camera_of(exif), exif)
