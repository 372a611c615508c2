"""UMAP and t-SNE in 3D beside the libraries' own, with the trustworthiness of both."""

import contextlib
import io
import math
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from benchmarks.cifar import COUNT, MODEL, Features, cifar_features

_QUICK = 5_000
# Images that the slow peer gets: 5,000 take scikit-learn's t-SNE up to six minutes.
_SLOW_PEER, _SLOW_PEER_QUICK = 5_000, 1_500
_ROUNDS = 3  # of quick runs: ours and the peer's UMAP in turn, the best of each counts
_TRUST_AT = 15
_TRUST_SAMPLE = 5_000  # images among which trustworthiness is measured


def run(quick: bool) -> dict[str, object]:
    """Reduce features of CIFAR-10, 1,280 numbers each at unit length: 5,000, or 60,000 in full.

    Every figure of DATAG's counts finding neighbours from nothing, as the peers' do. All compiled
    loops have run once on a small set before the clock starts, the peers' too. In quick runs UMAP
    and its peer run three times in turn and the best of each counts.

    Returns:
        `umap_s`, `tsne_s` and, of `umap.UMAP(n_components=3, random_state=42)` and
        `sklearn.manifold.TSNE(n_components=3)` on the same features, `umap_peer_s`, `tsne_peer_s`;
        the ratios peer to ours; `trust` and `trust_peer` (the worse of both methods' differences
        counts: see `by_method`), `second_map_share` (UMAP 2D after UMAP 3D, in shares of it).
        t-SNE's peer gets the first 1,500 images, in full runs 5,000, and so does the DATAG that
        it is compared with; `tsne_images` says how many. `tsne_all_s` is DATAG's t-SNE of all
        images of a quick run.
    """
    n = _QUICK if quick else COUNT
    from core.maps.features import unit_length

    features = unit_length(cifar_features(n))
    _warm_up(features[:500])
    umap_s = umap_peer_s = second_s = math.inf
    for _ in range(_ROUNDS if quick else 1):
        with _empty_cache():
            seconds, umap_map = _timed(lambda: _ours(features, "umap", 3))
            umap_s = min(umap_s, seconds)
            second_s = min(second_s, _timed(lambda: _ours(features, "umap", 2))[0])
        seconds, umap_peer = _timed(lambda: _umap_peer(features))
        umap_peer_s = min(umap_peer_s, seconds)
    part = features[: _SLOW_PEER_QUICK if quick else _SLOW_PEER]
    with _empty_cache():
        tsne_s, tsne_part = _timed(lambda: _ours(part, "tsne", 3))
    tsne_peer_s, tsne_peer = _timed(lambda: _tsne_peer(part))
    all_of_quick: dict[str, object] = {}
    if quick:
        with _empty_cache():
            all_of_quick["tsne_all_s"] = round(_timed(lambda: _ours(features, "tsne", 3))[0], 2)
    by_method = {
        "umap": {"trust": _trust(features, umap_map), "trust_peer": _trust(features, umap_peer)},
        "tsne": {"trust": _trust(part, tsne_part), "trust_peer": _trust(part, tsne_peer)},
    }
    worst = min(by_method.values(), key=lambda m: m["trust"] - m["trust_peer"])
    return {
        "umap_s": round(umap_s, 2),
        "umap_peer_s": round(umap_peer_s, 2),
        "umap_ratio": round(umap_peer_s / umap_s, 2),
        "tsne_s": round(tsne_s, 2),
        "tsne_peer_s": round(tsne_peer_s, 2),
        "tsne_ratio": round(tsne_peer_s / tsne_s, 2),
        **all_of_quick,
        **worst,
        "by_method": by_method,
        "second_map_share": round(second_s / umap_s, 3),
        "images": n,
        "tsne_images": len(part),
        "features": f"CIFAR-10, {MODEL}, {features.shape[1]}",
        "device": _device(),
    }


def _ours(features: Features, method: str, dimensions: int) -> Features:
    from core.maps.methods import validate
    from core.maps.neighbours import nearest_neighbours
    from core.maps.reduction import graph_size, reduce

    params = validate(method, dimensions, {}, len(features))
    graph = nearest_neighbours(features, graph_size(method, params))
    return reduce(features, method, dimensions, params, 0, graph)


def _umap_peer(features: Features) -> Features:
    from umap import UMAP

    return UMAP(n_components=3, random_state=42).fit_transform(features)


def _tsne_peer(features: Features) -> Features:
    from sklearn.manifold import TSNE

    return TSNE(n_components=3, random_state=42).fit_transform(features)


def _warm_up(features: Features) -> None:
    """Compile what is compiled at first use. Both sides search many images in another way."""
    from core.maps.coarse import coarse_neighbours, suits

    with _empty_cache():
        for method in ("umap", "tsne"):
            _ours(features, method, 3)
    repeated = np.tile(features, (9, 1))
    noise = np.random.default_rng(0).normal(scale=1e-3, size=repeated.shape)
    many = (repeated + noise).astype(np.float32)
    if suits(many):
        for _ in coarse_neighbours(many, 15):
            pass
    _umap_peer(many)


def _trust(features: Features, layout: Features) -> float:
    from sklearn.manifold import trustworthiness

    chosen = np.random.default_rng(0).permutation(len(features))[:_TRUST_SAMPLE]
    return round(float(trustworthiness(features[chosen], layout[chosen], n_neighbors=_TRUST_AT)), 4)


def _timed(work: Callable[[], Features]) -> tuple[float, Features]:
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        began = time.perf_counter()
        made = work()
        return time.perf_counter() - began, made


@contextmanager
def _empty_cache() -> Iterator[None]:
    """A data folder of its own, so that no graph of an earlier run is found."""
    from core.settings import settings

    before = os.environ.get("DATAG_DATA_DIR")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATAG_DATA_DIR"] = folder
        settings.cache_clear()
        yield
    if before is None:
        del os.environ["DATAG_DATA_DIR"]
    else:
        os.environ["DATAG_DATA_DIR"] = before
    settings.cache_clear()


def _device() -> str:
    from core.maps.gpu import gpu_name

    name = gpu_name()
    cpu = f"CPU, {os.cpu_count()} threads"
    return f"{name} for neighbours, {cpu}" if name else f"{cpu}; no GPU found"
