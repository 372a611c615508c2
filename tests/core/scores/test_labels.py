import numpy as np
import pytest

from core.maps.neighbours import Neighbours, nearest_neighbours
from core.scores.labels import label_errors
from tests.core.maps.conftest import three_groups

NONE = -1


def all_others(n: int) -> Neighbours:
    """A graph in which everything is everything's neighbour, by index."""
    indices = np.array([[j for j in range(n) if j != i] for i in range(n)], dtype=np.int32)
    return Neighbours(indices, np.ones(indices.shape, dtype=np.float32))


def scores(annotated: list[int], predicted: list[int] | None = None) -> list[float]:
    classes = np.array(annotated, dtype=np.int32)
    other = np.full_like(classes, NONE) if predicted is None else np.array(predicted, np.int32)
    found = label_errors(all_others(len(classes)), classes, other)
    assert found.dtype == np.float32
    return found.tolist()


def test_values_by_hand() -> None:
    # The first one's five neighbours: 3 of class 1, 2 of its own.
    assert scores([0, 1, 1, 1, 0, 0])[0] == pytest.approx((1 + 3 / 5 - 2 / 5) / 2)
    assert scores([0, 0, 0, 0, 0, 0]) == [0] * 6
    assert scores([1, 0, 0, 0, 0, 0])[0] == 1
    # The strongest other class counts, not all others together.
    assert scores([0, 0, 0, 1, 1, 2])[0] == pytest.approx((1 + 2 / 5 - 2 / 5) / 2)


def test_fewer_than_five_classed_neighbours_say_nothing() -> None:
    assert np.isnan(scores([0, 0, 0, 0, 0, NONE])).all()
    assert np.isfinite(scores([0, 0, 0, 0, 0, 0])).all()


def test_only_the_fifteen_nearest_classed_ones_vote() -> None:
    # 4 without a class, 15 that agree, 20 that do not.
    assert scores([0, *[NONE] * 4, *[0] * 15, *[1] * 20])[0] == 0
    assert scores([0, *[NONE] * 4, *[0] * 14, *[1] * 21])[0] == pytest.approx(
        (1 + 1 / 15 - 14 / 15) / 2
    )


def test_people_and_the_model_are_not_mixed() -> None:
    # Classes of people for six, of the model for all; their numbers are the same by accident.
    annotated = [0, 0, 0, 0, 0, 1, *[NONE] * 6]
    predicted = [*[5] * 6, *[7] * 6]
    found = scores(annotated, predicted)
    assert found[5] == 1  # the five others that people classed are of another class
    assert found[0] == pytest.approx((1 + 1 / 5 - 4 / 5) / 2)
    assert found[6] == pytest.approx((1 + 6 / 11 - 5 / 11) / 2)


def test_swapped_labels_are_found_first() -> None:
    features, groups = three_groups(40)
    labels = groups.astype(np.int32)
    wrong = np.array([3, 50, 99])
    labels[wrong] = (labels[wrong] + 1) % 3
    graph = nearest_neighbours(features, 30)
    found = label_errors(graph, labels, np.full_like(labels, NONE))
    assert set(np.argsort(-found)[:3]) == set(wrong)
    assert found[wrong].min() > 0.9 > 0.3 > np.delete(found, wrong).max()
