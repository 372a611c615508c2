"""Average precision of boxes, as COCO defines it (https://cocodataset.org/#detection-eval)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Overlaps, intersection over union, from which a box counts as found.
THRESHOLDS = np.linspace(0.5, 0.95, 10)
_RECALLS = np.linspace(0, 1, 101)
_MOST_BOXES = 100  # of one class in one image that count, the surest


@dataclass(frozen=True)
class Boxes:
    """Boxes of one image.

    Attributes:
        corners: (N, 4) x0, y0, x1, y1 in any unit.
        classes: (N,) index of the class.
        confidences: (N,) of found boxes; of true ones their values do not matter.
    """

    corners: Floats
    classes: Ints
    confidences: Floats


@dataclass(frozen=True)
class BoxScores:
    """Measures of boxes; NaN for a class without true boxes.

    Attributes:
        average_precision: (10, C) by overlap and class.
        precision: (C,) share of the found boxes that are right at overlap 0.5; NaN without any.
        recall: (C,) share of the true boxes that were found at overlap 0.5.
        true_boxes: (C,) how many there are.
        found_boxes: (C,) how many the model found.
        curves: of each class recall and precision at overlap 0.5, (N,) each, as the confidence
            that a box needs falls from box to box; empty without true boxes.
    """

    average_precision: Floats
    precision: Floats
    recall: Floats
    true_boxes: Ints
    found_boxes: Ints
    curves: tuple[tuple[Floats, Floats], ...]

    @property
    def map_50(self) -> float:
        """Mean average precision at overlap 0.5 over the classes that have true boxes."""
        return _mean(self.average_precision[0])

    @property
    def map_50_95(self) -> float:
        """The same, averaged over overlaps from 0.5 to 0.95 in steps of 0.05."""
        return _mean(self.average_precision)


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def evaluate(truth: Sequence[Boxes], found: Sequence[Boxes], classes: int) -> BoxScores:
    """Measure the boxes found in images against the true ones, both in the order of the images."""
    precision_50, recall_50 = np.full(classes, np.nan), np.full(classes, np.nan)
    average = np.full((len(THRESHOLDS), classes), np.nan)
    true_boxes, found_boxes = np.zeros(classes, np.int64), np.zeros(classes, np.int64)
    curves = [(np.zeros(0), np.zeros(0))] * classes
    for index in range(classes):
        matched, confidences, total = _class_matches(truth, found, index)
        true_boxes[index], found_boxes[index] = total, len(confidences)
        if len(confidences):
            precision_50[index] = matched[0].mean()
        if total:
            recall_50[index] = matched[0].sum() / total
            order = np.argsort(-confidences, kind="stable")
            curves[index] = _curve(matched[0, order], total)
            for row in range(len(THRESHOLDS)):
                average[row, index] = _average_precision(matched[row, order], total)
    return BoxScores(average, precision_50, recall_50, true_boxes, found_boxes, tuple(curves))


def _class_matches(
    truth: Sequence[Boxes], found: Sequence[Boxes], index: int
) -> tuple[npt.NDArray[np.bool_], Floats, int]:
    """Which found boxes of a class are right, (10, N) by overlap; their confidences; true ones."""
    matches, confidences, total = [np.zeros((len(THRESHOLDS), 0), bool)], [np.zeros(0)], 0
    for wanted, given in zip(truth, found, strict=True):
        true_corners = wanted.corners[wanted.classes == index]
        total += len(true_corners)
        chosen = np.flatnonzero(given.classes == index)
        surest = np.argsort(-given.confidences[chosen], kind="stable")[:_MOST_BOXES]
        chosen = chosen[surest]
        if len(chosen):
            matches.append(_match(true_corners, given.corners[chosen]))
            confidences.append(given.confidences[chosen])
    return np.concatenate(matches, axis=1), np.concatenate(confidences), total


def _match(truth: Floats, found: Floats) -> npt.NDArray[np.bool_]:
    """Give each found box, the surest first, the free true box that it overlaps most."""
    overlaps = iou(found, truth)
    matched = np.zeros((len(THRESHOLDS), len(found)), bool)
    for row, threshold in enumerate(THRESHOLDS):
        free = np.ones(len(truth), bool)
        for box in range(len(found)):
            candidates = np.where(free, overlaps[box], -1.0)
            if len(candidates) == 0:
                break
            # COCO takes the later of equals.
            best = len(candidates) - 1 - int(np.argmax(candidates[::-1]))
            if candidates[best] >= min(threshold, 1 - 1e-10):
                free[best] = False
                matched[row, box] = True
    return matched


def same_boxes(truth: Boxes, found: Boxes) -> bool:
    """Whether the found boxes of an image are the true ones: as many of each class, and each at an
    overlap of at least 0.5 with one of its own."""
    if sorted(truth.classes.tolist()) != sorted(found.classes.tolist()):
        return False
    for index in set(truth.classes.tolist()):
        given = np.flatnonzero(found.classes == index)
        surest = given[np.argsort(-found.confidences[given], kind="stable")]
        if not _match(truth.corners[truth.classes == index], found.corners[surest])[0].all():
            return False
    return True


def iou(boxes: Floats, others: Floats) -> Floats:
    """Intersection over union of each of (N, 4) boxes with each of (M, 4) others: (N, M)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(b[:, 2:] - b[:, :2]).prod(axis=1) for b in (boxes, others)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    found: Floats = shared / np.maximum(union, np.finfo(np.float64).tiny)
    return found


def _curve(right: npt.NDArray[np.bool_], total: int) -> tuple[Floats, Floats]:
    """Recall and precision (N,) of the first one, two, … found boxes; arguments as below."""
    hits = np.cumsum(right)
    return hits / total, hits / np.arange(1, len(right) + 1)


def _average_precision(right: npt.NDArray[np.bool_], total: int) -> float:
    """Mean, over 101 recalls, of the best precision at that recall or a higher one.

    Args:
        right: (N,) whether each found box is right, the surest first.
        total: number of true boxes.
    """
    recall, precision = _curve(right, total)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, _RECALLS, side="left")
    reached = places < len(right)
    return (
        float(np.where(reached, envelope[np.minimum(places, len(right) - 1)], 0).mean())
        if len(right)
        else 0.0
    )
