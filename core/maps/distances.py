"""Distances between chosen pairs of rows."""

import numba
import numpy as np
import numpy.typing as npt

from core.maps.threads import one_at_a_time


def distances_to(
    features: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int64],
    others: npt.NDArray[np.int64],
) -> npt.NDArray[np.float32]:
    """Euclidean distances from each of `rows` (R,) to its `others` (R, k), float32 (R, k).

    From the differences themselves: equal rows are at 0 exactly.
    """
    found: npt.NDArray[np.float32] = _distances(np.ascontiguousarray(features), rows, others)
    return found


@numba.njit(cache=True, fastmath=True)
def apart(a, b):  # type: ignore[no-untyped-def]
    """The Euclidean distance of two rows float32 (D,), for compiled loops."""
    squared = np.float32(0)
    for d in range(len(a)):
        difference = a[d] - b[d]
        squared += difference * difference
    return np.sqrt(squared)


@one_at_a_time
@numba.njit(cache=True, fastmath=True, parallel=True)
def _distances(features, rows, others):  # type: ignore[no-untyped-def]
    found = np.empty(others.shape, dtype=np.float32)
    for r in numba.prange(len(rows)):
        for c in range(others.shape[1]):
            found[r, c] = apart(features[rows[r]], features[others[r, c]])
    return found
