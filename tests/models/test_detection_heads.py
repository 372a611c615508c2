"""Raw outputs of the detection heads, decoded by hand."""

import math

import numpy as np
import pytest

from models import efficientdet, yolo


def test_the_end_to_end_yolo_head_is_taken_as_it_is() -> None:
    head = np.zeros((300, 6), np.float32)
    head[0] = (10, 20, 30, 40, 0.9, 7)
    head[1] = (11, 20, 30, 40, 0.8, 7)  # overlaps, but this head has no duplicates to remove
    head[2] = (50, 50, 60, 60, 0.1, 3)
    found = yolo.decode(head)
    assert found.boxes.tolist() == [[10, 20, 30, 40], [11, 20, 30, 40]]
    assert found.classes.tolist() == [7, 7]
    assert found.confidences.tolist() == pytest.approx([0.9, 0.8])


def test_the_dense_yolo_head_gives_centres_sizes_and_class_scores() -> None:
    head = np.zeros((84, 8400), np.float32)
    head[:4, 5], head[4 + 2, 5], head[4 + 9, 5] = (100, 200, 20, 40), 0.3, 0.8
    head[:4, 6], head[4 + 9, 6] = (101, 200, 20, 40), 0.6
    head[:4, 7], head[4 + 1, 7] = (300, 300, 10, 10), 0.5
    found = yolo.decode(head)
    assert found.boxes.tolist() == [[90, 180, 110, 220], [295, 295, 305, 305]]
    assert found.classes.tolist() == [9, 1]
    assert found.confidences.tolist() == pytest.approx([0.8, 0.5])


def test_efficientdet_anchors_by_hand() -> None:
    anchors = efficientdet.make_anchors((320, 320))
    assert anchors.shape == (19206, 4)
    # First cell of the finest level: stride 8, base side 24, three aspects, then the next octave.
    third = 2 ** (1 / 3)
    np.testing.assert_allclose(
        anchors[:4],
        [
            (4, 4, 24, 24),
            (4, 4, 24 * 0.7, 24 * 1.4),
            (4, 4, 24 * 1.4, 24 * 0.7),
            (4, 4, 24 * third, 24 * third),
        ],
        rtol=1e-6,
    )
    # Second cell of the first row, then the coarsest level's last cell, of 3 x 3 cells.
    np.testing.assert_allclose(anchors[9], (4, 12, 24, 24), rtol=1e-6)
    stride = 320 / 3
    np.testing.assert_allclose(anchors[-9], (2.5 * stride, 2.5 * stride, 320, 320), rtol=1e-6)


def test_efficientdet_offsets_move_and_scale_the_anchor() -> None:
    anchors = np.array([[100, 60, 40, 20], [10, 10, 10, 10]], np.float32)
    offsets = np.array([[0.5, -1, math.log(2), 0], [0, 0, 0, 0]], np.float32)
    scores = np.zeros((2, 90), np.float32)
    scores[0, 5], scores[1, 1] = 0.75, 0.1
    found = efficientdet.decode(scores, offsets, anchors)
    # Centre y 100 + 0.5 * 40, x 60 - 20; height 80, width 20.
    np.testing.assert_allclose(found.boxes, [[30, 80, 50, 160]], rtol=1e-6)
    assert found.classes.tolist() == [5]
    assert found.confidences.tolist() == [0.75]
