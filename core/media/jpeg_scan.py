"""The entropy-coded data of a baseline JPEG, read for the lowest coefficients (ITU-T T.81).

A picture at an eighth to three eighths of its size needs of each block of 8 x 8 but the lowest 1, 4
or 9 of its 64 coefficients; the others have to be passed over to find the next block. A table tells
for the next bits how many whole coefficients they hold, so that several are passed over at a step;
libjpeg reads them one by one.
"""

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

#: Bits that are looked up at once. The tables of brightness and colours, 16 kB each, and those of
#: the values stay in a core's first cache.
WINDOW = 13
_VALUE_WINDOW = 10
#: A block cannot take more bytes than this, whatever the file says.
_LONGEST_BLOCK = 512
#: A block's end goes on by so many places, which is beyond the last from wherever it stands.
_BLOCK_ENDS = 64

_U1, _U3, _U63 = np.uint64(1), np.uint64(3), np.uint64(63)
_SYMBOL_SHIFT, _SHIFT = np.uint64(64 - 16), np.uint64(64 - WINDOW)
_VALUE_SHIFT, _READY = np.uint64(64 - _VALUE_WINDOW), np.uint64(56)


class Tables(NamedTuple):
    """By component and by the next bits of the file, what is coded there."""

    #: (components, 1 << WINDOW) of `first_table`.
    first: NDArray[np.uint16]
    #: (components, 65536) of `symbol_table`.
    others: NDArray[np.uint16]
    #: (components, 1024) of `value_table`.
    values: NDArray[np.int32]
    #: (components, 1 << WINDOW) of `skip_table`.
    skips: NDArray[np.uint16]


@numba.njit(cache=True, nogil=True)
def symbol_table(counts: NDArray[np.uint8], symbols: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """A Huffman table by the next 16 bits: length of the code, and its symbol << 8; 0: no code.

    Args:
        counts: number of codes of the lengths 1 to 16.
        symbols: in the order of the codes.

    Returns:
        Empty where there can be no such codes.
    """
    table = np.zeros(1 << 16, np.uint16)
    code = 0
    index = 0
    for length in range(1, 17):
        for _ in range(counts[length - 1]):
            first = code << (16 - length)
            if first + (1 << (16 - length)) > 1 << 16 or index >= len(symbols):
                return np.zeros(0, np.uint16)
            table[first : first + (1 << (16 - length))] = length | np.int32(symbols[index]) << 8
            code += 1
            index += 1
        code <<= 1
    return table


def first_table(symbols: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Of a `symbol_table` of first coefficients the entries by the next `WINDOW` bits.

    Longer codes there are hardly any; they count as damage, and so do values of more than 11 bits.
    """
    table = symbols[:: 1 << (16 - WINDOW)]
    return np.where((table & 0xFF <= WINDOW) & (table >> 8 <= 11), table, 0).astype(np.uint16)


@numba.njit(cache=True, nogil=True)
def value_table(symbols: NDArray[np.uint16]) -> NDArray[np.int32]:
    """The coefficient at the beginning of the next 10 bits, of a `symbol_table`.

    Returns:
        By the bits: how many bits code and value take, how many places they go on << 4, and the
        value << 16; 0 where they do not lie within the 10 bits.
    """
    table = np.zeros(1 << _VALUE_WINDOW, np.int32)
    for window in range(1 << _VALUE_WINDOW):
        entry: Any = np.int64(symbols[window << (16 - _VALUE_WINDOW)])
        length, size, run = entry & 0xFF, (entry >> 8) & 15, entry >> 12
        if length == 0 or length + size > _VALUE_WINDOW or (size == 0 and run not in (0, 15)):
            continue
        value = (window >> (_VALUE_WINDOW - length - size)) & ((1 << size) - 1)
        if size and value < 1 << (size - 1):
            value -= (1 << size) - 1
        places = _BLOCK_ENDS if size == 0 and run == 0 else run + 1
        table[window] = length + size | places << 4 | value << 16
    return table


@numba.njit(cache=True, nogil=True)
def skip_table(symbols: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """What the next `WINDOW` bits hold of a block's coefficients, of a `symbol_table`.

    Returns:
        By the bits: how many bits the whole coefficients among them take (their values may reach
        beyond the window), how many places they go on << 5, and 1 << 11 where the block ends with
        them; 0 where not even one code is whole.
    """
    table = np.zeros(1 << WINDOW, np.uint16)
    for window in range(1 << WINDOW):
        bits = places = ended = 0
        while bits < WINDOW:
            entry: Any = np.int64(symbols[(window << (16 - WINDOW + bits)) & 0xFFFF])
            length, symbol = entry & 0xFF, entry >> 8
            if length == 0 or bits + length > WINDOW:
                break
            if symbol == 0:
                bits += length
                ended = 1
                break
            further = places + (symbol >> 4) + 1
            if (symbol & 15 == 0 and symbol != 0xF0) or further > 63:
                break
            bits += length + (symbol & 15)
            places = further
        table[window] = bits | places << 5 | ended << 11
    return table


@numba.njit(cache=True, nogil=True)
def _unstuffed(data: NDArray[np.uint8], position: int, clean: NDArray[np.uint8]) -> tuple[int, int]:
    """Copy the data up to the next marker, without the 0 behind each 255.

    Returns:
        How many bytes there are in `clean`, and where the marker lies; -1 there: there is none.
    """
    n = 0
    while position + 8 <= len(data):
        marked = False
        for i in range(8):
            byte = data[np.uintp(position + i)]
            marked |= byte == 255
            clean[np.uintp(n + i)] = byte
        if not marked:
            position += 8
            n += 8
            continue
        while data[np.uintp(position)] != 255:
            position += 1
            n += 1
        if position + 1 >= len(data):
            return n, -1
        if data[np.uintp(position + 1)] != 0:
            return n, position
        position += 2
        n += 1
    while position + 1 < len(data):
        clean[n] = data[position]
        n += 1
        if data[position] == 255:
            if data[position + 1] != 0:
                return n - 1, position
            position += 1
        position += 1
    return n, -1


@numba.njit(cache=True, nogil=True, inline="always")
def _filled(data: NDArray[np.uint8], at: int, bits: Any, n: Any) -> Any:
    """At least 56 bits to be read, whether there were or not: a branch would be foretold badly.

    Args and Returns:
        at: the next byte that does not lie among the bits as a whole.
        bits: a uint64 whose highest bits are to be read next.
        n: uint64, how many of them are known to be.
    """
    i = np.uintp(at)
    word = (
        np.uint64(data[i]) << np.uint64(56)
        | np.uint64(data[i + np.uintp(1)]) << np.uint64(48)
        | np.uint64(data[i + np.uintp(2)]) << np.uint64(40)
        | np.uint64(data[i + np.uintp(3)]) << np.uint64(32)
        | np.uint64(data[i + np.uintp(4)]) << np.uint64(24)
        | np.uint64(data[i + np.uintp(5)]) << np.uint64(16)
        | np.uint64(data[i + np.uintp(6)]) << np.uint64(8)
        | np.uint64(data[i + np.uintp(7)])
    )
    return at + np.int64((_U63 - n) >> _U3), bits | word >> n, n | _READY


@numba.njit(cache=True, nogil=True, inline="always")
def _taken(bits: Any, n: Any, length: int, size: int) -> Any:
    """`bits` and `n` behind a code of `length` bits and a value of `size` bits, and the value."""
    bits <<= np.uint64(length)
    value = np.int64(bits >> _U1 >> (_U63 - np.uint64(size)))
    if size and value < 1 << (size - 1):
        value -= (1 << size) - 1
    return bits << np.uint64(size), n - np.uint64(length + size), value


@numba.njit(cache=True, nogil=True, inline="always")
def _coefficient(symbols: NDArray[np.uint16], component: Any, bits: Any, n: Any) -> Any:
    """`bits` and `n` behind the next coefficient, its value, and how many places it goes on.

    These are 0 where there is no such code.
    """
    entry: Any = np.int64(symbols[component, np.uintp(bits >> _SYMBOL_SHIFT)])
    length, size, run = entry & 0xFF, (entry >> 8) & 15, entry >> 12
    bits, n, value = _taken(bits, n, length, size)
    further = _BLOCK_ENDS if size == 0 and run == 0 else run + 1
    if length == 0 or (size == 0 and run not in (0, 15)):
        further = 0
    return bits, n, value, further


@numba.njit(cache=True, nogil=True)
def _read_units(
    data: NDArray[np.uint8],
    end: int,
    units: tuple[int, int, int],
    blocks: NDArray[np.int64],
    tables: Tables,
    places: NDArray[np.int64],
    corners: NDArray[np.int16],
) -> bool:
    """Read the units from the first to the last, of so many columns, from `end` bytes of data.

    Returns:
        False where these are damaged, or others than those of so many units.
    """
    at = 0
    bits, n = np.uint64(0), np.uint64(0)
    last = places[len(places) - 1]
    predictions = np.zeros(len(corners), np.int64)
    for unit in range(units[0], units[1]):
        for block in range(len(blocks)):
            component = np.uintp(blocks[block, 0])
            y = np.uintp(unit // units[2] * blocks[block, 4] + blocks[block, 1])
            x = np.uintp(unit % units[2] * blocks[block, 3] + blocks[block, 2])
            at, bits, n = _filled(data, at, bits, n)
            entry: Any = np.int64(tables.first[component, np.uintp(bits >> _SHIFT)])
            if entry == 0 or at > end + 16:
                return False
            bits, n, value = _taken(bits, n, entry & 0xFF, entry >> 8)
            predictions[component] += value
            corners[component, 0, y, x] = predictions[component]
            place: Any = 1
            while place <= last:
                at, bits, n = _filled(data, at, bits, n)
                entry = np.int64(tables.values[component, np.uintp(bits >> _VALUE_SHIFT)])
                if entry:
                    bits, n, _ = _taken(bits, n, entry & 15, 0)
                    place += (entry >> 4) & 127
                    corners[component, np.uintp(places[np.uintp(place - 1)]), y, x] = entry >> 16
                    continue
                bits, n, value, further = _coefficient(tables.others, component, bits, n)
                place += further
                if further == 0:
                    return False
                corners[component, np.uintp(places[np.uintp(place - 1)]), y, x] = value
            while place < 64:
                at, bits, n = _filled(data, at, bits, n)
                entry = np.int64(tables.skips[component, np.uintp(bits >> _SHIFT)])
                after, ended = place + ((entry >> 5) & 63), entry >> 11
                # What goes beyond the last place was made of the next block's bits.
                if entry and after + ended <= 64:
                    bits, n, _ = _taken(bits, n, entry & 31, 0)
                    place = 64 if ended else after
                    continue
                bits, n, _, further = _coefficient(tables.others, component, bits, n)
                place += further
                if further == 0 or (place > 64 and further < _BLOCK_ENDS):
                    return False
    return 0 <= int((end - at) * 8 + np.int64(n)) < 8


@numba.njit(cache=True, nogil=True)
def read_corners(
    data: NDArray[np.uint8],
    position: int,
    blocks: NDArray[np.int64],
    tables: Tables,
    grid: tuple[int, int],
    restart: int,
    places: NDArray[np.int64],
    corners: NDArray[np.int16],
) -> bool:
    """Read the one scan of a picture.

    Args:
        data: the file.
        position: of the first byte of the scan's data.
        blocks: (N, 5), for each block of a unit (MCU): component, row and column in the unit, and
            the component's columns and rows in a unit.
        grid: rows and columns of units.
        restart: units between two restart markers; 0: there are none.
        places: (129,), where along the second axis of `corners` the coefficient of each place of a
            block goes, in the file's order and on to 127; the last of them is the last place that
            is needed, 24 at most.
        corners: (components, n, rows, columns) of blocks, zeros, to be filled with coefficients.

    Returns:
        Whether the data are what a whole, undamaged picture has.
    """
    # Damaged data may lead beyond the end, where any bits do: it is found out at the next block.
    clean = np.empty(len(data) + _LONGEST_BLOCK, np.uint8)
    total = grid[0] * grid[1]
    every = restart or total
    for first in range(0, total, every):
        units = (first, min(first + every, total), grid[1])
        end, position = _unstuffed(data, position, clean)
        if position < 0 or not _read_units(clean, end, units, blocks, tables, places, corners):
            return False
        last = units[1] == total
        if data[position + 1] != (0xD9 if last else 0xD0 + first // every % 8):
            return False
        position += 2
    return True
