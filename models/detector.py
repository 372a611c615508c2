"""What the detectors share: thresholds, non-maximum suppression, and the way to an `Output`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.adapter import Detection, Output
from models.geometry import Frame

CONFIDENCE_THRESHOLD = 0.25
IOU_THRESHOLD = 0.45
MAX_DETECTIONS = 300


@dataclass(frozen=True)
class Candidates:
    """Boxes of one image, in the network's input.

    Attributes:
        boxes: (N, 4) float32, x0, y0, x1, y1 in input pixels.
        confidences: (N,) float32 in [0, 1].
        classes: (N,) int64, index into the card's classes.
    """

    boxes: NDArray[np.float32]
    confidences: NDArray[np.float32]
    classes: NDArray[np.int64]

    def take(self, chosen: NDArray[np.int64]) -> "Candidates":
        """The candidates at these indices, in this order."""
        return Candidates(self.boxes[chosen], self.confidences[chosen], self.classes[chosen])


def confident(candidates: Candidates) -> Candidates:
    """The candidates at or above the confidence threshold, most confident first."""
    order = np.argsort(-candidates.confidences, kind="stable")
    return candidates.take(order[candidates.confidences[order] >= CONFIDENCE_THRESHOLD])


def suppress_overlaps(candidates: Candidates) -> Candidates:
    """Greedy non-maximum suppression within each class, for candidates in falling confidence."""
    remaining = np.arange(len(candidates.boxes))
    kept: list[int] = []
    while len(remaining) and len(kept) < MAX_DETECTIONS:
        best, remaining = int(remaining[0]), remaining[1:]
        kept.append(best)
        same_class = candidates.classes[remaining] == candidates.classes[best]
        overlaps = iou(candidates.boxes[best], candidates.boxes[remaining]) > IOU_THRESHOLD
        remaining = remaining[~(same_class & overlaps)]
    return candidates.take(np.array(kept, np.int64))


def iou(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one box (4,) with others (N, 4); 0 where both have no area."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    intersection = np.clip(sides, 0, None).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - intersection
    ratio: NDArray[np.float32] = intersection / np.maximum(union, np.finfo(np.float32).tiny)
    return ratio


def to_output(
    candidates: Candidates,
    frame: Frame,
    classes: tuple[str, ...],
    features: NDArray[np.float32],
) -> Output:
    """The output for the image that lies at `frame`, with at most `MAX_DETECTIONS` detections.

    Boxes that lie wholly in the padding around the image have no area in it and are left out.
    """
    boxes = frame.shares(candidates.boxes)
    inside = ((boxes[:, 2:] - boxes[:, :2]) > 0).all(axis=1)
    detections = tuple(
        Detection(classes[index], float(confidence), (x0, y0, x1, y1))
        for index, confidence, (x0, y0, x1, y1) in zip(
            candidates.classes[inside],
            candidates.confidences[inside],
            boxes[inside].astype(float).tolist(),
            strict=True,
        )
    )[:MAX_DETECTIONS]
    if not detections:
        return Output(None, None, features)
    return Output(detections[0].label, detections[0].confidence, features, detections)
