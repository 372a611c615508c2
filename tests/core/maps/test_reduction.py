from typing import Any

import numpy as np
import pytest

from core.maps import reduction
from core.maps.features import unit_length
from core.maps.methods import METHODS, validate
from core.maps.neighbours import nearest_neighbours
from core.maps.reduction import graph_size, reduce
from core.settings import settings
from tests.core.maps.conftest import three_groups

pytestmark = pytest.mark.usefixtures("database")


def layout(
    features: np.ndarray,
    method: str,
    dimensions: int,
    params: dict[str, object] | None = None,
    seed: int = 0,
    step: Any = None,
) -> np.ndarray:
    checked = validate(method, dimensions, params or {}, len(features))
    graph = nearest_neighbours(features, max(1, graph_size(method, checked)))
    return reduce(features, method, dimensions, checked, seed, graph, step)


def purity(coordinates: np.ndarray, groups: np.ndarray, k: int = 5) -> float:
    """Share of the k nearest points on the map that belong to a point's own group."""
    distances = np.linalg.norm(coordinates[:, None] - coordinates[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1)[:, :k]
    return float((groups[nearest] == groups[:, None]).mean())


def assert_well_formed(coordinates: np.ndarray, n: int, dimensions: int) -> None:
    assert coordinates.shape == (n, dimensions)
    assert coordinates.dtype == np.float32
    assert np.isfinite(coordinates).all()
    np.testing.assert_allclose(coordinates.mean(axis=0), 0, atol=1e-5)
    assert np.linalg.norm(coordinates, axis=1).max() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("shape", [(60, 12), (12, 60)])
def test_pca_is_the_singular_value_decomposition(dimensions: int, shape: tuple[int, int]) -> None:
    features = np.random.default_rng(5).normal(size=shape).astype(np.float32) + 3
    coordinates = layout(features, "pca", dimensions)
    centred = features.astype(np.float64) - features.astype(np.float64).mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    scores = left[:, :dimensions] * values[:dimensions]
    scores /= np.linalg.norm(scores, axis=1).max()
    scores *= np.sign((scores * coordinates).sum(axis=0))  # an axis may point either way
    np.testing.assert_allclose(coordinates, scores, atol=1e-4)
    assert_well_formed(coordinates, shape[0], dimensions)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_groups_stay_apart(method: str, dimensions: int) -> None:
    features, groups = three_groups(60)
    coordinates = layout(unit_length(features), method, dimensions)
    assert_well_formed(coordinates, 180, dimensions)
    assert purity(coordinates, groups) > 0.98


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_same_seed_same_map(method: str, dimensions: int) -> None:
    features, _ = three_groups(30)
    first = layout(features, method, dimensions, seed=7)
    second = layout(features.copy(), method, dimensions, seed=7)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("method", METHODS)
def test_an_earlier_map_of_the_same_images_changes_nothing(method: str) -> None:
    features = unit_length(three_groups(30)[0])
    alone = layout(features, method, 2)
    for kept in settings().cache_dir.rglob("*.npz"):
        kept.unlink()
    layout(features, method, 3)
    assert list((settings().cache_dir / "principal").iterdir())
    np.testing.assert_array_equal(layout(features, method, 2), alone)


@pytest.mark.parametrize("method", METHODS)
def test_what_is_kept_serves_the_next_map(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    features = unit_length(three_groups(30)[0])
    layout(features, method, 3)

    def again(*_: object) -> np.ndarray:
        raise AssertionError("worked out once more")

    monkeypatch.setattr(reduction, "_pca", again)
    layout(features, method, 2)


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_another_seed_another_map(method: str) -> None:
    features, _ = three_groups(30)
    assert not np.array_equal(layout(features, method, 2, seed=1), layout(features, method, 2))


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_ten_images(method: str, dimensions: int) -> None:
    features = np.random.default_rng(0).normal(size=(10, 32)).astype(np.float32)
    assert_well_formed(layout(features, method, dimensions), 10, dimensions)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_all_equal_features_lie_in_the_middle(method: str, dimensions: int) -> None:
    coordinates = layout(np.ones((40, 16), dtype=np.float32), method, dimensions)
    assert coordinates.tolist() == np.zeros((40, dimensions)).tolist()


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("distinct", [2, 5])
def test_sets_of_duplicates(method: str, dimensions: int, distinct: int) -> None:
    features, _ = three_groups(distinct)
    features = np.repeat(features[:distinct], 40, axis=0)
    groups = np.repeat(np.arange(distinct), 40)
    coordinates = layout(features, method, dimensions)
    assert_well_formed(coordinates, len(features), dimensions)
    # What repeats exactly has nothing but itself to lie beside.
    assert purity(coordinates + 1e-6 * groups[:, None], groups) > 0.95


@pytest.mark.parametrize("method", METHODS)
def test_features_of_one_dimension(method: str) -> None:
    features = np.linspace(0, 1, 30, dtype=np.float32)[:, None]
    assert_well_formed(layout(features, method, 3), 30, 3)


def test_parameters_are_heeded() -> None:
    features, _ = three_groups(30)
    for method, params in [
        ("umap", {"neighbours": 5}),
        ("umap", {"min_dist": 0.8}),
        ("tsne", {"perplexity": 5}),
        ("tsne", {"iterations": 250}),
    ]:
        changed = layout(features, method, 2, dict(params))
        assert not np.array_equal(changed, layout(features, method, 2)), params


def test_tsne_tells_its_steps_and_can_be_stopped() -> None:
    features, _ = three_groups(10)
    steps: list[tuple[int, int]] = []

    def step(done: int, total: int) -> None:
        steps.append((done, total))
        if done >= 300:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        layout(features, "tsne", 2, step=step)
    assert steps == [(done, 750) for done in range(25, 301, 25)]


def test_interpolation_and_tree_agree_for_large_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.maps.reduction._FFT_FROM", 100)
    features, groups = three_groups(60)
    coordinates = layout(features, "tsne", 2)
    assert_well_formed(coordinates, 180, 2)
    assert purity(coordinates, groups) > 0.98


@pytest.mark.parametrize("n", [20, 91, 300])
def test_tsne_keeps_the_principal_arrangement_where_there_are_no_groups(n: int) -> None:
    features = np.random.default_rng(1).normal(size=(n, 32)).astype(np.float32)
    features[:, 0] *= 3
    coordinates = layout(features, "tsne", 2)
    correlation = np.corrcoef(coordinates[:, 0], layout(features, "pca", 2)[:, 0])[0, 1]
    assert correlation > 0.7


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_refuses_what_is_not_finite(value: float) -> None:
    features, _ = three_groups(10)
    graph = nearest_neighbours(features, 5)
    features[3, 3] = value
    with pytest.raises(ValueError, match="finite"):
        reduce(features, "pca", 2, {}, 0, graph)
