"""Number formats that a network runs in, and how far its answers in two of them agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.adapter import Detection, Output
from models.card import Task
from models.detector import iou

#: `mixed`: bf16 but for the convolutions that it would spoil, see `models.mixture`.
Precision = Literal["f32", "mixed", "bf16"]
#: What a fast format must keep of f32.
MIN_RECALL, MIN_AGREEMENT = 0.98, 0.99
NEIGHBOURS = 10
#: Fewer boxes say nothing of a detector's agreement, however many of them are the same.
MIN_BOXES = 50
_SAME_BOX = 0.5  # least intersection over union, as COCO's evaluation begins with


@dataclass(frozen=True)
class Check:
    """How far a model in a fast format agrees with itself in f32.

    Attributes:
        recall: share of each image's ten nearest neighbours, by cosine, that both have.
        agreement: share of images with the same label; of detectors the share of boxes that both
            find, see `box_agreement`.
        images: size of the sample.
    """

    recall: float
    agreement: float
    images: int

    @property
    def passed(self) -> bool:
        """Whether the fast format may be used."""
        return self.recall >= MIN_RECALL and self.agreement >= MIN_AGREEMENT


def check_of(exact: Sequence[Output], fast: Sequence[Output], task: Task) -> Check:
    """How far two runs of a model over the same images agree.

    The recall is the lower one of two: with all features from `fast`, and with those of every
    other image, as in a project whose images were not all analysed in the same format.
    """
    a, b = [x.features for x in exact], [x.features for x in fast]
    mixed = [pair[index % 2] for index, pair in enumerate(zip(a, b, strict=True))]
    return Check(
        min(recall_at(NEIGHBOURS, a, b), recall_at(NEIGHBOURS, a, mixed)),
        (box_agreement if task == "detection" else _label_agreement)(exact, fast),
        len(exact),
    )


def _label_agreement(exact: Sequence[Output], fast: Sequence[Output]) -> float:
    return sum(x.label == y.label for x, y in zip(exact, fast, strict=True)) / len(exact)


def box_agreement(exact: Sequence[Output], fast: Sequence[Output]) -> float:
    """Share of boxes that two runs of a detector over the same images have in common.

    Boxes of an image are paired as COCO's evaluation does it (Lin et al., 2014, arXiv:1405.0312):
    the surest of `fast` first, each with the free one of `exact` of the same class that it overlaps
    most, by an intersection over union of 0.5 or more. Lost boxes and new ones count alike: the
    pairs are divided by the larger number of boxes. Fewer than `MIN_BOXES` in all give 0.
    """
    boxes = [sum(len(output.detections) for output in run) for run in (exact, fast)]
    if max(boxes) < MIN_BOXES:
        return 0.0
    pairs = [_pairs(a.detections, b.detections) for a, b in zip(exact, fast, strict=True)]
    return sum(pairs) / max(boxes)


def _pairs(exact: Sequence[Detection], fast: Sequence[Detection]) -> int:
    free, pairs = list(exact), 0
    for box in sorted(fast, key=lambda found: -found.confidence):
        same = [other for other in free if other.label == box.label]
        if not same:
            continue
        corners = np.array([other.box for other in same], np.float32)
        overlaps = iou(np.array(box.box, np.float32), corners)
        if overlaps.max() >= _SAME_BOX:
            free.remove(same[int(overlaps.argmax())])
            pairs += 1
    return pairs


def recall_at(
    k: int, exact: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]]
) -> float:
    """Mean share of each vector's `k` nearest neighbours by cosine that are the same in `other`."""
    first, second = _neighbours(k, np.stack(exact)), _neighbours(k, np.stack(other))
    shared = [len(set(x) & set(y)) for x, y in zip(first, second, strict=True)]
    return float(np.mean(shared) / k)


def _neighbours(k: int, vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """(N, k) indices of the nearest others of (N, D) vectors."""
    directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    similarity = directions @ directions.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1, kind="stable")[:, :k]
