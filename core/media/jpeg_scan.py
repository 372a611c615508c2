"""The entropy-coded data of a baseline JPEG, read for the blocks' averages alone (ITU-T T.81).

Each block of 8 x 8 begins with its average, and the other 63 coefficients have to be passed over
to find the next block's. A table tells for the next bits how many whole coefficients they hold, so
that several are passed over at a step; libjpeg reads them one by one.
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

#: Bits that are looked up at once: a table of 4,096 numbers stays in a core's first cache.
WINDOW = 12
_MASK = (1 << WINDOW) - 1


@numba.njit(cache=True, nogil=True)
def symbol_table(counts: NDArray[np.uint8], symbols: NDArray[np.uint8]) -> NDArray[np.int32]:
    """A Huffman table by the next 16 bits: length of the code, and its symbol << 8; 0: no code.

    Args:
        counts: number of codes of the lengths 1 to 16.
        symbols: in the order of the codes.
    """
    table = np.zeros(1 << 16, np.int32)
    code = 0
    index = 0
    for length in range(1, 17):
        for _ in range(counts[length - 1]):
            first = code << (16 - length)
            if first + (1 << (16 - length)) > 1 << 16 or index >= len(symbols):
                return np.zeros(0, np.int32)
            table[first : first + (1 << (16 - length))] = length | np.int32(symbols[index]) << 8
            code += 1
            index += 1
        code <<= 1
    return table


@numba.njit(cache=True, nogil=True)
def skip_table(symbols: NDArray[np.int32]) -> NDArray[np.int32]:
    """What the next `WINDOW` bits hold of a block's coefficients, of a table for these.

    Returns:
        By the bits: how many bits the whole coefficients among them take (their values may reach
        beyond the window), how many places they go on << 8, and 1 << 16 where the block ends with
        them; 0 where not even one code is whole.
    """
    table = np.zeros(1 << WINDOW, np.int32)
    for window in range(1 << WINDOW):
        bits = places = ended = 0
        while bits < WINDOW:
            entry = symbols[(window << (16 - WINDOW + bits)) & 0xFFFF]
            length, symbol = entry & 0xFF, entry >> 8
            if length == 0 or bits + length > WINDOW:
                break
            if symbol == 0:
                bits += length
                ended = 1
                break
            if symbol & 15 == 0 and symbol != 0xF0:
                break
            bits += length + (symbol & 15)
            places += (symbol >> 4) + 1
        table[window] = bits | places << 8 | ended << 16
    return table


@numba.njit(cache=True, nogil=True)
def _refilled(data: NDArray[np.uint8], position: int, bits: Any, n: int, made_up: int) -> Any:
    """At least 32 more bits; behind a marker zeros are made up, and counted.

    Args and Returns:
        position: where the next byte lies.
        bits: the last `n` bits of this 64-bit number are still to be read.
        made_up: number of bits that were no data.
    """
    if position + 4 <= len(data):
        at = np.uintp(position)
        word = (
            np.int64(data[at]) << 24
            | np.int64(data[at + np.uintp(1)]) << 16
            | np.int64(data[at + np.uintp(2)]) << 8
            | np.int64(data[at + np.uintp(3)])
        )
        # No byte is 255: then none of the complement is 0.
        if ((~word & 0xFFFFFFFF) - 0x01010101) & word & 0x80808080 == 0:
            return position + 4, bits << 32 | word, n + 32, made_up
    while n <= 48:
        byte: Any = 0
        if position + 1 < len(data) and data[position] != 255:
            byte = np.int64(data[position])
            position += 1
        elif position + 1 < len(data) and data[position + 1] == 0:
            byte = 255
            position += 2
        else:
            made_up += 8
        bits = bits << 8 | byte
        n += 8
    return position, bits, n, made_up


@numba.njit(cache=True, nogil=True)
def _read_units(
    data: NDArray[np.uint8],
    position: int,
    units: tuple[int, int, int],
    blocks: NDArray[np.int64],
    dc_tables: NDArray[np.int32],
    ac_tables: NDArray[np.int32],
    skip_tables: NDArray[np.int32],
    factors: NDArray[np.int64],
    averages: NDArray[np.uint8],
) -> int:
    """Read the units from the first to the last, of so many columns; where the marker behind is.

    Returns:
        0 where the data are damaged. All in one loop: calls would make it half as fast.
    """
    bits = n = made_up = 0
    predictions = np.zeros(len(averages), np.int32)
    for unit in range(units[0], units[1]):
        row, column = unit // units[2], unit % units[2]
        for block in range(len(blocks)):
            component = np.uintp(blocks[block, 0])
            if n < 32:
                position, bits, n, made_up = _refilled(data, position, bits, n, made_up)
            entry = dc_tables[component, np.uintp((bits >> (n - WINDOW)) & _MASK)]
            length, size = entry & 0xFF, entry >> 8
            if length == 0 or size > 11:
                return 0
            n -= length + size
            value = (bits >> n) & ((1 << size) - 1)
            if size and value < 1 << (size - 1):
                value -= (1 << size) - 1
            predictions[component] += value
            y = row * blocks[block, 4] + blocks[block, 1]
            x = column * blocks[block, 3] + blocks[block, 2]
            level = (predictions[component] * factors[component] + 4 >> 3) + 128
            averages[component, y, x] = min(max(level, 0), 255)
            place = 1
            while place < 64:
                if n < 32:
                    position, bits, n, made_up = _refilled(data, position, bits, n, made_up)
                entry = skip_tables[component, np.uintp((bits >> (n - WINDOW)) & _MASK)]
                after, ended = place + ((entry >> 8) & 0xFF), entry >> 16
                # What goes beyond the last place was made of the next block's bits.
                if entry and after + ended <= 64:
                    n -= entry & 0xFF
                    place = 64 if ended else after
                    continue
                entry = ac_tables[component, np.uintp((bits >> (n - 16)) & 0xFFFF)]
                length, size, run = entry & 0xFF, (entry >> 8) & 15, entry >> 12
                n -= length + size
                place = 64 if size == 0 and run == 0 else place + run + 1
                if length == 0 or place > 64 or (size == 0 and run not in (0, 15)):
                    return 0
        if n < made_up:
            return 0
    return position if n < made_up + 8 else 0


@numba.njit(cache=True, nogil=True)
def read_averages(
    data: NDArray[np.uint8],
    position: int,
    blocks: NDArray[np.int64],
    dc_tables: NDArray[np.int32],
    ac_tables: NDArray[np.int32],
    skip_tables: NDArray[np.int32],
    grid: tuple[int, int],
    restart: int,
    factors: NDArray[np.int64],
    averages: NDArray[np.uint8],
) -> bool:
    """Read the one scan of a picture.

    Args:
        data: the file.
        position: of the first byte of the scan's data.
        blocks: (N, 5), for each block of a unit (MCU): component, row and column in the unit, and
            the component's columns and rows in a unit.
        dc_tables: (components, 1 << WINDOW), the entries of `symbol_table` at 0, 16, 32, ...
        ac_tables: (components, 65536) of `symbol_table`.
        skip_tables: (components, 1 << WINDOW) of `skip_table`.
        grid: rows and columns of units.
        restart: units between two restart markers; 0: there are none.
        factors: (components,) of the first coefficients.
        averages: (components, rows, columns) of blocks, to be filled with their levels.

    Returns:
        Whether the data are what a whole, undamaged picture has.
    """
    total = grid[0] * grid[1]
    every = restart or total
    for first in range(0, total, every):
        units = (first, min(first + every, total), grid[1])
        position = _read_units(
            data, position, units, blocks, dc_tables, ac_tables, skip_tables, factors, averages
        )
        if position == 0 or position + 1 >= len(data) or data[position] != 255:
            return False
        last = units[1] == total
        if data[position + 1] != (0xD9 if last else 0xD0 + first // every % 8):
            return False
        position += 2
    return True
