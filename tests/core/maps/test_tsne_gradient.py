import numpy as np
import pytest
from scipy.sparse import csr_matrix

from core.maps.threads import threads_for
from core.maps.tsne_gradient import tsne_gradient


def affinities_of(n: int, seed: int = 0) -> csr_matrix:
    random = np.random.default_rng(seed)
    dense = random.random((n, n)) * (random.random((n, n)) < 0.3)
    dense = np.triu(dense, 1) + np.triu(dense, 1).T
    return csr_matrix(dense / dense.sum())


def by_definition(points: np.ndarray, affinities: np.ndarray) -> tuple[float, np.ndarray]:
    difference = points[:, None] - points[None]
    kernel = 1 / (1 + (difference**2).sum(axis=2))
    np.fill_diagonal(kernel, 0)
    q = kernel / kernel.sum()
    gradient = (((affinities - q) * kernel)[:, :, None] * difference).sum(axis=1)
    some = affinities > 0
    return float((affinities[some] * np.log(affinities[some] / q[some])).sum()), gradient


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("n", [2, 10, 32, 33, 700])
@pytest.mark.parametrize("spread", [1e-4, 1, 30])
def test_is_the_gradient_of_the_definition(n: int, dimensions: int, spread: float) -> None:
    points = np.random.default_rng(1).normal(scale=spread, size=(n, dimensions))
    affinities = affinities_of(n) if n > 2 else csr_matrix([[0, 0.5], [0.5, 0]])
    divergence, gradient = tsne_gradient(points, affinities, should_eval_error=True)
    expected_divergence, expected = by_definition(points, affinities.toarray())
    assert divergence == pytest.approx(expected_divergence, abs=0.02)
    assert np.linalg.norm(gradient - expected) < 0.03 * np.linalg.norm(expected) + 1e-6 * spread


def test_points_at_one_place_push_nobody() -> None:
    divergence, gradient = tsne_gradient(np.zeros((50, 3)), affinities_of(50))
    assert divergence == 0
    assert (gradient == 0).all()


def test_the_number_of_threads_does_not_show() -> None:
    points = np.random.default_rng(2).normal(scale=10, size=(900, 3))
    affinities = affinities_of(900)
    many = tsne_gradient(points, affinities)[1]
    with threads_for(1):
        one = tsne_gradient(points, affinities)[1]
    np.testing.assert_array_equal(many, one)
