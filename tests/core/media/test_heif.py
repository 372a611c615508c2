"""HEIF files with changed bytes, which ended the whole process."""

import io
from pathlib import Path

import pytest

from core.media.decoding import Refused, decode
from core.media.header import read_facts
from core.media.heif import check_items

WHOLE = (Path(__file__).parent / "quadrants.heic").read_bytes()


def box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4) + kind + body


def entry(version: int, rest: bytes) -> bytes:
    number = b"\0\0\0\1" if version == 3 else b"\0\1"
    return box(b"infe", bytes([version, 0, 0, 0]) + number + b"\0\0" + rest)


def meta(entry: bytes) -> bytes:
    return box(b"ftyp", b"heic\0\0\0\0") + box(b"meta", b"\0\0\0\0" + box(b"iinf", entry))


@pytest.mark.parametrize("bit", range(8))
@pytest.mark.parametrize("place", range(4))
def test_an_item_of_an_odd_kind_is_refused_or_read(place: int, bit: int) -> None:
    """A flipped bit in "Exif": the highest made it no text, and the process ended."""
    broken = bytearray(WHOLE)
    broken[WHOLE.index(b"Exif\0") + place] ^= 1 << bit
    data = bytes(broken)
    if bit == 7:
        for read in (lambda: decode(data, 8), lambda: read_facts(io.BytesIO(data), lambda: data)):
            with pytest.raises(Refused) as caught:
                read()
            assert caught.value.key == "ingest.refused.broken"
    else:
        assert decode(data, 8).picture.size == (64, 48)


@pytest.mark.parametrize(
    ("rest", "version"),
    [
        (b"E\xf8if\0", 2),
        (b"E\xf8if\0", 3),
        (b"mimename\0text/\xff\0", 2),
        (b"mime" + b"n" * 9000 + b"\0text/\xff\0", 2),
        (b"mimename\0" + b"t" * 9000 + b"\xff\0", 2),
        (b"name\0text/\xff\0", 0),
        (b"name\0text/\xff\0", 1),
    ],
)
def test_every_form_of_an_entry_is_looked_at(rest: bytes, version: int) -> None:
    with pytest.raises(Refused):
        check_items(io.BytesIO(meta(entry(version, rest))))
    # Behind a picture's data, in boxes of 64-bit lengths and in a box that goes on to the end too.
    data = b"\0\0\0\1mdat" + (16 + 9).to_bytes(8) + b"\xffpicture\xff"
    with pytest.raises(Refused):
        check_items(io.BytesIO(data + b"\0\0\0\0meta" + entry(version, rest)))


def test_names_may_be_of_any_bytes_and_pictures_too() -> None:
    check_items(io.BytesIO(WHOLE))
    check_items(io.BytesIO(meta(entry(2, b"Exif\xff\0"))))
    check_items(io.BytesIO(meta(entry(2, b"mime\xff\0text/plain\0"))))
    odd = entry(2, b"E\xf8if\0")
    check_items(io.BytesIO(meta(entry(2, b"Exif\0")) + box(b"mdat", odd)))
    check_items(io.BytesIO(meta(entry(2, b"Exif\0")) + b"\0\0\0\0mdat" + odd))


@pytest.mark.parametrize("size", [2, 0xFFFFFFFF, 1])
def test_lengths_that_are_none_end_the_look(size: int) -> None:
    check_items(io.BytesIO(size.to_bytes(4) + b"meta" + b"\xff" * 40))
    check_items(io.BytesIO(size.to_bytes(4) + b"mdat" + b"\xff" * 40))
    check_items(io.BytesIO(WHOLE[:30]))


def test_endless_lists_are_refused_at_once() -> None:
    for data in (box(b"free", b"") * 20_000, meta(entry(2, b"Exif\0") * 70_000)):
        with pytest.raises(Refused):
            check_items(io.BytesIO(data))
