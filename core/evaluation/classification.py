"""Counts of right and wrong classes, and the measures made from them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ClassScores:
    """Measures of each class; NaN where nothing says anything about one.

    Attributes:
        precision: (C,) share of the images given this class that have it.
        recall: (C,) share of the images of this class that were given it.
        f1: (C,) harmonic mean of both.
        support: (C,) images of this class.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    support: Ints


def confusion(rows: Ints, columns: Ints, classes: int) -> Ints:
    """How often each pair of classes occurs: int64 (classes, classes).

    Args:
        rows: (N,) class of each image in [0, classes), e.g. the true one.
        columns: (N,) likewise, e.g. the predicted one.
    """
    counts = np.bincount(rows * classes + columns, minlength=classes * classes)
    return counts.reshape(classes, classes).astype(np.int64)


def accuracy(matrix: Ints) -> float:
    """Share of the diagonal in a confusion matrix; NaN of an empty one."""
    total = int(matrix.sum())
    return float(np.trace(matrix)) / total if total else float("nan")


def class_scores(matrix: Ints) -> ClassScores:
    """Measures of a confusion matrix with true classes as rows, predicted ones as columns."""
    hits = np.diag(matrix).astype(np.float64)
    given, support = matrix.sum(axis=0), matrix.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = hits / given
        recall = hits / support
        f1 = 2 * hits / (given + support)
    return ClassScores(precision, recall, f1, support)
