"""Average precision by hand and against COCO's own evaluation."""

import contextlib
import io

import numpy as np
import pytest
from faster_coco_eval import COCO, COCOeval_faster
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation.detection import Boxes, evaluate, same_boxes

CLASSES = 3


def boxes(*rows: tuple[float, float, float, float, int, float]) -> Boxes:
    table = np.array(rows, float).reshape(-1, 6)
    return Boxes(table[:, :4], table[:, 4].astype(np.int64), table[:, 5])


def test_a_small_case_by_hand() -> None:
    truth = [boxes((0, 0, 10, 10, 0, 1), (20, 20, 30, 30, 0, 1)), boxes()]
    # The surest is right at every overlap, the second finds nothing, the third at 0.5 to 0.8.
    found = [
        boxes((0, 0, 10, 10, 0, 0.9), (20, 20, 30, 28.05, 0, 0.5)),
        boxes((0, 0, 5, 5, 0, 0.8)),
    ]
    scores = evaluate(truth, found, 2)
    # Precision 1 up to recall 0.5 (51 of 101 places), then 2/3.
    half = 51 / 101
    assert scores.average_precision[0, 0] == pytest.approx(half + 50 / 101 * 2 / 3)
    assert scores.average_precision[9, 0] == pytest.approx(half)
    assert (scores.precision[0], scores.recall[0]) == (pytest.approx(2 / 3), 1)
    assert scores.map_50_95 == pytest.approx((7 * (half + 50 / 101 * 2 / 3) + 3 * half) / 10)
    assert np.isnan(scores.average_precision[:, 1]).all()
    recall, precision = scores.curves[0]
    assert recall.tolist() == [0.5, 0.5, 1.0]
    assert precision.tolist() == pytest.approx([1, 1 / 2, 2 / 3])
    assert len(scores.curves[1][0]) == 0


def test_nothing_to_measure_is_not_a_number() -> None:
    scores = evaluate([boxes()], [boxes()], 1)
    assert np.isnan(scores.map_50) and np.isnan(scores.map_50_95)
    assert evaluate([boxes((0, 0, 1, 1, 0, 1))], [boxes()], 1).map_50 == 0


def coco(truth: list[Boxes], found: list[Boxes]) -> tuple[float, float]:
    """mAP at 0.5 to 0.95, and at 0.5, by faster-coco-eval."""

    def sides(corners: np.ndarray) -> list[float]:
        x0, y0, x1, y1 = corners.tolist()
        return [x0, y0, x1 - x0, y1 - y0]

    annotations, detections = [], []
    for image, wanted in enumerate(truth, 1):
        for corners, label in zip(wanted.corners, wanted.classes, strict=True):
            x, y, width, height = sides(corners)
            annotations.append({"id": len(annotations) + 1, "image_id": image, "iscrowd": 0,
                                "category_id": int(label) + 1, "bbox": [x, y, width, height],
                                "area": width * height})  # fmt: skip
    for image, given_boxes in enumerate(found, 1):
        for corners, label, confidence in zip(
            given_boxes.corners, given_boxes.classes, given_boxes.confidences, strict=True
        ):
            detections.append({"image_id": image, "category_id": int(label) + 1,
                               "bbox": sides(corners), "score": float(confidence)})  # fmt: skip
    with contextlib.redirect_stdout(io.StringIO()):
        dataset = COCO({
            "images": [{"id": n + 1, "width": 100, "height": 100} for n in range(len(truth))],
            "categories": [{"id": n + 1, "name": str(n)} for n in range(CLASSES)],
            "annotations": annotations, "info": {},
        })  # fmt: skip
        result = COCOeval_faster(dataset, dataset.loadRes(detections), "bbox")
        result.evaluate()
        result.accumulate()
        result.summarize()
    return float(result.stats[0]), float(result.stats[1])


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Boxes], list[Boxes]]:
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    truth, found = [], []
    for _ in range(draw(st.integers(1, 4))):
        low = rng.integers(0, 60, (draw(st.integers(1, 5)), 2))
        corners = np.hstack([low, low + rng.integers(5, 40, low.shape)]).astype(float)
        labels = rng.integers(0, CLASSES, len(low))
        truth.append(Boxes(corners, labels, np.ones(len(low))))
        near = np.repeat(corners, 2, axis=0) + rng.integers(-4, 5, (2 * len(low), 4))
        near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 1)
        guessed = np.where(rng.random(len(near)) < 0.8, np.repeat(labels, 2), 0)
        found.append(Boxes(near, guessed, rng.permutation(len(near)) / 100 + 0.3))
    return truth, found


@settings(max_examples=60)
@given(scenes())
def test_it_agrees_with_coco(scene: tuple[list[Boxes], list[Boxes]]) -> None:
    truth, found = scene
    # Equal confidences in different images are ordered by chance of the implementation.
    step = iter(np.arange(1, 1000) * 1e-5)
    found = [Boxes(b.corners, b.classes, b.confidences + next(step)) for b in found]
    scores = evaluate(truth, found, CLASSES)
    expected, expected_50 = coco(truth, found)
    assert scores.map_50_95 == pytest.approx(expected, abs=1e-6)
    assert scores.map_50 == pytest.approx(expected_50, abs=1e-6)


def test_the_same_boxes_are_as_many_of_each_class_and_overlap_by_half():
    def boxes(*rows: tuple[int, float, float]) -> Boxes:
        corners = [(left, 0.0, right, 1.0) for _, left, right in rows]
        classes = [number for number, _, _ in rows]
        ones = np.ones(len(rows))
        return Boxes(np.array(corners).reshape(-1, 4), np.array(classes, np.int64), ones)

    truth = boxes((0, 0.0, 0.5), (1, 0.5, 1.0))
    assert same_boxes(truth, boxes((1, 0.5, 1.0), (0, 0.0, 0.5)))
    assert same_boxes(truth, boxes((0, 0.0, 0.25), (1, 0.5, 1.0)))  # an overlap of exactly 0.5
    assert not same_boxes(truth, boxes((0, 0.0, 0.24), (1, 0.5, 1.0)))
    assert not same_boxes(truth, boxes((0, 0.0, 0.5), (0, 0.5, 1.0)))
    assert not same_boxes(truth, boxes((0, 0.0, 0.5)))
    assert not same_boxes(truth, boxes((0, 0.0, 0.5), (1, 0.5, 1.0), (1, 0.5, 1.0)))
    assert not same_boxes(boxes((0, 0.0, 0.5), (0, 0.6, 1.0)), boxes((0, 0.0, 0.5), (0, 0.0, 0.5)))
    assert same_boxes(boxes(), boxes())
