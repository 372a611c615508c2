"""Features reduced to 2D or 3D."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from core.maps.kept import kept
from core.maps.neighbours import Neighbours

Floats = npt.NDArray[np.float32]
#: Called with iterations done and in all; may raise to stop the reduction.
Step = Callable[[int, int], None]

_MOST_DIMENSIONS = 3
_EARLY_ITERATIONS = 250
_CALL_EVERY = 25
# From here on interpolation takes the tree's place; it exists for two dimensions only.
_FFT_FROM = 200_000
# Feature sizes from which on three eigenvectors are found faster alone than by taking all apart.
_LANCZOS_FROM = 64
# The original's 500 epochs for small sets leave the trustworthiness within 0.002 of 300.
_UMAP_EPOCHS = {"small": 300, "large": 200}
_UMAP_LARGE = 10_000


def graph_size(method: str, params: Mapping[str, float]) -> int:
    """How many neighbours of each image `method` needs; 0: it needs none."""
    if method == "umap":
        return int(params["neighbours"]) - 1  # UMAP counts the image itself
    if method == "tsne":
        return 3 * int(params["perplexity"])
    return 0


def reduce(
    features: Floats,
    method: str,
    dimensions: int,
    params: Mapping[str, float],
    seed: int,
    neighbours: Neighbours,
    step: Step | None = None,
) -> Floats:
    """Features float32 (N, D) as coordinates float32 (N, dimensions).

    UMAP (McInnes, Healy & Melville 2018) and t-SNE (van der Maaten & Hinton 2008; openTSNE,
    Poličar et al. 2024) start from the principal components (Kobak & Linderman 2021), so that the
    large arrangement means something and is the same every time. The centroid lies at 0, the
    farthest point at distance 1. The same arguments give the same coordinates; features that are
    all equal lie at 0. UMAP and t-SNE call `step`; PCA takes a moment and does not.

    Args:
        params: complete, as `validate` gives them.
        neighbours: graph of `features` with at least `graph_size(method, params)` neighbours.

    Raises:
        ValueError: features that are not finite, an unknown method.
    """
    if not np.isfinite(features).all():
        raise ValueError("features have to be finite")
    if not (features != features[0]).any():
        return np.zeros((len(features), dimensions), dtype=np.float32)
    if method == "pca":
        return _at_unit_radius(_principal(features, dimensions, neighbours.content))
    if method not in ("umap", "tsne"):
        raise ValueError(f"unknown method {method!r}")
    from core.maps.threads import threads_for

    lay_out = _umap if method == "umap" else _tsne
    with threads_for(len(features)):
        return _at_unit_radius(lay_out(features, dimensions, params, seed, neighbours, step))


def _at_unit_radius(coordinates: Floats) -> Floats:
    centred = coordinates.astype(np.float64)
    centred -= centred.mean(axis=0)
    radius = np.linalg.norm(centred, axis=1).max()
    if not np.isfinite(radius):
        raise ArithmeticError("the reduction gave coordinates that are not finite")
    return (centred / radius if radius > 0 else centred).astype(np.float32)


def _principal(features: Floats, dimensions: int, content: str) -> Floats:
    """Scores float32 (N, dimensions) on the first principal components, kept for the next map.

    Always the first of three, so that it makes no difference which map was made before.
    """
    scores = kept("principal", content, len(features), lambda: _pca(features, _MOST_DIMENSIONS))
    return scores[:, :dimensions]


def _pca(features: Floats, dimensions: int) -> Floats:
    """Scores on the first principal components; zeros beyond the features' own dimensions.

    From the eigenvectors of the covariance matrix, exact and the same every time.
    """
    from scipy.linalg import eigh
    from scipy.sparse.linalg import eigsh

    size = features.shape[1]
    components = min(dimensions, size)
    centred = features - features.mean(axis=0, dtype=np.float64).astype(np.float32)
    covariance = (centred.T @ centred).astype(np.float64)
    if size < _LANCZOS_FROM:
        _, axes = eigh(covariance, subset_by_index=(size - components, size - 1))
    else:
        random = np.random.default_rng(0)
        _, axes = eigsh(covariance, components, v0=random.normal(size=size), rng=random)
    axes = axes[:, ::-1]
    # An axis may point either way: its largest number is made positive.
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(components)]
    scores = centred @ (axes * np.sign(largest)).astype(np.float32)
    return np.pad(scores, ((0, 0), (0, dimensions - components)))


def _starting_layout(features: Floats, dimensions: int, seed: int, content: str) -> Floats:
    # The noise parts duplicates, which no force could, and fills dimensions that are empty.
    noise = np.random.default_rng(seed).normal(scale=1e-3, size=(len(features), dimensions))
    scores = _principal(features, dimensions, content)
    return (_at_unit_radius(scores) + noise).astype(np.float32)


def _umap(
    features: Floats,
    dimensions: int,
    params: Mapping[str, float],
    seed: int,
    neighbours: Neighbours,
    step: Step | None,
) -> Floats:
    from umap.umap_ import find_ab_params, fuzzy_simplicial_set

    from core.maps.umap_layout import layout

    indices, distances = _with_itself(neighbours.first(graph_size("umap", params)))
    graph = fuzzy_simplicial_set(
        features,
        int(params["neighbours"]),
        np.random.RandomState(seed),
        "euclidean",
        knn_indices=indices,
        knn_dists=distances,
    )[0].tocsr()
    epochs = _UMAP_EPOCHS["small" if len(features) <= _UMAP_LARGE else "large"]
    # What would not pull once in all epochs does not pull at all, as in the original.
    graph.data[graph.data < graph.data.max() / epochs] = 0
    graph.eliminate_zeros()
    a, b = find_ab_params(1.0, params["min_dist"])
    start = 10 * _starting_layout(features, dimensions, seed, neighbours.content)
    return layout(graph, start, epochs, a, b, seed, step)


def _with_itself(graph: Neighbours) -> tuple[npt.NDArray[np.int32], Floats]:
    """Indices and distances (N, k+1) with each row itself first, as UMAP counts."""
    n = len(graph.indices)
    itself = np.arange(n, dtype=np.int32)[:, None]
    nowhere = np.zeros((n, 1), dtype=np.float32)
    return np.hstack([itself, graph.indices]), np.hstack([nowhere, graph.distances])


def _tsne(
    features: Floats,
    dimensions: int,
    params: Mapping[str, float],
    seed: int,
    neighbours: Neighbours,
    step: Step | None,
) -> Floats:
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    from core.maps.threads import THREADS_FROM, paced
    from core.maps.tsne_gradient import tsne_gradient

    graph = neighbours.first(graph_size("tsne", params))
    index = PrecomputedNeighbors(graph.indices, graph.distances.astype(np.float64))
    # Any number of threads gives the same result.
    threads = -1 if len(features) >= THREADS_FROM else 1
    affinities = PerplexityBasedNN(perplexity=params["perplexity"], knn_index=index, n_jobs=threads)
    interpolates = dimensions == 2 and len(features) >= _FFT_FROM
    arranged = _starting_layout(features, dimensions, seed, neighbours.content)
    start = TSNEEmbedding(
        # Small, as the method wants it, so that the forces decide and not the start.
        1e-4 * arranged.astype(np.float64),
        affinities,
        negative_gradient_method="fft" if interpolates else paced(tsne_gradient),
        random_state=seed,
        n_jobs=threads,
    )
    iterations = int(params["iterations"])
    total = _EARLY_ITERATIONS + iterations
    layout = start.optimize(
        _EARLY_ITERATIONS,
        exaggeration=12,
        momentum=0.5,
        callbacks=_callback(step, 0, total),
        callbacks_every_iters=_CALL_EVERY,
    )
    # Exaggeration gathers groups. Where there are none it draws everything into one point, out of
    # which only rounding errors would grow again.
    if layout.std() < start.std():
        layout = start
    layout = layout.optimize(
        iterations,
        momentum=0.8,
        callbacks=_callback(step, _EARLY_ITERATIONS, total),
        callbacks_every_iters=_CALL_EVERY,
    )
    return np.asarray(layout, dtype=np.float32)


def _callback(
    step: Step | None, before: int, total: int
) -> Callable[[int, float, object], bool] | None:
    if step is None:
        return None

    def callback(iteration: int, _error: float, _layout: object) -> bool:
        step(before + iteration, total)
        return False

    return callback
