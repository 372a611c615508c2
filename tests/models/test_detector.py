"""Non-maximum suppression and the way from boxes to an output."""

import numpy as np
import pytest
import torch
import torchvision
from hypothesis import given
from hypothesis import strategies as st

from models.detector import (
    IOU_THRESHOLD,
    MAX_DETECTIONS,
    Candidates,
    confident,
    iou,
    suppress_overlaps,
    to_output,
)
from models.geometry import Frame

FEATURES = np.zeros(4, np.float32)
NAMES = ("cat", "dog")


def candidates(rows: list[tuple[float, float, float, float, float, int]]) -> Candidates:
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Candidates(table[:, :4], table[:, 4], table[:, 5].astype(np.int64))


def test_overlap_by_hand() -> None:
    box = np.array([0, 0, 10, 10], np.float32)
    others = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30], [3, 3, 3, 3]], np.float32)
    np.testing.assert_allclose(iou(box, others), [1, 50 / 150, 0, 0])


def test_only_overlaps_of_the_same_class_are_suppressed() -> None:
    found = suppress_overlaps(
        candidates(
            [
                (0, 0, 10, 10, 0.9, 0),
                (1, 0, 11, 10, 0.8, 0),  # overlap 9/11 with the first, same class
                (1, 0, 11, 10, 0.7, 1),
                (6, 0, 16, 10, 0.6, 0),  # overlap 4/16 with the first
            ]
        )
    )
    assert found.confidences.tolist() == pytest.approx([0.9, 0.7, 0.6])


def test_the_threshold_keeps_a_quarter_and_sorts() -> None:
    found = confident(candidates([(0, 0, 1, 1, c, 0) for c in (0.25, 0.9, 0.2499, 0.5)]))
    assert found.confidences.tolist() == pytest.approx([0.9, 0.5, 0.25])


@given(st.integers(0, 2**32 - 1), st.integers(0, 400))
def test_suppression_equals_torchvision(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 60, (count, 2)).astype(np.float32)
    boxes = np.hstack([corners, corners + rng.uniform(1, 40, (count, 2)).astype(np.float32)])
    confidences = rng.permutation(np.linspace(0.25, 1, count, dtype=np.float32))
    classes = rng.integers(0, 3, count)
    ours = suppress_overlaps(confident(Candidates(boxes, confidences, classes)))
    # Per class, because batched_nms moves the boxes apart and loses digits.
    kept = [
        index
        for name in range(3)
        for index in np.flatnonzero(classes == name)[
            torchvision.ops.nms(
                torch.tensor(boxes[classes == name]),
                torch.tensor(confidences[classes == name]),
                IOU_THRESHOLD,
            ).numpy()
        ]
    ]
    theirs = sorted(confidences[kept], reverse=True)[:MAX_DETECTIONS]
    assert ours.confidences.tolist() == pytest.approx(theirs)


def test_the_output_carries_the_best_detection_and_shares_of_the_image() -> None:
    output = to_output(
        candidates([(8, 16, 24, 32, 0.9, 1), (0, 0, 64, 64, 0.5, 0)]),
        Frame(0, 16, 64, 32),
        NAMES,
        FEATURES,
    )
    assert (output.label, output.confidence) == ("dog", pytest.approx(0.9))
    assert output.detections[0].box == pytest.approx((0.125, 0, 0.375, 0.5))
    assert output.detections[1].box == (0, 0, 1, 1)


def test_boxes_in_the_padding_are_left_out() -> None:
    output = to_output(candidates([(0, 0, 64, 10, 0.9, 0)]), Frame(0, 16, 64, 32), NAMES, FEATURES)
    assert (output.label, output.confidence, output.detections) == (None, None, ())


def test_there_are_never_more_than_the_maximum() -> None:
    rows = [(float(x), 0.0, x + 0.5, 1.0, 0.9, 0) for x in range(MAX_DETECTIONS + 50)]
    frame = Frame(0, 0, 400, 1)
    assert len(to_output(candidates(rows), frame, NAMES, FEATURES).detections) == MAX_DETECTIONS
    assert len(suppress_overlaps(candidates(rows)).boxes) == MAX_DETECTIONS
