import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from core.maps import quality as module
from core.maps.neighbours import nearest_neighbours
from core.maps.quality import map_quality

pytestmark = pytest.mark.usefixtures("database")


def normal(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("n", [12, 100, 400])
def test_equals_scikit_learn(n: int, dimensions: int) -> None:
    features = normal(n, 20)
    coordinates = features[:, :dimensions].copy()
    k = min(15, (n - 1) // 2)
    found = map_quality(features, coordinates, nearest_neighbours(features, k))
    assert found.trustworthiness == pytest.approx(
        trustworthiness(features, coordinates, n_neighbors=k), abs=1e-5
    )
    assert found.continuity == pytest.approx(
        trustworthiness(coordinates, features, n_neighbors=k), abs=1e-5
    )
    assert found.shares.shape == (n,)
    assert found.shares.dtype == np.float32


def test_a_sample_comes_near_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    features = normal(900, 10)
    graph = nearest_neighbours(features, 15)
    whole = map_quality(features, features[:, :2].copy(), graph)
    monkeypatch.setattr(module, "_SAMPLE", 300)
    sampled = map_quality(features, features[:, :2].copy(), graph)
    assert sampled.trustworthiness == pytest.approx(whole.trustworthiness, abs=0.01)
    assert sampled.continuity == pytest.approx(whole.continuity, abs=0.01)
    np.testing.assert_array_equal(sampled.shares, whole.shares)


def test_a_true_map_is_perfect() -> None:
    features = normal(60, 3)
    found = map_quality(features, features.copy(), nearest_neighbours(features, 15))
    assert (found.trustworthiness, found.continuity) == (1, 1)
    assert (found.shares == 1).all()


def test_shares_by_hand() -> None:
    # On a line in the order 0 1 2 3 4; on the map 0 and 4 have changed places. k is 2.
    line = np.array([[0.0], [1], [2.1], [3.3], [4.6]], dtype=np.float32)
    coordinates = np.hstack([line[[4, 1, 2, 3, 0]], np.zeros((5, 1), np.float32)])
    found = map_quality(line, coordinates, nearest_neighbours(line, 2))
    # True neighbours 12 02 13 24 32, on the map 32 42 13 20 12.
    assert found.shares.tolist() == [0.5, 0.5, 1, 0.5, 0.5]


def test_points_that_are_all_equal() -> None:
    features = np.ones((40, 4), dtype=np.float32)
    found = map_quality(features, np.zeros((40, 2), np.float32), nearest_neighbours(features, 15))
    assert (found.trustworthiness, found.continuity) == (1, 1)
    assert np.isfinite(found.shares).all()
