"""More than 8 bits a channel: every way in which TIFF and PNG store them."""

import io
import resource

import cv2
import numpy as np
import PIL.Image
import pytest

from core.media.decoding import Refused, decode
from core.media.tones import mapped
from tests.core.media.tiffs import tiff

GREY = (np.arange(600).reshape(20, 30) * 6 + 100).astype(np.uint16)  # a 12-bit camera's
COLOUR = np.dstack([GREY, GREY[::-1], GREY[:, ::-1]])


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("type_", ["uint16", "int16", "uint32", "int32", "float32", "float64"])
@pytest.mark.parametrize("values", [GREY, COLOUR], ids=["grey", "colour"])
def test_tiffs_of_every_type(values: np.ndarray, type_: str, order: str) -> None:
    values = values.astype(type_)
    decoded = decode(tiff(values, order=order), 1 << 30)
    expected, tones = mapped(values)
    assert decoded.facts.tones == tones
    assert (decoded.facts.format, decoded.facts.width, decoded.facts.height) == ("TIFF", 30, 20)
    np.testing.assert_array_equal(
        decoded.pixels, expected if expected.ndim == 3 else np.dstack([expected] * 3)
    )


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_compressed_tiffs(compression: str) -> None:
    for values in (GREY, GREY.astype(np.float32)):
        buffer = io.BytesIO()
        PIL.Image.fromarray(values).save(buffer, "TIFF", compression=compression)
        np.testing.assert_array_equal(decode(buffer.getvalue(), 9).pixels[..., 1], mapped(GREY)[0])


def test_where_zero_is_white() -> None:
    pixels = decode(tiff(GREY, photometric=0), 9).pixels
    np.testing.assert_array_equal(pixels[..., 0], mapped(65535 - GREY)[0])
    assert pixels[0, 0, 0] > pixels[-1, -1, 0]


def test_png_in_colour_with_transparency_and_in_grey() -> None:
    opaque = np.full((20, 30), 65535, np.uint16)
    opaque[0, 0] = 0
    layered = np.dstack([COLOUR[..., ::-1], opaque])
    decoded = decode(cv2.imencode(".png", layered)[1].tobytes(), 9)
    expected = mapped(COLOUR)[0]
    expected[0, 0] = 255
    np.testing.assert_array_equal(decoded.pixels, expected)
    assert (decoded.facts.format, decoded.facts.tones.type) == ("PNG", "uint16")
    grey = decode(cv2.imencode(".png", GREY)[1].tobytes(), 9)
    np.testing.assert_array_equal(grey.pixels[..., 2], mapped(GREY)[0])


@pytest.mark.parametrize("values", [GREY, COLOUR, COLOUR.astype(np.uint8)])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_is_turned_once(values: np.ndarray, orientation: int) -> None:
    turned = PIL.Image.fromarray((values if values.ndim == 2 else values[..., 0]).astype(np.uint8))
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    turned.info["exif"] = exif.tobytes()
    expected = np.asarray(PIL.ImageOps.exif_transpose(turned))
    decoded = decode(tiff(values, more=[(274, 3, [orientation])]), 9)
    assert (decoded.facts.height, decoded.facts.width) == expected.shape == decoded.pixels.shape[:2]
    # Which corner the first pixel went to: no two of the first row are alike in `values % 256`.
    plain = decode(tiff(values), 9).pixels
    place = np.argwhere((decoded.pixels == plain[0, 0]).all(axis=2))
    corner = np.argwhere(expected == np.asarray(turned)[0, 0])
    assert any((place == at).all(axis=1).any() for at in corner)
    assert {0, expected.shape[0] - 1} & set(place[:, 0])


def test_eight_bits_are_never_mapped() -> None:
    assert decode(tiff(COLOUR.astype(np.uint8)), 9).facts.tones is None
    buffer = io.BytesIO()
    PIL.Image.fromarray(COLOUR.astype(np.uint8)).save(buffer, "PNG")
    assert decode(buffer.getvalue(), 9).facts.tones is None


@pytest.mark.parametrize(
    "data",
    [
        tiff(COLOUR, planar=2),
        tiff(GREY.astype(np.float16)),
        tiff(COLOUR[..., :2], photometric=1, more=[(338, 3, [2])]),
        tiff(np.dstack([COLOUR, GREY, GREY]), photometric=1, more=[(338, 3, [0] * 4)]),
    ],
    ids=["planar", "half", "two channels", "five channels"],
)
def test_what_cannot_be_read_says_so(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        decode(data, 9)
    assert caught.value.key == "ingest.refused.unreadable_values"


def test_a_deep_pixel_bomb_is_refused_before_it_is_decoded() -> None:
    data = tiff(GREY, more=[(256, 4, [100_000]), (257, 4, [100_000])])
    with pytest.raises(Refused) as caught:
        decode(data, 9)
    assert caught.value.key == "ingest.refused.too_many_pixels"


def test_a_png_chunk_that_claims_more_than_the_file_has_is_refused_unread() -> None:
    whole = cv2.imencode(".png", COLOUR)[1].tobytes()
    at = whole.index(b"IDAT") - 4
    lying = whole[:at] + (3_000_000_000).to_bytes(4) + whole[at + 4 :]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused) as caught:
        decode(lying, 9)
    assert caught.value.key == "ingest.refused.broken"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kB


def test_pages_of_many_kinds() -> None:
    buffer = io.BytesIO()
    PIL.Image.new("CMYK", (8, 6), (255, 0, 0, 0)).save(buffer, "TIFF")
    red, green, blue = decode(buffer.getvalue(), 4).pixels[0, 0].tolist()
    assert red < 60 < green and blue > 60
