"""JPEGs at one to three eighths: what libjpeg or the cosine transform makes of them, and nothing of
what is unusual or damaged."""

import io
import sys
from typing import Any

import numpy as np
import PIL.Image
import pytest
import scipy.fft
import simplejpeg
from numba.core.caching import CacheImpl
from numpy.typing import NDArray
from sklearn.datasets import load_sample_images

import core.media
from core.media.decoding import Refused, _own_decoder, decode
from core.media.jpeg_reduced import EIGHTHS, decode_reduced


def photo(size: tuple[int, int], mode: str = "RGB") -> PIL.Image.Image:
    picture = PIL.Image.fromarray(load_sample_images().images[0])
    return picture.resize(size, PIL.Image.Resampling.BICUBIC).convert(mode)


def jpeg(picture: PIL.Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def libjpeg(data: bytes, eighths: int) -> NDArray[np.uint8]:
    with PIL.Image.open(io.BytesIO(data)) as image:
        width, height = (-(-side * eighths // 8) for side in image.size)
    pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(
        data, "RGB", min_height=height, min_width=width, min_factor=2
    )
    assert pixels.shape == (height, width, 3)
    return pixels


def transformed(data: bytes, eighths: int) -> NDArray[np.uint8]:
    """The lowest coefficients of the whole picture's blocks, transformed back by scipy."""
    with PIL.Image.open(io.BytesIO(data)) as image:
        whole = np.asarray(image).astype(float)
    height, width = whole.shape
    blocks = whole.reshape(height // 8, 8, width // 8, 8).swapaxes(1, 2)
    lowest = scipy.fft.dctn(blocks, axes=(2, 3), norm="ortho")[..., :eighths, :eighths]
    small = scipy.fft.idctn(lowest * eighths / 8, axes=(2, 3), norm="ortho")
    levels = small.swapaxes(1, 2).reshape(height // 8 * eighths, width // 8 * eighths)
    return np.rint(np.clip(levels, 0, 255)).astype(np.uint8)


SIZES = [(800, 608), (803, 601), (8, 8), (9, 17), (1, 1), (1000, 3)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("quality", [30, 85, 100])
def test_grey_at_an_eighth_is_libjpegs(size: tuple[int, int], quality: int) -> None:
    data = jpeg(photo(size, "L"), quality=quality)
    pixels = decode_reduced(data, size, 1)
    assert pixels is not None
    np.testing.assert_array_equal(pixels, libjpeg(data, 1))


@pytest.mark.parametrize("size", [size for size in SIZES if size != (1, 1)])
@pytest.mark.parametrize("quality", [30, 85, 100])
def test_grey_at_three_eighths_is_libjpegs_but_for_rounding(
    size: tuple[int, int], quality: int
) -> None:
    data = jpeg(photo(size, "L"), quality=quality)
    pixels = decode_reduced(data, size, 3)
    assert pixels is not None
    apart = np.abs(pixels.astype(int) - libjpeg(data, 3))
    assert apart.max() <= 1
    assert (apart > 0).mean() < (0.05 if pixels.size > 1000 else 0.2)


@pytest.mark.parametrize("eighths", EIGHTHS)
@pytest.mark.parametrize("quality", [60, 100])
def test_grey_is_the_cosine_transform_of_the_lowest_coefficients(
    eighths: int, quality: int
) -> None:
    # A picture without black and white: the whole one's levels are not cut off.
    picture = photo((640, 480), "L").point(lambda level: 40 + level * 0.6)
    data = jpeg(picture, quality=quality)
    pixels = decode_reduced(data, (640, 480), eighths)
    assert pixels is not None
    # The whole picture's levels are rounded before scipy sees them.
    apart = np.abs(pixels[..., 0].astype(int) - transformed(data, eighths))
    assert apart.max() <= 1
    assert (pixels == pixels[..., :1]).all()


#: How far colours at full and at half the size are from libjpeg's on average. Its 2/8 are averages
#: of 4 x 4 pixels, and it transforms colours of half the size to twice as many pixels.
APART = {1: (0.5, 3.0), 2: (2.5, 4.0), 3: (0.5, 2.0)}


@pytest.mark.parametrize("eighths", EIGHTHS)
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"restart_marker_blocks": 7}])
def test_colours_are_nearly_libjpegs(
    eighths: int, subsampling: str, options: dict[str, Any]
) -> None:
    data = jpeg(photo((1203, 801)), quality=88, subsampling=subsampling, **options)
    pixels = decode_reduced(data, (1203, 801), eighths)
    assert pixels is not None
    expected = libjpeg(data, eighths)
    assert pixels.shape == expected.shape
    apart = np.abs(pixels.astype(int) - expected)
    whole, half = APART[eighths]
    assert apart.mean() < (whole if subsampling == "4:4:4" else half)
    if subsampling == "4:4:4" and eighths != 2:
        assert apart.max() <= 3  # nothing but rounding
    # The colours lie where they belong: on average there is no difference.
    assert np.abs((pixels.astype(float) - expected).mean(axis=(0, 1))).max() < 0.5


@pytest.mark.parametrize("eighths", EIGHTHS)
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("size", [(1, 1), (7, 9), (17, 16), (33, 5)])
def test_colours_of_small_and_odd_sizes(
    eighths: int, subsampling: str, size: tuple[int, int]
) -> None:
    data = jpeg(PIL.Image.new("RGB", size, (200, 90, 30)), quality=95, subsampling=subsampling)
    pixels = decode_reduced(data, size, eighths)
    assert pixels is not None
    width, height = size
    assert pixels.shape == (-(-height * eighths // 8), -(-width * eighths // 8), 3)
    np.testing.assert_allclose(pixels.reshape(-1, 3), [[200, 90, 30]] * pixels[..., 0].size, atol=3)


def test_a_marker_after_every_unit_changes_nothing() -> None:
    picture = photo((803, 601))
    plain, marked = jpeg(picture, quality=90), jpeg(picture, quality=90, restart_marker_blocks=1)
    for eighths in EIGHTHS:
        expected = decode_reduced(plain, (803, 601), eighths)
        assert expected is not None
        pixels = decode_reduced(marked, (803, 601), eighths)
        assert pixels is not None
        np.testing.assert_array_equal(pixels, expected)


@pytest.mark.parametrize("options", [{"progressive": True}, {"keep_rgb": True}])
def test_what_is_unusual_is_left_to_libjpeg(options: dict[str, Any]) -> None:
    for eighths in EIGHTHS:
        assert decode_reduced(jpeg(photo((64, 64)), **options), (64, 64), eighths) is None


def test_other_colours_and_other_files_are_left_to_libjpeg() -> None:
    assert decode_reduced(jpeg(photo((64, 64), "CMYK")), (64, 64), 1) is None
    assert decode_reduced(b"", (64, 64), 1) is None
    assert decode_reduced(b"\x89PNG\r\n\x1a\n", (64, 64), 1) is None


@pytest.mark.parametrize("eighths", EIGHTHS)
def test_a_cut_file_is_never_a_picture(eighths: int) -> None:
    data = jpeg(photo((160, 120)), quality=90)
    assert decode_reduced(data, (160, 120), eighths) is not None
    assert decode_reduced(data, (120, 160), eighths) is None
    for length in range(len(data) - 1):
        assert decode_reduced(data[:length], (160, 120), eighths) is None, length


@pytest.mark.parametrize("eighths", EIGHTHS)
def test_a_byte_more_or_less_is_never_a_picture(eighths: int) -> None:
    data = jpeg(photo((160, 120)), quality=90)
    assert decode_reduced(data[:-3] + data[-2:], (160, 120), eighths) is None
    assert decode_reduced(data[:-2] + b"\x00" + data[-2:], (160, 120), eighths) is None


@pytest.mark.parametrize("eighths", EIGHTHS)
@pytest.mark.parametrize("options", [{}, {"restart_marker_blocks": 5}])
def test_flipped_bits_never_do_harm(eighths: int, options: dict[str, Any]) -> None:
    data = jpeg(photo((160, 120)), quality=90, **options)
    rng = np.random.default_rng(eighths)
    left = 0
    for _ in range(2000):
        broken = bytearray(data)
        for place in rng.integers(2, len(data), rng.integers(1, 4)):
            broken[place] ^= 1 << int(rng.integers(8))
        pixels = decode_reduced(bytes(broken), (160, 120), eighths)
        left += pixels is None
        if pixels is not None:
            assert (pixels.dtype, pixels.shape) == (np.uint8, (15 * eighths, 20 * eighths, 3))
    assert 0 < left < 2000


@pytest.mark.parametrize("eighths", EIGHTHS)
def test_random_tables_and_data_never_do_harm(eighths: int) -> None:
    whole = jpeg(photo((160, 120)), quality=90)
    tables, scan = whole.index(b"\xff\xc4"), whole.index(b"\xff\xda")
    rng = np.random.default_rng(eighths)
    for _ in range(1000):
        broken = np.frombuffer(whole, np.uint8).copy()
        places = rng.integers(tables + 5, scan, rng.integers(1, 9))
        broken[places] = rng.integers(0, 256, len(places))
        if rng.random() < 0.5:
            # Two bits in three are ones, and so longer codes are met than in pictures.
            noise = rng.integers(0, 256, len(broken)) | rng.integers(0, 256, len(broken))
            broken[scan + 14 : -2] = np.minimum(noise[scan + 14 : -2], 254)
        pixels = decode_reduced(broken.tobytes(), (160, 120), eighths)
        assert pixels is None or pixels.shape == (15 * eighths, 20 * eighths, 3)


@pytest.mark.parametrize("eighths", EIGHTHS)
def test_large_pictures_are_decoded_so_where_it_is_enough(eighths: int) -> None:
    data = jpeg(photo((1608, 1600)), quality=85)
    reduced = decode_reduced(data, (1608, 1600), eighths)
    assert reduced is not None
    side = 200 * eighths
    decoded = decode(data, side, compiled=True)
    np.testing.assert_array_equal(decoded.pixels, reduced)
    assert decode(data, side + 1, compiled=True).pixels.shape > reduced.shape
    assert decoded.facts == decode(data, side).facts


def test_damaged_pictures_are_refused_as_without_our_own_decoder() -> None:
    data = jpeg(photo((1608, 1600)), quality=85)
    for compiled in (False, True):
        with pytest.raises(Refused) as caught:
            decode(data[: len(data) // 2], 200, compiled=compiled)
        assert caught.value.key == "ingest.refused.broken"


def test_without_a_folder_for_compiled_code_libjpeg_decodes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    data = jpeg(photo((1608, 1600)), quality=85)
    for name in ("jpeg_reduced", "jpeg_scan", "jpeg_pixels"):
        monkeypatch.delitem(sys.modules, f"core.media.{name}")
        monkeypatch.delattr(core.media, name)
    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    _own_decoder.cache_clear()
    try:
        np.testing.assert_array_equal(decode(data, 400, compiled=True).pixels, libjpeg(data, 2))
        assert "libjpeg alone" in caplog.text
    finally:
        _own_decoder.cache_clear()
