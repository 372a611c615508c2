"""Large JPEGs at an eighth of their size, from the averages of their blocks of 8 x 8 pixels."""

import struct
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.media import jpeg_scan

_BASELINE = (0xC0, 0xC1)
_OTHER_FRAMES = frozenset(range(0xC2, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MOST_SEGMENTS = 2000


@dataclass
class _Component:
    number: int
    across: int
    down: int
    quantisation: int
    dc: tuple[bytes, bytes] = (b"", b"")
    ac: tuple[bytes, bytes] = (b"", b"")


@dataclass
class _Header:
    """What stands in front of the scan."""

    width: int = 0
    height: int = 0
    restart: int = 0
    components: list[_Component] = field(default_factory=list)
    #: By number, the factor of a block's first coefficient.
    factors: dict[int, int] = field(default_factory=dict)
    #: By class and number, counts of codes and symbols.
    codes: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    #: Of Adobe's marker: 1 where the colours are YCbCr; None: there is none.
    transform: int | None = None


class _Unusual(Exception):
    """A file that is left to libjpeg."""


def decode_eighth(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """An ordinary JPEG at 1/8: (height, width, 3) uint8 RGB, sides rounded up, not turned.

    The luminance is that of libjpeg at this scale. Colours that were stored at half the size are
    brought to it from their own averages.

    Args:
        size: width and height of the whole picture, as another reader of the file has found them.

    Returns:
        None for everything unusual: progressive and arithmetic coding, several scans, colours other
        than grey and YCbCr, other sampling than 1 or 2, another size, and any sign of damage.
    """
    try:
        header, position = _read_header(data)
        if (header.width, header.height) != size or 0 in size:
            return None
        return _pixels(header, np.frombuffer(data, np.uint8), position)
    except (_Unusual, struct.error, IndexError, KeyError):
        return None


def _read_header(data: bytes) -> tuple[_Header, int]:
    """Everything up to the first scan, and where that begins."""
    if data[:2] != b"\xff\xd8":
        raise _Unusual
    header, position = _Header(), 2
    for _ in range(_MOST_SEGMENTS):
        if data[position] != 0xFF:
            raise _Unusual
        while data[position] == 0xFF:
            position += 1
        marker = data[position]
        (length,) = struct.unpack_from(">H", data, position + 1)
        body = data[position + 3 : position + 1 + length]
        position += 1 + length
        if marker == 0xDA:
            _read_scan(header, body)
            return header, position
        _read_segment(header, marker, body)
    raise _Unusual


def _read_segment(header: _Header, marker: int, body: bytes) -> None:
    if marker in _BASELINE:
        depth, header.height, header.width, n = struct.unpack_from(">BHHB", body)
        if header.components or depth != 8 or n not in (1, 3):
            raise _Unusual
        for number, sampling, quantisation in struct.iter_unpack("BBB", body[6 : 6 + 3 * n]):
            component = _Component(number, sampling >> 4, sampling & 15, quantisation)
            header.components.append(component)
    elif marker in _OTHER_FRAMES:
        raise _Unusual
    elif marker == 0xDB:
        _read_factors(header, body)
    elif marker == 0xC4:
        while body:
            n = sum(body[1:17])
            header.codes[body[0]] = (body[1:17], body[17 : 17 + n])
            body = body[17 + n :]
    elif marker == 0xDD:
        (header.restart,) = struct.unpack_from(">H", body)
    elif marker == 0xEE and body[:5] == b"Adobe":
        header.transform = body[11]


def _read_factors(header: _Header, body: bytes) -> None:
    while body:
        wide = body[0] >> 4
        (header.factors[body[0] & 15],) = struct.unpack_from(">H" if wide else "B", body, 1)
        body = body[129 if wide else 65 :]


def _read_scan(header: _Header, body: bytes) -> None:
    """Take the tables of each component; the scan must be the picture's only one."""
    n = len(header.components)
    if n == 0 or body[0] != n or body[1 + 2 * n : 4 + 2 * n] != b"\x00\x3f\x00":
        raise _Unusual
    for component, (number, tables) in zip(
        header.components, struct.iter_unpack("BB", body[1 : 1 + 2 * n]), strict=True
    ):
        if component.number != number:
            raise _Unusual
        component.dc, component.ac = header.codes[tables >> 4], header.codes[tables & 15 | 16]
    sampling = [(c.across, c.down) for c in header.components]
    if n == 1:
        header.components[0].across = header.components[0].down = 1  # one block a unit, always
    elif sampling[1:] != [(1, 1)] * 2 or not {*sampling[0]} <= {1, 2}:
        raise _Unusual
    numbers = [c.number for c in header.components]
    if header.transform not in (None, 1) or (n == 3 and numbers != [1, 2, 3]):
        raise _Unusual


def _pixels(header: _Header, data: NDArray[np.uint8], position: int) -> NDArray[np.uint8]:
    import cv2

    first = header.components[0]
    rows, columns = -(-header.height // (8 * first.down)), -(-header.width // (8 * first.across))
    averages = np.empty(
        (len(header.components), rows * first.down, columns * first.across), np.uint8
    )
    blocks = [
        (index, y, x, component.across, component.down)
        for index, component in enumerate(header.components)
        for y in range(component.down)
        for x in range(component.across)
    ]
    whole = jpeg_scan.read_averages(
        data,
        position,
        np.array(blocks, np.int64),
        *_tables(tuple((c.dc, c.ac) for c in header.components)),
        (rows, columns),
        header.restart,
        np.array([header.factors[c.quantisation] for c in header.components], np.int64),
        averages,
    )
    if not whole:
        raise _Unusual
    height, width = -(-header.height // 8), -(-header.width // 8)
    planes = []
    for component, plane in zip(header.components, averages, strict=True):
        used = plane[: rows * component.down, : columns * component.across]
        size = (columns * first.across, rows * first.down)
        planes.append(cv2.resize(used, size, interpolation=cv2.INTER_LINEAR)[:height, :width])
    if len(planes) == 1:
        return np.asarray(cv2.cvtColor(planes[0], cv2.COLOR_GRAY2RGB), np.uint8)
    luminance, blue, red = planes
    merged = cv2.merge([luminance, red, blue])
    return np.asarray(cv2.cvtColor(merged, cv2.COLOR_YCrCb2RGB), np.uint8)


# Most programs write the same codes into every file.
@lru_cache(maxsize=16)
def _tables(
    codes: tuple[tuple[tuple[bytes, bytes], tuple[bytes, bytes]], ...],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """The tables of `jpeg_scan.read_averages`.

    Args:
        codes: for each component those of first coefficients and of others: how many codes there
            are of each length, and their symbols.
    """
    # Codes of more bits than the window there are hardly any; they count as damage.
    first = [_symbols(*dc)[:: 1 << (16 - jpeg_scan.WINDOW)] for dc, _ac in codes]
    first = [np.where(table & 0xFF <= jpeg_scan.WINDOW, table, 0) for table in first]
    others = [_symbols(*ac) for _dc, ac in codes]
    return np.stack(first), np.stack(others), np.stack([jpeg_scan.skip_table(s) for s in others])


def _symbols(counts: bytes, symbols: bytes) -> NDArray[np.int32]:
    table: NDArray[np.int32] = jpeg_scan.symbol_table(
        np.frombuffer(counts, np.uint8), np.frombuffer(symbols, np.uint8)
    )
    if not len(table):
        raise _Unusual
    return table
