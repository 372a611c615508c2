"""Exact nearest neighbours whose candidates int8 finds, with a bound that says when it has all."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numba
import numpy as np
import numpy.typing as npt

from core.maps.closest import Closest
from core.maps.distances import apart
from core.maps.quantised import quantise
from core.maps.threads import half_the_threads, one_at_a_time

if TYPE_CHECKING:
    import torch

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

_TILE = 2_048  # rows and columns whose products are made at once and stay near the processor
_SLACK = 1e-5  # for sums in f32, relative to the squares that are added
# After a first look at a sample, only what is nearer than about the 5k-th of all is kept. With
# fewer than a dozen of the sample to judge by, many rows would have too little left.
_WITHIN_FEW, _LEAST_FEW = 5, 12
_LARGEST = 1e30  # square of a row: far from where float32 ends, sums of such too


def suits(features: Floats) -> bool:
    """Whether candidates in int8 are of use for rows float32 (N, D).

    This CPU has to sum products of int8 without loss, several times as fast as of f32, and the
    numbers have to be finite and not too large to be squared.
    """
    import torch

    has = torch.cpu.get_capabilities()
    multiplies = any(has.get(name, False) for name in ("avx512_vnni", "avx_vnni", "amx_int8"))
    return multiplies and bool((_squares(features) < _LARGEST).all())


def coarse_neighbours(
    features: Floats, k: int
) -> Iterator[tuple[Indices, Indices, Floats, Floats, int]]:
    """The `k` nearest others of each row of `features` that it `suits`, where int8 can tell.

    Every pair is multiplied once, in int8, which is exact for the rounded rows; what rounding left
    of each row is known, so that no distance is less than the bound of its pair (`Closest`). The
    pairs with the least bounds are measured in full, from the least on until the next bound is
    above the k-th distance.

    Yields:
        For blocks of rows: which rows (R,), their others and distances (R, k), the nearer
        first and among equals the lower index, float32 (R,) how far all others are at least, and
        how many rows' worth of pairs are done. Others that are not nearer than that are not
        certain; where fewer than `k` were found the last are at infinity.
    """
    n = len(features)
    # At random, so that the first tile is a sample.
    order = np.random.default_rng(0).permutation(n)
    quantised, squares = quantise(features, order), _squares(features)[order]
    terms = quantised.scales, squares * np.float32(1 - _SLACK), np.sqrt(squares), quantised.left
    closest = Closest(n, 2 * k)
    few = min(closest.most, max(_LEAST_FEW, _WITHIN_FEW * k * _TILE // n))
    done = 0
    for start, other, products in _products(quantised.whole):
        with half_the_threads():
            closest.offer(products, start, other, terms, 0 if start else few)
        if other + _TILE < n:
            continue
        here = slice(start, start + len(products))
        found, distances = _measured(features, order, start, len(products), closest.kept(), k)
        beyond = np.sqrt(np.maximum(closest.limits[here], 0))
        done += len(products) * (2 * (n - start) - len(products))  # pairs, in both directions
        yield order[here], found, distances, beyond, done // n


def _products(whole: "torch.Tensor") -> Iterator[tuple[int, int, npt.NDArray[np.int32]]]:
    """Products of int8 rows (N, D) by tiles: first row, first column, int32 (R, C).

    Each pair of rows once. One half of the threads makes the next tile while the other half looks
    at this one: so they need not meet, which takes longer than the work where the machine is busy.
    """
    import torch

    starts = range(0, len(whole), _TILE)
    tiles = [(start, other) for start in starts for other in starts if other >= start]
    before = torch.get_num_threads()
    set_threads = torch.set_num_threads
    half = (max(1, before // 2),)
    with ThreadPoolExecutor(1, initializer=set_threads, initargs=half) as ahead:

        def begin(start: int, other: int) -> "Future[torch.Tensor]":
            rows, columns = whole[start : start + _TILE], whole[other : other + _TILE]
            made: Future[torch.Tensor] = ahead.submit(torch._int_mm, rows, columns.T)
            return made

        making = begin(*tiles[0])
        try:
            for place, (start, other) in enumerate(tiles, 1):
                made = making.result()
                if place < len(tiles):
                    making = begin(*tiles[place])
                yield start, other, made.numpy()
        finally:
            set_threads(before)


def _squares(features: Floats) -> Floats:
    squares: Floats = np.einsum("nd,nd->n", features, features)
    return squares


@one_at_a_time
@numba.njit(cache=True, parallel=True)
def _measured(features, order, first, count, kept, k):  # type: ignore[no-untyped-def]
    """The `k` nearest of the kept pairs of `count` rows: others int64 and distances (count, k).

    Pairs are of places in `order`.
    """
    bounds, others, counts = kept[0], kept[1], kept[2]
    found = np.zeros((count, k), dtype=np.int64)
    distances = np.full((count, k), np.inf, dtype=np.float32)
    for r in numba.prange(count):
        row = first + r
        by_bound = np.argsort(bounds[row, : counts[row]])
        near = order[others[row, : counts[row]][by_bound]]
        exact = np.empty(len(near), dtype=np.float32)
        measured, worst = 0, np.float32(0)
        while measured < len(near):
            if measured >= k and bounds[row, by_bound[measured]] > worst * worst:
                break
            exact[measured] = apart(features[order[row]], features[near[measured]])
            if measured < k:
                worst = max(worst, exact[measured])
            measured += 1
        by_index = np.argsort(near[:measured])
        nearest = by_index[np.argsort(exact[:measured][by_index], kind="mergesort")][:k]
        found[r, : len(nearest)] = near[nearest]
        distances[r, : len(nearest)] = exact[nearest]
    return found, distances
