"""TIFF directories: which pages there are, and each as a file of its own."""

import io

import cv2
import numpy as np
import PIL.Image
import pytest

from core.media.decoding import decode
from core.media.refusal import Refused
from core.media.tiff import Tiff, is_tiff
from tests.core.media.tiffs import tiff

RNG = np.random.default_rng(5)
PAGES = [RNG.integers(0, 255, (9 + n, 7, 3), dtype=np.uint8) for n in range(3)]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
def test_pages_come_apart_with_their_own_pixels_and_tags(order: str, big: bool) -> None:
    data = tiff(*PAGES, order=order, big=big, more=[(270, 2, b"a description\0")])
    assert is_tiff(data)
    offsets = Tiff(data).pages(10)
    assert len(offsets) == 3
    for number, offset in enumerate(offsets):
        page = Tiff(data).page(offset)
        assert len(Tiff(page).pages(10)) == 1
        assert b"a description" in page
        seen = cv2.imdecode(np.frombuffer(page, np.uint8), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(seen[..., ::-1], PAGES[number])


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"])
def test_compressed_data_are_kept_as_they_are(compression: str) -> None:
    frames = [PIL.Image.fromarray(page) for page in PAGES]
    buffer = io.BytesIO()
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:], compression=compression)
    data = buffer.getvalue()
    with PIL.Image.open(io.BytesIO(data)) as whole:
        for number, offset in enumerate(Tiff(data).pages(10)):
            whole.seek(number)
            page = PIL.Image.open(io.BytesIO(Tiff(data).page(offset)))
            np.testing.assert_array_equal(np.asarray(page), np.asarray(whole))


def test_tiles_and_camera_data_come_along() -> None:
    # Sixteen by sixteen is the smallest tile; its EXIF directory says ISO 400.
    pixels = RNG.integers(0, 255, (16, 16), dtype=np.uint8)
    plain = tiff(pixels, PAGES[0])
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "TIFF", tiffinfo={34665: {0x8827: 400}})
    with_exif = buffer.getvalue()
    page = Tiff(with_exif).page(Tiff(with_exif).pages(9)[0])
    assert decode(page, 16).facts.exif["ISOSpeedRatings"] == 400
    # The same strip, called a tile.
    named = {273: 324, 279: 325}
    tiled = bytearray(plain)
    at = Tiff(plain).pages(9)[0]
    for entry in range(int.from_bytes(plain[at : at + 2], "little")):
        place = at + 2 + 12 * entry
        tag = int.from_bytes(tiled[place : place + 2], "little")
        tiled[place : place + 2] = named.get(tag, tag).to_bytes(2, "little")
    rewritten = Tiff(bytes(tiled)).page(at)
    assert pixels.tobytes() in rewritten and PAGES[0].tobytes() not in rewritten


def test_smaller_versions_and_masks_are_no_pages() -> None:
    kinds = {1: [(254, 4, [1])], 2: [(254, 4, [4])], 3: [(254, 4, [2])]}
    data = tiff(*PAGES, PAGES[0], more_of=kinds)
    assert [number for number, _ in enumerate(Tiff(data).pages(9))] == [0, 1]


def test_the_number_of_pages_is_limited() -> None:
    assert len(Tiff(tiff(*PAGES)).pages(3)) == 3
    with pytest.raises(Refused) as caught:
        Tiff(tiff(*PAGES)).pages(2)
    assert caught.value.key == "ingest.refused.too_many_pages"
    assert "2" in str(caught.value)


def test_a_chain_of_pages_that_bites_its_tail_ends() -> None:
    data = bytearray(tiff(*PAGES))
    offsets = Tiff(bytes(data)).pages(9)
    tags = int.from_bytes(data[offsets[2] : offsets[2] + 2], "little")
    link = offsets[2] + 2 + 12 * tags
    data[link : link + 4] = offsets[0].to_bytes(4, "little")
    assert Tiff(bytes(data)).pages(9) == offsets


def test_strips_that_overlap_to_many_times_the_file_are_refused() -> None:
    pixels = np.zeros((64, 64), np.uint8)
    data = tiff(pixels, more=[(273, 4, [8] * 500), (279, 4, [4096] * 500)])
    with pytest.raises(Refused):
        Tiff(data).page(Tiff(data).pages(9)[0])
