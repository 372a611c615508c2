import numpy as np
import pytest
from scipy.sparse import csr_matrix

from core.maps.threads import threads_for
from core.maps.umap_layout import _power, layout

A, B = 1.577, 0.895  # of the minimum distance 0.1


def two_cliques(size: int) -> csr_matrix:
    block = np.ones((size, size)) - np.eye(size)
    return csr_matrix(np.kron(np.eye(2), block))


def run(n: int, seed: int = 0, dimensions: int = 3, epochs: int = 100) -> np.ndarray:
    start = np.random.default_rng(5).normal(scale=5, size=(n, dimensions)).astype(np.float32)
    return layout(two_cliques(n // 2), start, epochs, A, B, seed)


def test_the_fast_power_is_near_the_exact_one() -> None:
    bases = np.logspace(-30, 30, 400).astype(np.float32)
    found = np.array([_power(base, np.float32(B)) for base in bases])
    np.testing.assert_allclose(found, bases.astype(np.float64) ** B, rtol=5e-4)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_neighbours_gather_and_others_part(dimensions: int) -> None:
    points = run(80, dimensions=dimensions)
    assert points.shape == (80, dimensions)
    assert np.isfinite(points).all()
    centres = points[:40].mean(axis=0), points[40:].mean(axis=0)
    widest = max(np.linalg.norm(points[:40] - centres[0], axis=1).max(),
                 np.linalg.norm(points[40:] - centres[1], axis=1).max())  # fmt: skip
    assert np.linalg.norm(centres[0] - centres[1]) > 2 * widest


def test_seed_decides_and_threads_do_not() -> None:
    many = run(400)
    with threads_for(1):
        one = run(400)
    np.testing.assert_array_equal(many, one)
    assert not np.array_equal(many, run(400, seed=1))


def test_can_be_stopped() -> None:
    def stop(done: int, total: int) -> None:
        assert (done, total) == (10, 100)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        layout(two_cliques(10), np.eye(20, 3, dtype=np.float32), 100, A, B, 0, stop)
