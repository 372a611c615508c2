"""JPEGs at an eighth: what libjpeg makes of them, and nothing of what is unusual or damaged."""

import io
from typing import Any

import numpy as np
import PIL.Image
import pytest
import simplejpeg
from numpy.typing import NDArray
from sklearn.datasets import load_sample_images

from core.media.decoding import decode
from core.media.jpeg_eighth import decode_eighth


def photo(size: tuple[int, int], mode: str = "RGB") -> PIL.Image.Image:
    picture = PIL.Image.fromarray(load_sample_images().images[0])
    return picture.resize(size, PIL.Image.Resampling.BICUBIC).convert(mode)


def jpeg(picture: PIL.Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def libjpeg(data: bytes) -> NDArray[np.uint8]:
    with PIL.Image.open(io.BytesIO(data)) as image:
        width, height = image.size
    pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(
        data, "RGB", min_height=-(-height // 8), min_width=-(-width // 8), min_factor=2
    )
    return pixels


@pytest.mark.parametrize("size", [(800, 608), (803, 601), (8, 8), (9, 17), (1, 1), (1000, 3)])
@pytest.mark.parametrize("quality", [30, 85, 100])
def test_grey_is_libjpegs(size: tuple[int, int], quality: int) -> None:
    data = jpeg(photo(size, "L"), quality=quality)
    pixels = decode_eighth(data, size)
    assert pixels is not None
    np.testing.assert_array_equal(pixels, libjpeg(data))


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"restart_marker_blocks": 7}])
def test_colours_are_nearly_libjpegs(subsampling: str, options: dict[str, Any]) -> None:
    data = jpeg(photo((1203, 801)), quality=88, subsampling=subsampling, **options)
    pixels = decode_eighth(data, (1203, 801))
    assert pixels is not None
    expected = libjpeg(data)
    assert pixels.shape == expected.shape == (101, 151, 3)
    apart = np.abs(pixels.astype(int) - expected)
    # Colours at full size are the same but for rounding; at half the size they are smoother.
    assert apart.max() <= 2 if subsampling == "4:4:4" else apart.mean() < 3


@pytest.mark.parametrize("options", [{"progressive": True}, {"keep_rgb": True}])
def test_what_is_unusual_is_left_to_libjpeg(options: dict[str, Any]) -> None:
    assert decode_eighth(jpeg(photo((64, 64)), **options), (64, 64)) is None


def test_other_colours_and_other_files_are_left_to_libjpeg() -> None:
    assert decode_eighth(jpeg(photo((64, 64), "CMYK")), (64, 64)) is None
    assert decode_eighth(b"", (64, 64)) is None
    assert decode_eighth(b"\x89PNG\r\n\x1a\n", (64, 64)) is None


def test_a_cut_file_is_never_a_picture() -> None:
    data = jpeg(photo((160, 120)), quality=90)
    assert decode_eighth(data, (160, 120)) is not None
    assert decode_eighth(data, (120, 160)) is None
    for length in range(len(data) - 1):
        assert decode_eighth(data[:length], (160, 120)) is None, length


def test_flipped_bits_never_do_harm() -> None:
    data = jpeg(photo((160, 120)), quality=90, restart_marker_blocks=5)
    rng = np.random.default_rng(0)
    for _ in range(3000):
        broken = bytearray(data)
        for place in rng.integers(2, len(data), rng.integers(1, 4)):
            broken[place] ^= 1 << int(rng.integers(8))
        pixels = decode_eighth(bytes(broken), (160, 120))
        assert pixels is None or pixels.dtype == np.uint8


def test_large_pictures_are_decoded_so_where_an_eighth_is_enough() -> None:
    data = jpeg(photo((1608, 1600)), quality=85)
    eighth = decode_eighth(data, (1608, 1600))
    assert eighth is not None
    np.testing.assert_array_equal(decode(data, 200, compiled=True).pixels, eighth)
    assert decode(data, 201, compiled=True).pixels.shape != eighth.shape
    assert decode(data, 200, compiled=True).facts == decode(data, 200).facts
