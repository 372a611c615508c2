"""The exact k-nearest-neighbour graph of a feature set: one serves UMAP, t-SNE and outliers."""

import hashlib
import logging
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.atomic import atomic_path
from core.settings import settings

log = logging.getLogger(__name__)

# What t-SNE needs at its default perplexity, so that by default all methods share one graph.
_COMMON_K = 90
_BLOCK = 1_024  # rows searched at once, between two looks at whether to stop
_GATHERED = 16_000_000  # numbers held at once while distances are made exact


@dataclass(frozen=True)
class Neighbours:
    """Each row's nearest others, the nearest first; among equals the one with the lower index."""

    #: int32 (N, k).
    indices: npt.NDArray[np.int32]
    #: float32 (N, k), Euclidean.
    distances: npt.NDArray[np.float32]

    def first(self, k: int) -> "Neighbours":
        """The graph of the `k` nearest only."""
        return Neighbours(self.indices[:, :k], self.distances[:, :k])


def nearest_neighbours(
    features: npt.NDArray[np.float32],
    k: int,
    step: Callable[[int, int], None] | None = None,
) -> Neighbours:
    """The `k` nearest rows of each row of `features`, float32 (N, D), itself left out.

    Exact, by comparing all pairs. Kept on disk under the features' content: the same features
    give the same graph at once, also for a smaller `k`. `step(done, N)` is called while it runs
    and may raise to stop it.

    Raises:
        ValueError: `k` is not within 1..N-1.
    """
    n = len(features)
    if not 1 <= k < n:
        raise ValueError(f"k is {k}, but has to be within 1..{n - 1}")
    path = _cache_path(features)
    graph = _load(path, n)
    if graph is None or graph.indices.shape[1] < k:
        graph = _search(features, min(max(k, _COMMON_K), n - 1), step)
        with atomic_path(path) as partial, partial.open("wb") as file:
            np.savez(file, indices=graph.indices, distances=graph.distances)
    return graph.first(k)


def _cache_path(features: npt.NDArray[np.float32]) -> Path:
    content = hashlib.blake2b(repr(features.shape).encode(), digest_size=20)
    content.update(np.ascontiguousarray(features, dtype="<f4").data)
    return settings().cache_dir / "neighbours" / f"{content.hexdigest()}.npz"


def _load(path: Path, n: int) -> Neighbours | None:
    """The graph at `path`; None where there is none or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            indices, distances = arrays["indices"], arrays["distances"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("neighbour graph %s is damaged and made again: %s", path.name, error)
        return None
    fits = (
        indices.dtype == np.int32
        and distances.dtype == np.float32
        and indices.ndim == 2
        and indices.shape == distances.shape
        and len(indices) == n
        and bool(((indices >= 0) & (indices < n)).all())
    )
    return Neighbours(indices, distances) if fits else None


def _search(
    features: npt.NDArray[np.float32], k: int, step: Callable[[int, int], None] | None
) -> Neighbours:
    import faiss

    n = len(features)
    # The search computes |a|² + |b|² - 2ab, which loses digits far from the origin.
    centred = features - features.mean(axis=0, dtype=np.float64).astype(np.float32)
    indices = np.empty((n, k), dtype=np.int32)
    distances = np.empty((n, k), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        stop = min(start + _BLOCK, n)
        _, found = faiss.knn(centred[start:stop], centred, k + 1)
        others = _without_itself(found, np.arange(start, stop))
        indices[start:stop], distances[start:stop] = _by_exact_distance(
            centred, np.arange(start, stop), others
        )
        if step is not None:
            step(stop, n)
    return Neighbours(indices, distances)


def _without_itself(
    found: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """`found` (R, k+1) less each row's own index; the last goes where that is not in it.

    It is not in it where a row has more than k duplicates.
    """
    itself = found == rows[:, None]
    itself[:, -1] |= ~itself.any(axis=1)
    others: npt.NDArray[np.int64] = found[~itself].reshape(len(found), -1)
    return others


def _by_exact_distance(
    features: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int64],
    others: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """`others` (R, k) and their distances from `rows`, ordered by distance, then index."""
    distances = np.empty(others.shape, dtype=np.float32)
    size = max(1, _GATHERED // (others.shape[1] * features.shape[1]))
    for start in range(0, len(rows), size):
        part = slice(start, start + size)
        difference = features[others[part]] - features[rows[part], None]
        distances[part] = np.sqrt(np.einsum("rkd,rkd->rk", difference, difference))
    order = np.lexsort((others, distances), axis=1)
    return np.take_along_axis(others, order, 1), np.take_along_axis(distances, order, 1)
