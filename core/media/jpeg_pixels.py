"""From the lowest coefficients of a JPEG's blocks to 1, 2 or 3 pixels a side, and to RGB.

Of the 8 x 8 coefficients of a block's cosine transform the lowest N x N are those of N x N pixels,
but for a factor: so a picture at N eighths of its size needs no others. All is computed in float32
a row at a time, which compilers turn into instructions for 8 or 16 numbers at once.
"""

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

#: By pixels a side, what the coefficients are multiplied with along an axis: sqrt(2) cos(k pi / 2N)
#: at the first pixel. All others follow from these.
_WEIGHTS = {1: [1.0], 2: [1.0, 1.0], 3: [1.0, 1.5**0.5, 0.5**0.5]}
_ROUNDED = np.float32(128.5)  # levels are stored around 0, and their fraction is cut off
_LOWEST, _HIGHEST = np.float32(0), np.float32(255)
# ITU-R BT.601 in the full range, as in JFIF.
_RED_CR, _GREEN_CR = np.float32(1.402), np.float32(-0.714136)
_GREEN_CB, _BLUE_CB = np.float32(-0.344136), np.float32(1.772)
_HALF, _MIDDLE = np.float32(0.5), np.float32(128)


def levels(corners: NDArray[np.int16], factors: NDArray[np.int64], side: int) -> NDArray[np.uint8]:
    """One component's levels, (rows * side, columns * side).

    Args:
        corners: (side * side or more, rows, columns), coefficients of the lowest rows and columns.
        factors: (side * side,) of the quantisation, in the same order.
        side: 1, 2 or 3.
    """
    weights = np.outer(_WEIGHTS[side], _WEIGHTS[side]).ravel() / 8
    rows, columns = corners.shape[1:]
    out = np.empty((rows * side, columns * side), np.uint8)
    lines = np.empty((side * side, columns), np.uint8)
    transform = (_ones, _twos, _threes)[side - 1]
    transform(corners, (factors * weights).astype(np.float32), lines, out)
    return out


@numba.njit(cache=True, nogil=True)
def coloured(
    luminance: NDArray[np.uint8],
    blue: NDArray[np.uint8],
    red: NDArray[np.uint8],
    height: int,
    width: int,
) -> NDArray[np.uint8]:
    """(height, width, 3) RGB from the planes Y, Cb and Cr, which may be larger."""
    out = np.empty((height, width, 3), np.uint8)
    lines = np.empty((3, width), np.uint8)
    for y in range(height):
        levels, blues, reds = luminance[y], blue[y], red[y]
        for x in range(width):
            level = np.float32(levels[x]) + _HALF
            cb, cr = np.float32(blues[x]) - _MIDDLE, np.float32(reds[x]) - _MIDDLE
            lines[0, x] = _clipped(level + _RED_CR * cr)
            lines[1, x] = _clipped(level + _GREEN_CB * cb + _GREEN_CR * cr)
            lines[2, x] = _clipped(level + _BLUE_CB * cb)
        for x in range(width):
            out[y, x, 0] = lines[0, x]
            out[y, x, 1] = lines[1, x]
            out[y, x, 2] = lines[2, x]
    return out


@numba.njit(cache=True, nogil=True, inline="always")
def _clipped(level: Any) -> Any:
    return np.uint8(min(max(level, _LOWEST), _HIGHEST))


@numba.njit(cache=True, nogil=True)
def _ones(
    c: NDArray[np.int16],
    factors: NDArray[np.float32],
    lines: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    factor = factors[0]
    for y in range(c.shape[1]):
        row, written = c[0, y], out[y]
        for x in range(c.shape[2]):
            written[x] = _clipped(np.float32(row[x]) * factor + _ROUNDED)


@numba.njit(cache=True, nogil=True)
def _twos(
    c: NDArray[np.int16],
    factors: NDArray[np.float32],
    lines: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    f0, f1, f2, f3 = factors[0], factors[1], factors[2], factors[3]
    for y in range(c.shape[1]):
        c0, c1, c2, c3 = c[0, y], c[1, y], c[2, y], c[3, y]
        for x in range(c.shape[2]):
            mean, across = np.float32(c0[x]) * f0 + _ROUNDED, np.float32(c1[x]) * f1
            down, both = np.float32(c2[x]) * f2, np.float32(c3[x]) * f3
            lines[0, x] = _clipped(mean + across + down + both)
            lines[1, x] = _clipped(mean - across + down - both)
            lines[2, x] = _clipped(mean + across - down - both)
            lines[3, x] = _clipped(mean - across - down + both)
        for i in range(2):
            left, right, written = lines[2 * i], lines[2 * i + 1], out[2 * y + i]
            for x in range(c.shape[2]):
                written[2 * x] = left[x]
                written[2 * x + 1] = right[x]


@numba.njit(cache=True, nogil=True, inline="always")
def _three(mean: Any, first: Any, second: Any) -> Any:
    """Three pixels from their three coefficients, which are weighted."""
    outer = mean + second
    return outer + first, mean - second - second, outer - first


@numba.njit(cache=True, nogil=True)
def _threes(
    c: NDArray[np.int16],
    factors: NDArray[np.float32],
    lines: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    f0, f1, f2, f3, f4, f5, f6, f7, f8 = [factors[i] for i in range(9)]
    for y in range(c.shape[1]):
        c0, c1, c2, c3, c4 = c[0, y], c[1, y], c[2, y], c[3, y], c[4, y]
        c5, c6, c7, c8 = c[5, y], c[6, y], c[7, y], c[8, y]
        for x in range(c.shape[2]):
            upper0, middle0, lower0 = _three(
                np.float32(c0[x]) * f0 + _ROUNDED, np.float32(c3[x]) * f3, np.float32(c6[x]) * f6
            )
            upper1, middle1, lower1 = _three(
                np.float32(c1[x]) * f1, np.float32(c4[x]) * f4, np.float32(c7[x]) * f7
            )
            upper2, middle2, lower2 = _three(
                np.float32(c2[x]) * f2, np.float32(c5[x]) * f5, np.float32(c8[x]) * f8
            )
            a, b, d = _three(upper0, upper1, upper2)
            lines[0, x], lines[1, x], lines[2, x] = _clipped(a), _clipped(b), _clipped(d)
            a, b, d = _three(middle0, middle1, middle2)
            lines[3, x], lines[4, x], lines[5, x] = _clipped(a), _clipped(b), _clipped(d)
            a, b, d = _three(lower0, lower1, lower2)
            lines[6, x], lines[7, x], lines[8, x] = _clipped(a), _clipped(b), _clipped(d)
        for i in range(3):
            left, middle, right = lines[3 * i], lines[3 * i + 1], lines[3 * i + 2]
            written = out[3 * y + i]
            for x in range(c.shape[2]):
                written[3 * x] = left[x]
                written[3 * x + 1] = middle[x]
                written[3 * x + 2] = right[x]
