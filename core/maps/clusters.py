"""Groups of images that are alike, found without being told how many there are."""

import numpy as np
import numpy.typing as npt

from core.maps.kept import kept
from core.maps.neighbours import Neighbours

#: Neighbours by which the density around an image is measured.
DENSITY_NEIGHBOURS = 5
_GRAPH_NEIGHBOURS = 30
_SMALLEST = 5  # images; no cluster has fewer


def clusters(graph: Neighbours) -> npt.NDArray[np.int32]:
    """The cluster of each image, int32 (N,); -1: it belongs to none.

    HDBSCAN (Campello, Moulavi & Sander 2013) over the graph of nearest neighbours instead of all
    pairs. A cluster has at least 5 images and at least half of the square root of their number.
    The largest cluster is 0, the next one 1 and so on. Kept for the next map of the same features.
    """
    seen = min(_GRAPH_NEIGHBOURS, graph.indices.shape[1])
    return kept(f"clusters_{seen}", graph.content, len(graph.indices), lambda: _clusters(graph))


def _clusters(graph: Neighbours) -> npt.NDArray[np.int32]:
    from sklearn.cluster import HDBSCAN

    n = len(graph.indices)
    if n <= DENSITY_NEIGHBOURS:
        return np.full(n, -1, dtype=np.int32)
    found = HDBSCAN(
        min_cluster_size=max(_SMALLEST, round(np.sqrt(n) / 2)),
        min_samples=DENSITY_NEIGHBOURS,
        metric="precomputed",
        copy=False,
    ).fit_predict(_connected(graph.first(_GRAPH_NEIGHBOURS)))
    return _largest_first(found)


def _connected(graph: Neighbours):  # type: ignore[no-untyped-def]
    """A symmetric CSR matrix (N, N) of distances; parts that do not touch are joined from afar."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, k = graph.indices.shape
    rows = np.repeat(np.arange(n), k)
    # A distance of 0 would count as no edge.
    lengths = np.maximum(graph.distances.ravel().astype(np.float64), np.finfo(np.float32).tiny)
    directed = coo_array((lengths, (rows, graph.indices.ravel())), shape=(n, n)).tocsr()
    joined = directed.maximum(directed.T)
    parts, part_of = connected_components(joined, directed=False)
    if parts > 1:
        first = np.unique(part_of, return_index=True)[1]
        far = np.full(parts - 1, 2 * lengths.max())
        bridges = coo_array((far, (first[:-1], first[1:])), shape=(n, n)).tocsr()
        joined = joined + bridges + bridges.T
    return joined.tocsr()


def _largest_first(found: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    labels, counts = np.unique(found[found >= 0], return_counts=True)
    numbers = np.full(len(labels) + 1, -1, dtype=np.int32)  # the last one is that of no cluster
    numbers[labels[np.argsort(-counts, kind="stable")]] = np.arange(len(labels), dtype=np.int32)
    ordered: npt.NDArray[np.int32] = numbers[found]
    return ordered
