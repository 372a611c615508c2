import numpy as np
import pytest

from core.maps.neighbours import nearest_neighbours
from core.scores.novelty import novelty


def scored(features: np.ndarray, batches: np.ndarray, k: int) -> np.ndarray:
    features = features.astype(np.float32)
    return novelty(features, nearest_neighbours(features, k), batches)


def by_definition(features: np.ndarray, batches: np.ndarray) -> np.ndarray:
    """Each image against all earlier ones, one by one."""
    distances = np.linalg.norm(features[:, None] - features[None, :], axis=2)
    found = np.full(len(features), np.nan)
    for i in range(len(features)):
        earlier = np.flatnonzero(batches < batches[i])
        if len(earlier) < 10:
            continue
        usual = np.array([min(distances[j, e] for e in earlier if e != j) for j in earlier])
        nearest = distances[i, earlier].min()
        found[i] = ((usual < nearest - 1e-5).sum() + (usual < nearest + 1e-5).sum()) / 2
        found[i] /= len(usual)
    return found


@pytest.mark.parametrize("k", [3, 59])
def test_scores_are_those_of_the_definition(database: object, k: int) -> None:
    random = np.random.default_rng(1)
    features = random.normal(size=(60, 5)).astype(np.float32)
    batches = np.sort(random.integers(1, 5, size=60))
    expected = by_definition(features, batches)
    assert np.isnan(expected).any() and np.isfinite(expected).any()
    found = scored(features, batches, k)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)
    # Batches need not come in the order of the images.
    mixed = random.permutation(60)
    np.testing.assert_allclose(
        scored(features[mixed], batches[mixed], k), expected[mixed], atol=1e-6
    )


def test_a_batch_full_of_one_new_thing_is_new(database: object) -> None:
    random = np.random.default_rng(2)
    old = random.normal(size=(50, 8))
    more = random.normal(size=(50, 8))
    other = random.normal(size=(150, 8)) * 0.01 + 9  # each has 100 neighbours of its own kind
    features = np.vstack([old, more, other])
    found = scored(features, np.repeat([1, 2, 3], [50, 50, 150]), 90)
    assert np.isnan(found[:50]).all()
    assert 0.3 < np.median(found[50:100]) < 0.7
    assert (found[100:] == 1).all()


def test_the_same_pictures_again_are_not_new(database: object) -> None:
    old = np.random.default_rng(3).normal(size=(40, 8))
    found = scored(np.vstack([old, old[:20]]), np.repeat([1, 2], [40, 20]), 20)
    assert (found[40:] == 0).all()


def test_all_points_equal_are_neither_new_nor_old(database: object) -> None:
    found = scored(np.ones((40, 8)), np.repeat([1, 2], 20), 30)
    assert (found[20:] == 0.5).all()


def test_many_batches_of_one_image(database: object) -> None:
    features = np.random.default_rng(4).normal(size=(300, 4))
    asked: list[int] = []
    graph = nearest_neighbours(features.astype(np.float32), 90)
    found = novelty(
        features.astype(np.float32), graph, np.arange(300), lambda done, _n: asked.append(done)
    )
    assert np.isnan(found[:10]).all() and np.isfinite(found[10:]).all()
    assert asked == list(range(1, 301))
    assert found[10:].mean() == pytest.approx(0.5, abs=0.1)  # nothing is newer than anything else
