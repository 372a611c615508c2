"""Decoding: orientation, EXIF, reduced scale, every mode, and broken or hostile files."""

import io
import struct
import zlib
from datetime import datetime
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from core.media.decoding import Refused, decode
from core.settings import settings


def encoded(image: PIL.Image.Image, format_: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def quadrants(width: int = 40, height: int = 20) -> PIL.Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (255, 0, 0)
    pixels[: height // 2, width // 2 :] = (0, 255, 0)
    pixels[height // 2 :, : width // 2] = (0, 0, 255)
    pixels[height // 2 :, width // 2 :] = 255
    return PIL.Image.fromarray(pixels)


def with_exif(image: PIL.Image.Image, tags: dict[int, object]) -> bytes:
    exif = PIL.Image.Exif()
    for tag, value in tags.items():
        exif[tag] = value
    return encoded(image, "JPEG", exif=exif, quality=95, subsampling=0)


# Where the red, green, blue and white quadrant is seen after each orientation:
# (top left, top right, bottom left, bottom right), worked out from the EXIF standard's table.
ORIENTED = {
    1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb",
}  # fmt: skip


@pytest.mark.parametrize("orientation", ORIENTED)
def test_orientation_is_applied(orientation: int) -> None:
    decoded = decode(with_exif(quadrants(), {0x0112: orientation}), 10)
    picture, facts = decoded.picture, decoded.facts
    assert (facts.width, facts.height) == ((20, 40) if orientation >= 5 else (40, 20))
    width, height = picture.size
    assert (width > height) == (facts.width > facts.height)
    letters = {(1, 0, 0): "r", (0, 1, 0): "g", (0, 0, 1): "b", (1, 1, 1): "w"}
    seen = ""
    for y in (height // 4, 3 * height // 4):
        for x in (width // 4, 3 * width // 4):
            red, green, blue = picture.getpixel((x, y))
            seen += letters[(red > 128, green > 128, blue > 128)]
    assert seen == ORIENTED[orientation]


@pytest.mark.parametrize("lie", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored(lie: int) -> None:
    decoded = decode(with_exif(quadrants(), {0x0112: lie}), 10)
    assert (decoded.facts.width, decoded.facts.height) == (40, 20)


def test_capture_time_and_camera() -> None:
    data = with_exif(
        quadrants(), {0x0132: "2024:10:14 07:05:09", 0x010F: "Canon", 0x0110: "Canon EOS R5"}
    )
    facts = decode(data, 10).facts
    assert facts.captured_at == datetime(2024, 10, 14, 7, 5, 9)
    assert facts.camera == "Canon EOS R5"
    assert facts.exif["Make"] == "Canon"


@pytest.mark.parametrize("moment", ["0000:00:00 00:00:00", "yesterday", "", "2024:13:40 99:00:00"])
def test_a_capture_time_that_is_none_is_left_out(moment: str) -> None:
    assert decode(with_exif(quadrants(), {0x0132: moment}), 10).facts.captured_at is None


def test_a_large_jpeg_is_decoded_at_a_smaller_scale_that_is_large_enough() -> None:
    decoded = decode(encoded(quadrants(4000, 2000), "JPEG"), 224)
    assert (decoded.facts.width, decoded.facts.height) == (4000, 2000)
    assert decoded.picture.size == (500, 250)  # 1/8, the smallest scale that JPEG has


@pytest.mark.parametrize(
    ("size", "needed", "decoded"),
    [
        ((1155, 866), (256, 256), (434, 325)),
        ((1155, 866), (256, 210), (289, 217)),
        ((866, 1155), (256, 210), (217, 289)),  # which side is the longer one does not matter
        ((1155, 866), (256, 0), (289, 217)),
        ((1155, 866), (290, 0), (434, 325)),
        ((640, 480), (256, 210), (320, 240)),
        ((1920, 1080), (640, 0), (720, 405)),
        ((640, 480), (321, 0), (640, 480)),  # nothing between 4/8 and the whole
        ((30, 20), (256, 210), (30, 20)),
        ((5000, 40), (256, 0), (625, 5)),
        ((5000, 40), (256, 210), (5000, 40)),  # the shorter side has fewer pixels than are needed
    ],
)
@pytest.mark.parametrize("compiled", [False, True])
def test_the_scale_is_the_smallest_that_has_both_sides(
    size: tuple[int, int], needed: tuple[int, int], decoded: tuple[int, int], compiled: bool
) -> None:
    data = encoded(quadrants(*size), "JPEG")
    assert decode(data, *needed, compiled=compiled).picture.size == decoded


def test_a_jpeg_that_pillow_decodes_is_reduced_too() -> None:
    data = encoded(PIL.Image.new("CMYK", (1155, 866)), "JPEG")
    assert decode(data, 256, 210).picture.size == (289, 217)
    assert decode(data, 290, 210).picture.size == (578, 433)  # Pillow has no 3/8
    assert decode(data, 1155, 0).picture.size == (1155, 866)


def test_heic_as_phones_write_it() -> None:
    decoded = decode((Path(__file__).parent / "quadrants.heic").read_bytes(), 10)
    assert (decoded.facts.format, decoded.facts.width, decoded.facts.height) == ("HEIF", 64, 48)
    assert decoded.facts.camera == "Cam"
    corners = [decoded.picture.getpixel(place) for place in ((8, 8), (56, 8), (8, 40), (56, 40))]
    expected = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    np.testing.assert_allclose(corners, expected, atol=4)


def test_a_damaged_heic_is_refused_or_decoded() -> None:
    whole = np.frombuffer((Path(__file__).parent / "quadrants.heic").read_bytes(), np.uint8)
    rng = np.random.default_rng(2)
    for _ in range(150):
        broken = whole.copy()
        broken[rng.integers(0, len(broken), 4)] = rng.integers(0, 255, 4)
        data = broken[: rng.integers(len(broken) // 2, len(broken) + 1)].tobytes()
        try:
            decode(data, 16)
        except Refused:
            continue


def test_the_fast_decoder_gives_pillows_pixels() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (75, 61, 3), dtype=np.uint8)
    for image in (PIL.Image.fromarray(noise), PIL.Image.fromarray(noise[..., 0])):
        for options in ({}, {"progressive": True}, {"subsampling": 0}):
            data = encoded(image, "JPEG", quality=90, **options)
            expected = np.asarray(PIL.Image.open(io.BytesIO(data)).convert("RGB"))
            np.testing.assert_array_equal(decode(data, 1 << 30).pixels, expected)


def test_transparency_is_seen_on_white() -> None:
    clear = PIL.Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    assert decode(encoded(clear), 4).picture.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = PIL.Image.new(mode, (9, 5))
    format_ = "TIFF" if mode in ("CMYK", "F", "I", "I;16") else "PNG"
    decoded = decode(encoded(image, format_), 4)
    assert decoded.picture.mode == "RGB"
    assert (decoded.facts.width, decoded.facts.height) == (9, 5)


def test_one_pixel_and_very_long_images() -> None:
    for size in ((1, 1), (30_000, 20)):
        assert decode(encoded(PIL.Image.new("RGB", size)), 224).picture.size == size


def reason(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        decode(data, 224)
    assert str(caught.value)  # has a text
    return caught.value.key


def test_what_is_no_picture_is_refused() -> None:
    assert reason(b"") == "ingest.refused.empty"
    assert reason(b"hello, I am text") == "ingest.refused.no_image"
    assert reason(b"<svg onload='alert(1)'/>") == "ingest.refused.no_image"
    assert reason(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n") == "ingest.refused.no_image"


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_cut_off_files_are_refused_or_decoded_never_crash(format_: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    whole = encoded(PIL.Image.fromarray(noise), format_)
    for share in (0.02, 0.3, 0.6, 0.9):
        with pytest.raises(Refused):
            decode(whole[: int(len(whole) * share)], 32)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
def test_flipped_bits_never_raise_anything_but_refused(format_: str) -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 255, (32, 32, 3), dtype=np.uint8)
    whole = np.frombuffer(encoded(PIL.Image.fromarray(noise), format_), np.uint8)
    for _ in range(150):
        broken = whole.copy()
        places = rng.integers(0, len(broken), rng.integers(1, 8))
        broken[places] = rng.integers(0, 255, len(places))
        try:
            decode(broken.tobytes(), 16)
        except Refused:
            continue


def test_a_pixel_bomb_is_refused_before_it_is_decoded() -> None:
    png = bytearray(encoded(PIL.Image.new("RGB", (1, 1))))
    png[16:24] = struct.pack(">II", 100_000, 100_000)
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    assert settings().max_image_pixels < 10**10
    assert reason(bytes(png)) == "ingest.refused.too_many_pixels"
