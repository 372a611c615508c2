"""Large JPEGs at one to three eighths of their size, from the lowest coefficients of blocks."""

import struct
from functools import lru_cache

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from core.media import jpeg_scan
from core.media.jpeg_header import Header, Unusual, read_header
from core.media.jpeg_pixels import coloured, levels

#: The scales that there are. At 4/8 so much is read of a block that libjpeg is as fast.
EIGHTHS = (1, 2, 3)


def decode_reduced(data: bytes, size: tuple[int, int], eighths: int) -> NDArray[np.uint8] | None:
    """An ordinary JPEG at N eighths: (height, width, 3) uint8 RGB, sides rounded up, not turned.

    The luminance at 1/8 and 3/8 is that of libjpeg. At 2/8 it is that of the lowest coefficients
    too, where libjpeg takes the averages of 4 x 4 pixels, which alias a little more. Colours that
    were stored at half the size are brought to it from their own levels at this scale.

    Args:
        size: width and height of the whole picture, as another reader of the file has found them.
        eighths: one of `EIGHTHS`.

    Returns:
        None for everything unusual: what `read_header` leaves to libjpeg, another size, and any
        sign of damage.
    """
    try:
        header, position = read_header(data)
        if (header.width, header.height) != size or 0 in size:
            return None
        return _pixels(header, np.frombuffer(data, np.uint8), position, eighths)
    except (Unusual, struct.error, IndexError, KeyError):
        return None


def compile_loops() -> None:
    """Have ready what `decode_reduced` needs; takes seconds, once on a machine."""
    for sampling in ("420", "444"):
        data = simplejpeg.encode_jpeg(np.zeros((16, 16, 3), np.uint8), colorsubsampling=sampling)
        for eighths in EIGHTHS:
            decode_reduced(data, (16, 16), eighths)


def _pixels(header: Header, data: NDArray[np.uint8], position: int, side: int) -> NDArray[np.uint8]:
    import cv2

    first = header.components[0]
    rows, columns = -(-header.height // (8 * first.down)), -(-header.width // (8 * first.across))
    blocks = [
        (index, y, x, component.across, component.down)
        for index, component in enumerate(header.components)
        for y in range(component.down)
        for x in range(component.across)
    ]
    zigzag, places = _order(side)
    shape = (len(header.components), side * side + 1, rows * first.down, columns * first.across)
    corners = np.zeros(shape, np.int16)
    tables = _tables(tuple((c.dc, c.ac) for c in header.components))
    grid, units = (rows, columns), np.array(blocks, np.int64)
    if not jpeg_scan.read_corners(
        data, position, units, tables, grid, header.restart, places, corners
    ):
        raise Unusual
    planes = []
    for component, corner in zip(header.components, corners, strict=True):
        factors = np.array(header.factors[component.quantisation], np.int64)[zigzag]
        used = corner[:, : rows * component.down, : columns * component.across]
        plane = levels(used, factors, side)
        if (component.across, component.down) != (first.across, first.down):
            whole = (columns * first.across * side, rows * first.down * side)
            plane = np.asarray(cv2.resize(plane, whole), np.uint8)
        planes.append(plane)
    height, width = -(-header.height * side // 8), -(-header.width * side // 8)
    if len(planes) == 1:
        return np.repeat(planes[0][:height, :width, None], 3, axis=2)
    luminance, blue, red = planes
    pixels: NDArray[np.uint8] = coloured(luminance, blue, red, height, width)
    return pixels


@lru_cache
def _order(side: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the lowest `side` x `side` coefficients lie in the file's order, row by row, and the
    places of `jpeg_scan.read_corners`."""
    # The order runs along the diagonals, in turns upwards and downwards.
    cells = [(y, x) for y in range(8) for x in range(8)]
    cells.sort(key=lambda cell: (sum(cell), cell[sum(cell) % 2 == 0]))
    zigzag = np.array([cells.index((y, x)) for y in range(side) for x in range(side)])
    places = np.full(129, side * side, np.int64)
    places[zigzag] = np.arange(side * side)
    places[128] = zigzag.max()
    return zigzag, places


# Most programs write the same codes into every file.
@lru_cache(maxsize=16)
def _tables(
    codes: tuple[tuple[tuple[bytes, bytes], tuple[bytes, bytes]], ...],
) -> jpeg_scan.Tables:
    """The tables of each component's codes, see `jpeg_header.Component`: of first coefficients and
    of others."""
    others = [_symbols(*ac) for _dc, ac in codes]
    return jpeg_scan.Tables(
        np.stack([jpeg_scan.first_table(_symbols(*dc)) for dc, _ac in codes]),
        np.stack(others),
        np.stack([jpeg_scan.value_table(symbols) for symbols in others]),
        np.stack([jpeg_scan.skip_table(symbols) for symbols in others]),
    )


def _symbols(counts: bytes, symbols: bytes) -> NDArray[np.uint16]:
    table: NDArray[np.uint16] = jpeg_scan.symbol_table(
        np.frombuffer(counts, np.uint8), np.frombuffer(symbols, np.uint8)
    )
    if not len(table):
        raise Unusual
    return table
