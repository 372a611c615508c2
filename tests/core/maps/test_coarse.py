import numpy as np
import pytest

from core.maps import coarse, neighbours
from core.maps.features import unit_length
from core.maps.neighbours import nearest_neighbours
from core.maps.quantised import quantise

CORNERS = np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]], dtype=np.float32)

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.skipif(not coarse.suits(CORNERS), reason="needs a CPU that multiplies int8"),
]


def normal(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def all_distances(features: np.ndarray) -> np.ndarray:
    exact = features.astype(np.float64)
    return np.linalg.norm(exact[:, None] - exact[None], axis=2)


def nearest(features: np.ndarray, k: int) -> np.ndarray:
    distances = all_distances(features)
    np.fill_diagonal(distances, np.inf)
    return np.sort(distances, axis=1)[:, :k]


@pytest.fixture
def unsure(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every search begins in int8, by small tiles; how many rows were then compared with all."""
    counts: list[int] = []

    def exactly(rows: np.ndarray, features: np.ndarray, k: int) -> np.ndarray:
        counts.append(len(rows))
        return search(rows, features, k)

    search = neighbours._exactly
    monkeypatch.setattr(neighbours, "_COARSE_FROM", 1)
    monkeypatch.setattr(neighbours, "_exactly", exactly)
    monkeypatch.setattr(coarse, "_TILE", 256)
    return counts


@pytest.mark.parametrize(("n", "d", "k"), [(1500, 40, 91), (1025, 300, 15), (700, 2, 5)])
def test_equals_brute_force(unsure: list[int], n: int, d: int, k: int) -> None:
    features = unit_length(normal(n, d) + 1)
    found = nearest_neighbours(features, k)
    np.testing.assert_allclose(found.distances, nearest(features, k), atol=1e-6)
    rows = np.arange(n)[:, None]
    there = all_distances(features)[rows, found.indices]
    np.testing.assert_allclose(there, found.distances, atol=1e-6)
    assert all(len(set(row)) == k for row in found.indices.tolist())
    assert (found.indices != rows).all()


def test_few_rows_need_a_full_comparison(unsure: list[int]) -> None:
    nearest_neighbours(unit_length(normal(2000, 40)), 90)
    assert sum(unsure) < 100


def test_rows_that_int8_cannot_tell_apart_are_compared_exactly(unsure: list[int]) -> None:
    # Three hundred almost equal rows: their differences are far below what int8 holds.
    features = unit_length(normal(700, 16))
    features[:300] = features[0] + 1e-4 * normal(300, 16, seed=1)
    found = nearest_neighbours(features, 20)
    np.testing.assert_allclose(found.distances, nearest(features, 20), rtol=1e-3, atol=1e-7)
    assert sum(unsure) >= 300


def test_duplicates_and_equal_points(unsure: list[int]) -> None:
    features = np.repeat(normal(6, 8), [300, 1, 40, 200, 2, 1], axis=0)
    found = nearest_neighbours(features, 100)
    np.testing.assert_allclose(found.distances, nearest(features, 100), rtol=1e-4, atol=1e-6)
    assert (found.indices != np.arange(len(features))[:, None]).all()
    assert all(len(set(row)) == 100 for row in found.indices.tolist())
    equal = nearest_neighbours(np.ones((600, 8), dtype=np.float32), 12)
    assert (equal.distances == 0).all()


def test_equal_distances_are_ordered_by_index(unsure: list[int]) -> None:
    assert nearest_neighbours(CORNERS, 4).indices[0].tolist() == [1, 2, 3, 4]


def test_rows_of_very_different_lengths(unsure: list[int]) -> None:
    features = normal(800, 12) * np.geomspace(1e-3, 30, 800, dtype=np.float32)[:, None]
    found = nearest_neighbours(features, 9)
    np.testing.assert_allclose(found.distances, nearest(features, 9), rtol=1e-3, atol=1e-6)


def test_what_is_beyond_is_not_overstated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coarse, "_TILE", 256)
    features = normal(800, 12) * np.geomspace(0.01, 30, 800, dtype=np.float32)[:, None]
    exact = all_distances(features)
    np.fill_diagonal(exact, np.inf)
    for rows, found, distances, beyond, _ in coarse.coarse_neighbours(features, 5):
        others = exact[rows]
        certain = distances < beyond[:, None]
        dropped = [
            np.setdiff1d(np.arange(800), row[sure])
            for row, sure in zip(found, certain, strict=True)
        ]
        least = [others[r, rest].min() for r, rest in enumerate(dropped)]
        assert (np.minimum(beyond, distances[:, -1]) <= np.array(least) * (1 + 1e-6)).all()


def test_says_how_many_pairs_are_done(unsure: list[int]) -> None:
    steps: list[tuple[int, int]] = []
    nearest_neighbours(normal(512, 4), 3, lambda done, total: steps.append((done, total)))
    assert steps == [(384, 512), (512, 512)]


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e20])
def test_numbers_that_int8_cannot_hold_are_left_to_the_other_search(value: float) -> None:
    features = normal(50, 4)
    features[7, 2] = value
    assert coarse.suits(normal(50, 4))
    assert not coarse.suits(features)


def test_quantised_rows_keep_products_within_what_is_left() -> None:
    features = normal(60, 300) * np.geomspace(0.1, 10, 60, dtype=np.float32)[:, None]
    features[5] = 0
    quantised = quantise(features, np.arange(60))
    whole = quantised.whole.numpy().astype(np.float64) * quantised.scales[:, None]
    lengths = np.linalg.norm(features, axis=1)
    left = quantised.left
    bound = left[:, None] * lengths + (lengths + left)[:, None] * left
    exact = features.astype(np.float64) @ features.T.astype(np.float64)
    assert (np.abs(whole @ whole.T - exact) <= bound + 1e-5 * lengths[:, None] * lengths).all()
    assert (left < 0.02 * lengths + 1e-12).all()
