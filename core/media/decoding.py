"""One decode an image: the upright RGB picture and everything the file says about itself."""

import io
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pi_heif
import PIL.Image
import simplejpeg
from numpy.typing import NDArray
from PIL import ExifTags

from core.media.deep import deep_pixels, size_of_deep
from core.media.heif import check_items
from core.media.refusal import Refused as Refused
from core.media.tones import Tones, mapped
from core.settings import settings

#: Formats that are taken in, by the decoder's name. Pillow may try no other decoder.
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIF")

pi_heif.register_heif_opener(thumbnails=False)

# The size is checked against our own setting, before a pixel is decoded.
PIL.Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True)
class ImageFacts:
    """What a file says about its picture; sizes in pixels after the EXIF orientation."""

    format: str
    width: int
    height: int
    captured_at: datetime | None = None
    camera: str | None = None
    exif: dict[str, Any] = field(default_factory=dict)
    #: How values of more than 8 bits a channel were mapped; None: there were none.
    tones: Tones | None = None


@dataclass(frozen=True)
class Decoded:
    """An upright RGB picture, perhaps at a reduced scale, and the file's facts.

    Attributes:
        pixels: (height, width, 3) uint8, RGB, contiguous.
    """

    pixels: NDArray[np.uint8]
    facts: ImageFacts

    @property
    def picture(self) -> PIL.Image.Image:
        """The pixels as a Pillow image of mode RGB."""
        return PIL.Image.fromarray(self.pixels)


def decode(data: bytes, longer: int, shorter: int | None = None, compiled: bool = False) -> Decoded:
    """Decode a file's bytes.

    A JPEG is decoded at the smallest scale (1/8 to 4/8, or whole) that has the pixels that are
    needed, which is many times faster than decoding it whole.

    Args:
        longer: pixels that are needed along the longer side.
        shorter: those along the shorter side, 0: as many as it has then; None: as many as `longer`.
        compiled: whether our own loops may be used where they are faster than libjpeg. They are
            compiled on first use, which is worth it for many pictures.

    Raises:
        Refused: it is no image, is broken, or has more pixels than the settings allow.
    """
    if not data:
        raise Refused("ingest.refused.empty")
    needed = (longer, longer if shorter is None else shorter)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd EXIF; what can be read is read
            if data[4:8] == b"ftyp":
                check_items(io.BytesIO(data))
            deep = size_of_deep(data)
            if deep is not None:
                return _decode_deep(data, deep)
            with PIL.Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _decode_open(image, data, needed, compiled)
    except PIL.UnidentifiedImageError:
        raise Refused("ingest.refused.no_image") from None
    except Refused:
        raise
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        TypeError,
        KeyError,
        IndexError,
        OverflowError,
        AttributeError,
        ZeroDivisionError,
        MemoryError,
        RuntimeError,
    ) as error:
        # Pillow's decoders raise any of these on broken files.
        raise Refused("ingest.refused.broken", detail=_first_line(error)) from None


def _decode_open(
    image: PIL.Image.Image, data: bytes, needed: tuple[int, int], compiled: bool
) -> Decoded:
    full = image.size
    check_size(*full)
    name = "JPEG" if image.format == "MPO" else str(image.format)
    exif, orientation = read_exif(image)
    tones = None
    eighths = _eighths(image.size, *needed)
    pixels = _jpeg_pixels(image, data, eighths, compiled)
    if pixels is None:
        width, height = (max(1, side * eighths // 8) for side in full)
        image.draft("RGB", (width, height))  # Pillow takes the next of 1/8, 1/4 and 1/2 above it
        image.load()
        pixels, tones = rgb_pixels(image)
    if name == "TIFF":  # Pillow has turned it, and given the size of the turned picture
        orientation = 1
    pixels = _upright(pixels, orientation)
    if orientation >= 5:  # turned by 90 degrees
        full = (full[1], full[0])
    return Decoded(
        pixels, ImageFacts(name, *full, captured_at_of(exif), camera_of(exif), exif, tones)
    )


def _decode_deep(data: bytes, size: tuple[int, int]) -> Decoded:
    check_size(*size)
    pixels, tones = deep_pixels(data)
    name, orientation = "TIFF", 1
    exif: dict[str, Any] = {}
    try:
        with PIL.Image.open(io.BytesIO(data), formats=("TIFF", "PNG")) as image:
            name = str(image.format)
            exif, orientation = read_exif(image)
    except Exception:  # Pillow does not know every kind of TIFF; the picture counts
        exif = {}
    if name == "PNG":
        pixels = _upright(pixels, orientation)
    height, width = pixels.shape[:2]
    facts = ImageFacts(name, width, height, captured_at_of(exif), camera_of(exif), exif, tones)
    return Decoded(pixels, facts)


def check_size(width: int, height: int) -> None:
    """Raise `Refused` for no pixels, or more than the settings allow."""
    if width < 1 or height < 1:
        raise Refused("ingest.refused.no_pixels")
    if width * height > settings().max_image_pixels:
        limit = f"{settings().max_image_pixels / 1e6:.0f}"
        raise Refused("ingest.refused.too_many_pixels", width=width, height=height, limit=limit)


def _eighths(size: tuple[int, int], longer: int, shorter: int) -> int:
    """The smallest scale of a JPEG of that size that has the sides that are needed."""
    pairs = ((max(size), longer), (min(size), shorter))
    # 5/8 to 7/8 take longer than the whole picture.
    for eighths in range(1, 5):
        if all(_scaled(side, eighths) >= min(side, needed) for side, needed in pairs):
            return eighths
    return 8


def _scaled(side: int, eighths: int) -> int:
    """libjpeg's length of a side at a scale."""
    return -(-side * eighths // 8)


def _jpeg_pixels(
    image: PIL.Image.Image, data: bytes, eighths: int, compiled: bool
) -> NDArray[np.uint8] | None:
    """The pixels of an ordinary JPEG straight from a decoder of these; None leaves it to Pillow.

    Pillow's verdict counts on everything unusual: CMYK, several pictures in a file, damage.
    """
    if image.format != "JPEG" or image.mode not in ("RGB", "L"):
        return None
    if compiled and eighths <= 3 and (decode_reduced := _own_decoder()):
        reduced = decode_reduced(data, image.size, eighths)
        if reduced is not None:
            return reduced
    width, height = (_scaled(side, eighths) for side in image.size)
    try:
        # No factor between 1 and 2: 5/8 to 7/8 may be of the same length as the whole side.
        pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(
            data, "RGB", min_height=height, min_width=width, min_factor=2
        )
    except (ValueError, RuntimeError):
        return None
    return pixels


@lru_cache
def _own_decoder() -> Callable[[bytes, tuple[int, int], int], NDArray[np.uint8] | None] | None:
    """`decode_reduced`, whose import loads a compiler; None where that may write nowhere."""
    try:
        from core.media.jpeg_reduced import decode_reduced
    except RuntimeError as error:  # Numba's, where no folder can keep what it compiles
        logging.getLogger(__name__).warning("JPEGs are decoded by libjpeg alone: %s", error)
        return None
    return decode_reduced


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """`pixels` as they are to be seen, by the EXIF orientation, 1 to 8."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    # What is left is a flip along either axis; 5 to 8 are those of 1 to 4 after the swap.
    down = {3: -1, 4: -1, 7: -1, 8: -1}.get(orientation, 1)
    across = {2: -1, 3: -1, 6: -1, 7: -1}.get(orientation, 1)
    return np.ascontiguousarray(pixels[::down, ::across])


def rgb_pixels(image: PIL.Image.Image) -> tuple[NDArray[np.uint8], Tones | None]:
    """(height, width, 3) uint8 RGB, transparency on white; grey of more than 8 bits is mapped."""
    if image.mode.startswith(("I", "F")):
        grey, tones = mapped(np.asarray(image))
        return np.repeat(grey[..., None], 3, axis=2), tones
    if "A" in image.getbands() or "transparency" in image.info:
        layered = image.convert("RGBA")
        white = PIL.Image.new("RGBA", layered.size, "white")
        image = PIL.Image.alpha_composite(white, layered)
    return np.asarray(image.convert("RGB")), None


def read_exif(image: PIL.Image.Image) -> tuple[dict[str, Any], int]:
    """EXIF tags by name as far as they are text or numbers, and the orientation, 1 to 8."""
    try:
        raw = image.getexif()
        tags = {**dict(raw), **raw.get_ifd(ExifTags.IFD.Exif)}
    except Exception:  # whatever a broken EXIF block makes the reader raise, the picture counts
        return {}, 1
    found: dict[str, Any] = {}
    for number, value in tags.items():
        name, plain = ExifTags.TAGS.get(number), _plain(value)
        if name is not None and plain is not None:
            found[name] = plain
    orientation = found.get("Orientation")
    if not isinstance(orientation, int) or not 1 <= orientation <= 8:
        orientation = 1
    return found, orientation


def _plain(value: object) -> str | float | int | None:
    """A value that JSON can hold, None if it is none."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        text = "".join(c for c in value if c.isprintable()).strip()
        return text if text and len(text) <= 500 else None
    if isinstance(value, int):
        return value
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if np.isfinite(number) else None


def captured_at_of(exif: dict[str, Any]) -> datetime | None:
    """When a picture was taken, by its EXIF tags: local time without a zone."""
    for name in ("DateTimeOriginal", "DateTimeDigitized", "DateTime"):
        try:
            return datetime.strptime(str(exif[name])[:19], "%Y:%m:%d %H:%M:%S")
        except (KeyError, ValueError):
            continue
    return None


def camera_of(exif: dict[str, Any]) -> str | None:
    """Maker and model of the camera, by a picture's EXIF tags."""
    maker, model = str(exif.get("Make", "")), str(exif.get("Model", ""))
    # Most makers write their name into the model as well.
    name = model if model.lower().startswith(maker.lower()) else f"{maker} {model}"
    return name.strip() or None


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]
