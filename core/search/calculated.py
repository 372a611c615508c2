"""Values of images that follow from several others: faults, and whether a model is right."""

import numpy as np
import numpy.typing as npt

from core.analysis.quality import odd_size_scores
from core.curation.names import fold
from core.search.measures import FAULTY

Positions = npt.NDArray[np.int32]


def odd_sizes(
    widths: npt.NDArray[np.int64], heights: npt.NDArray[np.int64], counted: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """How odd the size of each image is among the counted ones: float64 (N,) in [0, 1]; NaN for
    the others."""
    odd = np.full(len(widths), np.nan)
    odd[counted] = 1 - odd_size_scores(widths[counted], heights[counted])
    return odd


def faulty(column: npt.NDArray[np.float64], fault: str) -> Positions:
    """The images that have a fault, by its scores, (N,): 1 is the worst, NaN is unknown."""
    # As the score is stored: 1 less a number may round away from the threshold.
    return np.flatnonzero(1 - column < FAULTY[fault]).astype(np.int32)


def judged(
    predicted: npt.NDArray[np.int64],
    said: npt.NDArray[np.int64],
    analysed: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int8]:
    """Whether a model gave each image the class that people gave: 1 it did, 0 it did not, -1 one
    of the two is missing.

    Args:
        predicted: (N,) numbers of classes, -1 for none.
        said: (N,) numbers of the same classes, -1 for none.
        analysed: (N,) whether the model has seen the image.
    """
    return np.where(analysed & (said >= 0), predicted == said, -1).astype(np.int8)


def class_numbers(names: list[str], known: dict[str, int]) -> npt.NDArray[np.int64]:
    """A number of each name, the same in any case; `known` takes new ones in."""
    numbers = [known.setdefault(fold(name), len(known)) for name in names]
    return np.array(numbers, dtype=np.int64)
