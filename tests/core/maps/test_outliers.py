import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.maps.neighbours import nearest_neighbours
from core.maps.outliers import outlier_scores


def test_by_hand() -> None:
    # Means 1, 2, 3, 4, 10: median 3, deviations -2 -1 0 1 7, their absolute median 1.
    distances = np.array([[1, 1], [1, 3], [3, 3], [3, 5], [8, 12]], dtype=np.float32)
    z = np.array([-2, -1, 0, 1, 7]) / 1.4826
    expected = (1 + z / (1 + abs(z))) / 2
    scores = outlier_scores(distances)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, rtol=1e-6)
    assert scores[2] == 0.5


def test_a_few_among_many_alike() -> None:
    # Median absolute deviation 0; mean absolute deviation 10 / 5 = 2.
    scores = outlier_scores(np.array([[0], [0], [0], [0], [10]], dtype=np.float32))
    z = 10 / (1.2533 * 2)
    np.testing.assert_allclose(scores, [0.5, 0.5, 0.5, 0.5, (1 + z / (1 + z)) / 2], rtol=1e-6)


def test_all_alike() -> None:
    assert outlier_scores(np.zeros((12, 3), dtype=np.float32)).tolist() == [0.5] * 12


def test_a_planted_point_is_the_oddest(database: object) -> None:
    features = np.random.default_rng(0).normal(size=(200, 16)).astype(np.float32)
    features[77] += 25
    scores = outlier_scores(nearest_neighbours(features, 10).distances)
    assert scores.argmax() == 77
    assert scores[77] > 0.95
    assert np.delete(scores, 77).max() < 0.9


@given(st.lists(st.floats(0, 1e6, width=32), min_size=1, max_size=40))
def test_stays_in_range_and_keeps_the_order(means: list[float]) -> None:
    scores = outlier_scores(np.array(means, dtype=np.float32)[:, None])
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores[np.argsort(means)]) >= 0).all()
