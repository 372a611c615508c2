"""What stands in front of the scan of a baseline JPEG (ITU-T T.81, annex B)."""

import struct
from dataclasses import dataclass, field

_BASELINE = (0xC0, 0xC1)
_OTHER_FRAMES = frozenset(range(0xC2, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MOST_SEGMENTS = 2000


@dataclass
class Component:
    """One plane of the picture.

    Attributes:
        across: its blocks in a row of a unit (MCU).
        down: its blocks in a column of a unit.
        quantisation: number of its table in `Header.factors`.
        dc: of the codes of first coefficients: how many there are of the lengths 1 to 16, and their
            symbols.
        ac: the same of the other coefficients' codes.
    """

    number: int
    across: int
    down: int
    quantisation: int
    dc: tuple[bytes, bytes] = (b"", b"")
    ac: tuple[bytes, bytes] = (b"", b"")


@dataclass
class Header:
    """What stands in front of the scan."""

    width: int = 0
    height: int = 0
    restart: int = 0
    components: list[Component] = field(default_factory=list)
    #: By number, the 64 factors of a block's coefficients, in the order of the file (zigzag).
    factors: dict[int, tuple[int, ...]] = field(default_factory=dict)
    #: By class and number, counts of codes and symbols.
    codes: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    #: Of Adobe's marker: 1 where the colours are YCbCr; None: there is none.
    transform: int | None = None


class Unusual(Exception):
    """The file is left to libjpeg."""


def read_header(data: bytes) -> tuple[Header, int]:
    """Everything up to the first scan, and the position of its first byte.

    Raises:
        Unusual: progressive and arithmetic coding, several scans, colours other than grey and
            YCbCr, other sampling than 1 or 2. Damage raises that, or struct.error, IndexError or
            KeyError.
    """
    if data[:2] != b"\xff\xd8":
        raise Unusual
    header, position = Header(), 2
    for _ in range(_MOST_SEGMENTS):
        if data[position] != 0xFF:
            raise Unusual
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
    raise Unusual


def _read_segment(header: Header, marker: int, body: bytes) -> None:
    if marker in _BASELINE:
        depth, header.height, header.width, n = struct.unpack_from(">BHHB", body)
        if header.components or depth != 8 or n not in (1, 3):
            raise Unusual
        for number, sampling, quantisation in struct.iter_unpack("BBB", body[6 : 6 + 3 * n]):
            component = Component(number, sampling >> 4, sampling & 15, quantisation)
            header.components.append(component)
    elif marker in _OTHER_FRAMES:
        raise Unusual
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


def _read_factors(header: Header, body: bytes) -> None:
    while body:
        wide = body[0] >> 4
        header.factors[body[0] & 15] = struct.unpack_from(">64H" if wide else "64B", body, 1)
        body = body[129 if wide else 65 :]


def _read_scan(header: Header, body: bytes) -> None:
    """Take the tables of each component; the scan must be the picture's only one."""
    n = len(header.components)
    if n == 0 or body[0] != n or body[1 + 2 * n : 4 + 2 * n] != b"\x00\x3f\x00":
        raise Unusual
    for component, (number, tables) in zip(
        header.components, struct.iter_unpack("BB", body[1 : 1 + 2 * n]), strict=True
    ):
        if component.number != number:
            raise Unusual
        component.dc, component.ac = header.codes[tables >> 4], header.codes[tables & 15 | 16]
    sampling = [(c.across, c.down) for c in header.components]
    if n == 1:
        header.components[0].across = header.components[0].down = 1  # one block a unit, always
    elif sampling[1:] != [(1, 1)] * 2 or not {*sampling[0]} <= {1, 2}:
        raise Unusual
    numbers = [c.number for c in header.components]
    if header.transform not in (None, 1) or (n == 3 and numbers != [1, 2, 3]):
        raise Unusual
