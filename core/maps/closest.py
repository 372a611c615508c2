"""The closest pairs of a tile of products, kept for the rows and the columns of it."""

import numba
import numpy as np
import numpy.typing as npt

from core.maps.threads import one_at_a_time

Floats = npt.NDArray[np.float32]

_SPARE = 128  # pairs of a row that are gathered before the closest are picked
_CHUNK = 32  # pairs that are looked at together
_STRIP = 512  # columns of one thread
_FAR = np.float32(1e38)  # further than anything; infinity would not do with fastmath


class Closest:
    """For each of N rows the pairs with the least bounds among all that were offered."""

    def __init__(self, n: int, most: int) -> None:
        """Room for `most` pairs of each of `n` rows, and some more."""
        self.most = most
        self.bounds = np.empty((n, most + _SPARE), dtype=np.float32)
        self.others = np.empty((n, most + _SPARE), dtype=np.int32)
        #: How many pairs of a row there are.
        self.counts = np.zeros(n, dtype=np.int32)
        #: Of no pair that was dropped the bound is less.
        self.limits = np.full(n, _FAR, dtype=np.float32)

    def offer(
        self,
        products: npt.NDArray[np.int32],
        first_row: int,
        first_column: int,
        terms: tuple[Floats, Floats, Floats, Floats],
        few: int = 0,
    ) -> None:
        """Offer the pairs of rows from `first_row` on and rows from `first_column` on.

        Both sides get them, unless both are the same rows.

        Args:
            products: (R, C), of rows in whole numbers.
            terms: of all rows, float32 (N,): scale, square, length and what rounding left.
            few: the columns keep only so many, and later none that are further: for a first look
                at a sample, so that there is less to keep and to drop again. 0: all there is room
                for.
        """
        kept = self.kept()
        _offer_to_rows(products, first_row, first_column, terms, kept, self.most)
        if first_row == first_column:
            return
        _offer_to_columns(products, first_row, first_column, terms, kept, few or self.most)
        if few:
            _cut(kept, first_column, products.shape[1], few)

    def kept(self) -> tuple[Floats, npt.NDArray[np.int32], npt.NDArray[np.int32], Floats]:
        """Bounds and others (N, room), of which the first `counts` (N,) are set, and limits."""
        return self.bounds, self.others, self.counts, self.limits


@numba.njit(cache=True, fastmath=True)
def _bound_all(bounds, products, row, terms, first):  # type: ignore[no-untyped-def]
    """Into `bounds`: how far a row and those from `first` on are apart at least, squared.

    |a - b|² = |a|² + |b|² - 2ab, and by Cauchy and Schwarz ab is at most
    a'b' + |a - a'| |b| + |a'| |b - b'|, where a' and b' are what stands for the rows.
    """
    scales, squares, lengths, left = terms
    scale, square = np.float32(2) * scales[row], squares[row]
    rest, length = np.float32(2) * left[row], np.float32(2) * (lengths[row] + left[row])
    last = first + len(products)
    their_scales, their_squares = scales[first:last], squares[first:last]
    their_lengths, their_left = lengths[first:last], left[first:last]
    for c in range(len(products)):
        bounds[c] = (square + their_squares[c]) - (
            scale * their_scales[c] * np.float32(products[c])
            + rest * their_lengths[c]
            + length * their_left[c]
        )


@numba.njit(cache=True, fastmath=True)
def _any_within(bounds, limits, start):  # type: ignore[no-untyped-def]
    """Whether one of the `_CHUNK` bounds from `start` on is less than its limit."""
    chunk, their = bounds[start : start + _CHUNK], limits[start : start + _CHUNK]
    least = _FAR
    for c in range(_CHUNK):  # a constant number: compiled without a loop
        apart = chunk[c] - their[c]
        least = apart if apart < least else least
    return least < 0


@one_at_a_time
@numba.njit(cache=True, nogil=True, parallel=True)
def _offer_to_rows(products, first_row, first_column, terms, kept, most):  # type: ignore[no-untyped-def]
    width = products.shape[1]
    for r in numba.prange(products.shape[0]):
        row = first_row + r
        bounds = np.full(width + _CHUNK, _FAR)
        limits = np.full(width + _CHUNK, kept[3][row])
        _bound_all(bounds, products[r], row, terms, first_column)
        for start in range(0, width, _CHUNK):
            if not _any_within(bounds, limits, start):
                continue
            for c in range(start, start + _CHUNK):
                if bounds[c] < kept[3][row] and first_column + c != row:
                    _keep(kept, row, bounds[c], first_column + c, most)


@one_at_a_time
@numba.njit(cache=True, nogil=True, parallel=True)
def _offer_to_columns(products, first_row, first_column, terms, kept, most):  # type: ignore[no-untyped-def]
    width = products.shape[1]
    for strip in numba.prange((width + _STRIP - 1) // _STRIP):
        begin = strip * _STRIP
        end = min(begin + _STRIP, width)
        first = first_column + begin
        bounds = np.full(_STRIP + _CHUNK, _FAR)
        limits = np.zeros(_STRIP + _CHUNK, dtype=np.float32)
        limits[: end - begin] = kept[3][first : first_column + end]
        for r in range(products.shape[0]):
            _bound_all(bounds, products[r, begin:end], first_row + r, terms, first)
            for start in range(0, end - begin, _CHUNK):
                if not _any_within(bounds, limits, start):
                    continue
                for c in range(start, start + _CHUNK):
                    if bounds[c] < limits[c]:
                        _keep(kept, first + c, bounds[c], first_row + r, most)
                        limits[c] = kept[3][first + c]


@numba.njit(cache=True)
def _keep(kept, row, bound, other, most):  # type: ignore[no-untyped-def]
    """Add a pair to a row; where there is no more room, only the `most` closest stay."""
    bounds, others, counts = kept[0], kept[1], kept[2]
    count = counts[row]
    bounds[row, count], others[row, count] = bound, other
    counts[row] = count + 1
    if count + 1 == most + _SPARE:
        _drop(kept, row, most)


@one_at_a_time
@numba.njit(cache=True, nogil=True, parallel=True)
def _cut(kept, first, count, most):  # type: ignore[no-untyped-def]
    for row in numba.prange(first, first + count):
        if kept[2][row] > most:
            _drop(kept, row, most)


@numba.njit(cache=True)
def _drop(kept, row, most):  # type: ignore[no-untyped-def]
    """Only the `most` closest of a row's pairs stay."""
    bounds, others, counts, limits = kept
    count = counts[row]
    _closest_first(bounds[row, :count], others[row, :count], most)
    limits[row] = bounds[row, most - 1]
    counts[row] = most


@numba.njit(cache=True)
def _closest_first(bounds, others, most):  # type: ignore[no-untyped-def]
    """Quickselect (Hoare 1961): the `most` least to the front, the largest of them last."""
    first, last = 0, len(bounds) - 1
    while first < last:
        pivot = bounds[(first + last) // 2]
        i, j = first, last
        while i <= j:
            while bounds[i] < pivot:
                i += 1
            while bounds[j] > pivot:
                j -= 1
            if i <= j:
                bounds[i], bounds[j] = bounds[j], bounds[i]
                others[i], others[j] = others[j], others[i]
                i += 1
                j -= 1
        if most - 1 <= j:
            last = j
        elif most - 1 >= i:
            first = i
        else:
            break
