"""Boxes paired by their place: confused, missed, and found where there is nothing."""

import numpy as np

from core.evaluation.classification import confusion
from core.evaluation.detection import Boxes
from core.evaluation.pairs import paired_boxes
from core.evaluation.truth import TrueBoxes

NAMES = ("bus", "car")


def boxes(*rows: tuple[float, float, float, float, int]) -> Boxes:
    table = np.array(rows, float).reshape(-1, 5)
    return Boxes(table[:, :4], table[:, 4].astype(np.int64), np.ones(len(table)))


def test_each_box_is_in_one_pair() -> None:
    truth = [
        # Two that lie beside each other, and one that is not found.
        boxes((0, 0, 10, 10, 0), (4, 0, 14, 10, 1), (50, 50, 60, 60, 1)),
        boxes(),
    ]
    found = [
        # The first overlaps both true ones, the left one more; the second, taken for a bus, the
        # right one; the third nothing.
        boxes((1, 0, 11, 10, 0), (4, 0, 14, 10, 0), (80, 0, 90, 10, 1)),
        boxes((0, 0, 1, 1, 0)),
    ]
    labels = paired_boxes(TrueBoxes(NAMES, np.array([7, 9]), truth, found, {}))
    assert labels.names == ("bus", "car", "–")
    matrix = confusion(labels.rows, labels.columns, 3)
    assert matrix.tolist() == [[1, 0, 0], [1, 0, 1], [1, 1, 0]]
    assert labels.image_ids.tolist() == [7, 7, 7, 7, 9]


def test_no_images_give_no_pairs() -> None:
    labels = paired_boxes(TrueBoxes((), np.zeros(0, np.int64), [], [], {}))
    assert (labels.names, len(labels.rows)) == (("–",), 0)
