"""UMAP's layout on all cores, the same for every number of them.

The forces are those of McInnes, Healy & Melville (2018), and so is the schedule: strong neighbours
pull in every epoch, weak ones now and then, each pull comes with five random points that push. The
original walks through the neighbours one by one and moves both ends of each. Here every point is
moved by its own neighbours alone, and sees the others where they were at the epoch's start: so
points can be moved at once, and no thread's speed shows in the result.
"""

from collections.abc import Callable

import numba
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from core.maps.threads import ThreadPace, one_at_a_time

Floats = npt.NDArray[np.float32]

_PUSHES = 5  # random points that push for every pull
_CALL_EVERY = 10  # epochs


def layout(
    graph: csr_matrix,
    start: Floats,
    epochs: int,
    a: float,
    b: float,
    seed: int,
    step: Callable[[int, int], None] | None = None,
) -> Floats:
    """Lay out a weighted, symmetric graph of neighbours.

    Args:
        graph: (N, N), weights in (0, 1].
        start: float32 (N, dimensions), about 10 wide.
        a, b: the shape of 1 / (1 + a d^2b), how alike points at the distance d are on the map.
        step: called with the epochs done and in all; may raise to stop.

    Returns:
        float32 (N, dimensions).
    """
    # An edge with a thousandth of the strongest's weight pulls once in a thousand epochs.
    every = (graph.data.max() / graph.data).astype(np.float32)
    due = every.copy()
    now = np.zeros((len(start), 3), dtype=np.float32)
    now[:, : start.shape[1]] = start
    then = np.empty_like(now)
    random = np.random.default_rng(seed)
    pacing = ThreadPace(numba.get_num_threads())
    for epoch in range(epochs):
        pace = np.float32(1 - epoch / epochs)
        salt = np.uint32(random.integers(2**32))
        shape = np.float32(a), np.float32(b)
        edges = graph.indptr, graph.indices, every, due
        with pacing.round():
            _epoch(*edges, now, then, np.float32(epoch), pace, shape, salt)
        now, then = then, now
        if step is not None and (epoch + 1) % _CALL_EVERY == 0:
            step(epoch + 1, epochs)
    return np.ascontiguousarray(now[:, : start.shape[1]])


@numba.njit(cache=True, fastmath=True, inline="always")
def _clipped(value):  # type: ignore[no-untyped-def]
    return max(np.float32(-4), min(np.float32(4), value))


@numba.njit(cache=True, fastmath=True, inline="always")
def _power(base, exponent):  # type: ignore[no-untyped-def]
    """`base ** exponent` of positive float32 to 3e-4, several times as fast as the exact one.

    Exponent and mantissa are taken apart; Chebyshev polynomials stand for log2 on [1, 2] and 2^x
    on [0, 1].
    """
    bits = np.float32(base).view(np.int32)
    m = np.int32((bits & 0x7FFFFF) | 0x3F800000).view(np.float32)
    logarithm = np.float32((bits >> 23) - 127) + (
        np.float32(-2.496774)
        + m
        * (
            np.float32(4.028373)
            + m
            * (np.float32(-2.08106) + m * (np.float32(0.6288157) + m * (np.float32(-0.07915037))))
        )
    )
    scaled = max(np.float32(-126), min(np.float32(126), exponent * logarithm))
    whole = np.floor(scaled)
    f = scaled - whole
    mantissa = np.float32(0.999812) + f * (
        np.float32(0.6968386) + f * (np.float32(0.2241264) + f * (np.float32(0.07901994)))
    )
    return mantissa * np.int32((np.int32(whole) + 127) << 23).view(np.float32)


@one_at_a_time
@numba.njit(cache=True, fastmath=True, parallel=True)
def _epoch(indptr, neighbours, every, due, now, then, epoch, pace, shape, salt):  # type: ignore[no-untyped-def]
    """One epoch: from the points `now` to the points `then`, float32 (N, 3)."""
    a, b = shape
    n = len(now)
    for i in numba.prange(n):
        x, y, z = now[i, 0], now[i, 1], now[i, 2]
        state = (np.uint32(i) * np.uint32(2654435761)) ^ salt
        state = np.uint32(state ^ (state >> np.uint32(16))) * np.uint32(2246822507)
        state = np.uint32(state ^ (state >> np.uint32(13))) | np.uint32(1)
        for edge in range(indptr[i], indptr[i + 1]):
            if due[edge] > epoch:
                continue
            due[edge] += every[edge]
            # All from where the point is now: sums that do not wait for each other.
            px, py, pz = np.float32(0), np.float32(0), np.float32(0)
            j = neighbours[edge]
            dx, dy, dz = x - now[j, 0], y - now[j, 1], z - now[j, 2]
            squared = dx * dx + dy * dy + dz * dz
            if squared > 0:
                near = a * _power(squared, b)
                # Twice the original's pull: there the neighbour's turn moves this point too.
                pull = np.float32(-4) * b * near / (squared * (near + np.float32(1)))
                px += _clipped(pull * dx)
                py += _clipped(pull * dy)
                pz += _clipped(pull * dz)
            for _ in range(_PUSHES):
                state ^= np.uint32(state << np.uint32(13))
                state ^= state >> np.uint32(17)
                state ^= np.uint32(state << np.uint32(5))
                j = np.int64((np.uint64(state) * np.uint64(n)) >> np.uint64(32))
                dx, dy, dz = x - now[j, 0], y - now[j, 1], z - now[j, 2]
                squared = dx * dx + dy * dy + dz * dz
                if squared > 0:
                    near = a * _power(squared, b) + np.float32(1)
                    push = np.float32(2) * b / ((np.float32(0.001) + squared) * near)
                    px += _clipped(push * dx)
                    py += _clipped(push * dy)
                    pz += _clipped(push * dz)
            x += pace * px
            y += pace * py
            z += pace * pz
        then[i, 0], then[i, 1], then[i, 2] = x, y, z
