"""How far a map can be trusted: whether what lies together belongs together."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.maps.neighbours import Neighbours, without_itself

Floats = npt.NDArray[np.float32]

#: Neighbours that the figures look at, as far as there are so many.
NEIGHBOURS = 15
_SAMPLE = 1_000  # points whose ranks among all others are worked out
_HELD = 16_000_000  # distances held at once


@dataclass(frozen=True)
class Quality:
    """The figures of one map."""

    #: In [0, 1]: 1 when every neighbour on the map is a true neighbour.
    trustworthiness: float
    #: In [0, 1]: 1 when every true neighbour is a neighbour on the map.
    continuity: float
    #: float32 (N,): share of a point's true neighbours that are its neighbours on the map.
    shares: Floats


def map_quality(features: Floats, coordinates: Floats, graph: Neighbours) -> Quality:
    """Trustworthiness, continuity (Venna & Kaski 2001) and kept neighbours, at k = 15.

    With r(i, j) the rank of j among the distances from i, trustworthiness is
    1 - 2 / (n k (2n - 3k - 1)) times the sum over points i and their neighbours j on the map of
    max(0, r(i, j) - k) in the features; continuity swaps map and features. Above 1,000 points
    both are taken over 1,000 points drawn at random, ranked among all. What is equally far takes
    the lower rank.

    Args:
        features: float32 (N, D).
        coordinates: float32 (N, 2) or (N, 3).
        graph: of `features`, with at least 15 neighbours or all.
    """
    n = len(features)
    k = min(NEIGHBOURS, max(1, (n - 1) // 2))  # the formula wants k below half of n
    near = _near_on_map(coordinates, k)
    true = graph.first(k).indices
    rows = np.arange(n)
    if n > _SAMPLE:
        rows = np.sort(np.random.default_rng(0).choice(n, _SAMPLE, replace=False))
    scale = 2 / (len(rows) * k * (2 * n - 3 * k - 1))
    return Quality(
        1 - scale * _excess(features, rows, near[rows], k),
        1 - scale * _excess(coordinates, rows, true[rows], k),
        _kept(true, near).mean(axis=1, dtype=np.float32),
    )


def _near_on_map(coordinates: Floats, k: int) -> npt.NDArray[np.int64]:
    from scipy.spatial import KDTree

    _, found = KDTree(coordinates).query(coordinates, k + 1, workers=-1)
    return without_itself(np.asarray(found, dtype=np.int64), np.arange(len(coordinates)))


def _kept(true: npt.NDArray[np.int32], near: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which of the true neighbours (N, k) are among those on the map (N, k)."""
    kept = np.empty(true.shape, dtype=np.bool_)
    step = max(1, _HELD // true.shape[1] ** 2)
    for start in range(0, len(true), step):
        part = slice(start, start + step)
        kept[part] = (true[part, :, None] == near[part, None, :]).any(axis=2)
    return kept


def _excess(
    space: Floats,
    rows: npt.NDArray[np.int64],
    others: npt.NDArray[np.int64] | npt.NDArray[np.int32],
    k: int,
) -> float:
    """By how much the ranks of `others` (R, k) from `rows` (R,) in `space` exceed k, summed."""
    centred = space - space.mean(axis=0, dtype=np.float64).astype(np.float32)
    squares = np.einsum("nd,nd->n", centred, centred)
    excess = 0.0
    step = max(1, _HELD // len(space))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        distances = squares - 2 * (centred[rows[part]] @ centred.T)
        distances[np.arange(len(distances)), rows[part]] = np.inf
        asked = np.take_along_axis(distances, others[part].astype(np.int64), axis=1)
        for column in asked.T:
            ranks = (distances < column[:, None]).sum(axis=1) + 1
            excess += float(np.maximum(ranks - k, 0).sum())
    return excess
