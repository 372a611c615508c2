"""Measures of classes, by hand and against scikit-learn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from core.evaluation.classification import accuracy, class_scores, confusion


def test_a_small_case_by_hand() -> None:
    truth, predicted = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0])
    matrix = confusion(truth, predicted, 3)
    assert matrix.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert accuracy(matrix) == 3 / 5
    scores = class_scores(matrix)
    np.testing.assert_allclose(scores.precision, [2 / 3, 1 / 2, np.nan])
    np.testing.assert_allclose(scores.recall, [2 / 3, 1 / 2, np.nan])
    assert scores.support.tolist() == [3, 2, 0]
    assert np.isnan(accuracy(confusion(truth[:0], truth[:0], 2)))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60))
def test_it_agrees_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = (np.array(side) for side in zip(*pairs, strict=True))
    matrix = confusion(truth, predicted, 5)
    np.testing.assert_array_equal(matrix, confusion_matrix(truth, predicted, labels=range(5)))
    assert accuracy(matrix) == accuracy_score(truth, predicted)
    precision, recall, f1, support = precision_recall_fscore_support(
        truth, predicted, labels=range(5), zero_division=np.nan
    )
    scores = class_scores(matrix)
    np.testing.assert_allclose(scores.precision, precision)
    np.testing.assert_allclose(scores.recall, recall)
    np.testing.assert_allclose(scores.f1, f1)
    np.testing.assert_array_equal(scores.support, support)
