"""The nearest-neighbour graph of a feature set: one serves maps, outliers, clusters, quality."""

import hashlib
import logging
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.atomic import atomic_path
from core.settings import settings

Floats = npt.NDArray[np.float32]
#: Called with the rows done and in all; may raise to stop.
Step = Callable[[int, int], None]

log = logging.getLogger(__name__)

# What t-SNE needs at its default perplexity, so that by default all methods share one graph.
_COMMON_K = 90
_BLOCK = 1_024  # rows searched at once, between two looks at whether to stop
_AGAINST = 4_096  # rows that they are compared with at once: with faiss's 1,024 up to twice as slow

#: Up to so many rows the graph is exact.
EXACT_UP_TO = 100_000
# From so many rows on int8 finds the candidates, where the chip has it; with fewer, loading torch
# takes longer than that saves.
_COARSE_FROM = 20_000
#: Share of the true neighbours that an approximate graph has to have, on a sample of its rows.
WANTED_RECALL = 0.95
_SAMPLE = 500  # rows whose true neighbours are looked up to measure the recall


@dataclass(frozen=True)
class Neighbours:
    """Each row's nearest others, the nearest first; among equals the one with the lower index."""

    #: int32 (N, k).
    indices: npt.NDArray[np.int32]
    #: float32 (N, k), Euclidean.
    distances: npt.NDArray[np.float32]
    #: Share of the true neighbours that are in it: 1 where the graph is exact, else as measured.
    recall: float = 1.0
    #: Hash of the features that it is of, under which other things are kept too; empty: unknown.
    content: str = ""

    def first(self, k: int) -> "Neighbours":
        """The graph of the `k` nearest only."""
        return Neighbours(self.indices[:, :k], self.distances[:, :k], self.recall, self.content)


def nearest_neighbours(
    features: Floats,
    k: int,
    step: Step | None = None,
) -> Neighbours:
    """The `k` nearest rows of each row of `features`, float32 (N, D), itself left out.

    Exact, by comparing all pairs, up to 100,000 rows. Above, rows are compared within the cells of
    an inverted file (Jégou, Douze & Schmid 2011) and as many cells are looked at as it takes to
    find 95 % of the true neighbours of 500 sampled rows; `recall` says how many it were.

    Kept on disk under the features' content: the same features give the same graph at once, also
    for a smaller `k`. `step(done, N)` is called while it runs and may raise to stop it.

    Raises:
        ValueError: `k` is not within 1..N-1.
    """
    n = len(features)
    if not 1 <= k < n:
        raise ValueError(f"k is {k}, but has to be within 1..{n - 1}")
    content = _hash(features)
    path = settings().cache_dir / "neighbours" / f"{content}.npz"
    graph = _load(path, n)
    if graph is None or graph.indices.shape[1] < k:
        graph = _search(features, min(max(k, _COMMON_K), n - 1), step)
        with atomic_path(path) as partial, partial.open("wb") as file:
            np.savez(file, indices=graph.indices, distances=graph.distances, recall=graph.recall)
    return replace(graph.first(k), content=content)


def _hash(features: Floats) -> str:
    content = hashlib.blake2b(repr(features.shape).encode(), digest_size=20)
    content.update(np.ascontiguousarray(features, dtype="<f4").data)
    return content.hexdigest()


def _load(path: Path, n: int) -> Neighbours | None:
    """The graph at `path`; None where there is none or it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            indices, distances = arrays["indices"], arrays["distances"]
            recall = float(arrays["recall"])
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
    return Neighbours(indices, distances, recall) if fits else None


def _search(features: Floats, k: int, step: Step | None) -> Neighbours:
    import faiss

    from core.maps.coarse import suits
    from core.maps.gpu import TorchSearch, gpu_name

    # The search computes |a|² + |b|² - 2ab, which loses digits far from the origin.
    centred = features - features.mean(axis=0, dtype=np.float64).astype(np.float32)
    faiss.cvar.distance_compute_blas_database_bs = _AGAINST
    if len(features) > EXACT_UP_TO:
        index, recall = _inverted_file(centred, k)
        return _collect(centred, k, lambda rows: index.search(rows, k + 1)[1], recall, step)
    if gpu_name():
        on_card = TorchSearch(centred)
        return _collect(centred, k, lambda rows: on_card(rows, k + 1), 1.0, step)
    if len(features) >= _COARSE_FROM and suits(centred):
        return _collect_coarse(centred, k, step)
    return _collect(centred, k, lambda rows: _exactly(rows, centred, k + 1), 1.0, step)


def _exactly(rows: Floats, features: Floats, k: int) -> npt.NDArray[np.int64]:
    """The `k` rows of `features` nearest to each of `rows` (R, D), compared with all: (R, k)."""
    import faiss

    found: npt.NDArray[np.int64] = faiss.knn(rows, features, k)[1]
    return found


def _collect(
    features: Floats,
    k: int,
    look_up: Callable[[Floats], npt.NDArray[np.int64]],
    recall: float,
    step: Step | None,
) -> Neighbours:
    """The graph from `look_up`, which gives the k+1 nearest indices for rows (R, D)."""
    n = len(features)
    graph = _empty(n, k, recall)
    for start in range(0, n, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, n))
        found = look_up(features[rows])
        graph.indices[rows], graph.distances[rows] = _ranked(features, rows, found, k)
        if step is not None:
            step(int(rows[-1]) + 1, n)
    return graph


def _collect_coarse(features: Floats, k: int, step: Step | None) -> Neighbours:
    """The graph by a coarse search; where that is not certain, all rows are compared."""
    from core.maps.coarse import coarse_neighbours

    graph = _empty(len(features), k, 1.0)
    for rows, found, distances, beyond, done in coarse_neighbours(features, k):
        graph.indices[rows], graph.distances[rows] = found, distances
        unsure = rows[distances[:, -1] >= beyond]
        for part in range(0, len(unsure), _BLOCK):
            some = unsure[part : part + _BLOCK]
            found = _exactly(features[some], features, k + 1)
            graph.indices[some], graph.distances[some] = _ranked(features, some, found, k)
        if step is not None:
            step(done, len(features))
    return graph


def _empty(n: int, k: int, recall: float) -> Neighbours:
    return Neighbours(np.empty((n, k), np.int32), np.empty((n, k), np.float32), recall)


def _ranked(
    features: Floats, rows: npt.NDArray[np.int64], found: npt.NDArray[np.int64], k: int
) -> tuple[npt.NDArray[np.int64], Floats]:
    """The `k` nearest of those that were found for each row, without itself: (R, k) both."""
    from core.maps.distances import distances_to

    others = without_itself(found, rows)
    exact = distances_to(features, rows, others)
    order = np.lexsort((others, exact), axis=1)[:, :k]
    return np.take_along_axis(others, order, 1), np.take_along_axis(exact, order, 1)


def _inverted_file(features: Floats, k: int) -> tuple[Any, float]:
    """An index that finds at least `WANTED_RECALL` of the true neighbours, and what it finds."""
    import faiss

    n, size = features.shape
    cells = int(4 * np.sqrt(n))
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(size), size, cells)
    random = np.random.default_rng(0)
    index.train(features[np.sort(random.choice(n, min(n, 40 * cells), replace=False))])
    for start in range(0, n, 64 * _BLOCK):
        index.add(features[start : start + 64 * _BLOCK])
    sample = features[random.choice(n, min(n, _SAMPLE), replace=False)]
    _, truth = faiss.knn(sample, features, k + 1)
    index.nprobe = 4
    while True:
        _, found = index.search(sample, k + 1)
        hits = sum(len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True))
        recall = hits / truth.size
        if recall >= WANTED_RECALL or index.nprobe >= cells:
            return index, recall
        index.nprobe = min(2 * index.nprobe, cells)


def without_itself(
    found: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """`found` (R, m) less each row's own index; the last goes where that is not in it.

    It is not in it where a row has too many duplicates.
    """
    itself = found == rows[:, None]
    itself[:, -1] |= ~itself.any(axis=1)
    others: npt.NDArray[np.int64] = found[~itself].reshape(len(found), -1)
    return others
