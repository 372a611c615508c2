"""True and found boxes paired by where they lie, whatever their classes: what is taken for what."""

import numpy as np

from core.evaluation.detection import Boxes, Ints, iou
from core.evaluation.truth import NOTHING, Labels, TrueBoxes

_OVERLAP = 0.5


def paired_boxes(boxes: TrueBoxes) -> Labels:
    """One entry a box: the class in truth and the class found at its place, "–" for none.

    Within an image the pairs of the largest overlap come first, and each box is in one pair, as in
    the confusion matrix of Ultralytics (https://docs.ultralytics.com/reference/utils/metrics/).
    """
    nothing = len(boxes.names)
    images, rows, columns = [], [], []
    for image_id, wanted, given in zip(boxes.image_ids, boxes.truth, boxes.found, strict=True):
        true_of, found_of = _pairs(wanted, given, nothing)
        images.append(np.full(len(true_of), image_id, np.int64))
        rows.append(true_of)
        columns.append(found_of)
    none = np.zeros(0, np.int64)
    image_ids, true_of, found_of = (np.concatenate([none, *p]) for p in (images, rows, columns))
    return Labels((*boxes.names, NOTHING), image_ids, true_of, found_of, {}, 0)


def _pairs(truth: Boxes, found: Boxes, nothing: int) -> tuple[Ints, Ints]:
    """The classes of each pair; `nothing` beside a box that has no partner."""
    overlaps = iou(truth.corners, found.corners)
    order = np.argsort(-overlaps, axis=None, kind="stable")
    taken_true, taken_found = np.zeros(len(truth.classes), bool), np.zeros(len(found.classes), bool)
    pairs: list[tuple[int, int]] = []
    for flat in order[overlaps.ravel()[order] >= _OVERLAP].tolist():
        row, column = divmod(flat, len(found.classes))
        if not taken_true[row] and not taken_found[column]:
            taken_true[row] = taken_found[column] = True
            pairs.append((int(truth.classes[row]), int(found.classes[column])))
    pairs += [(int(index), nothing) for index in truth.classes[~taken_true]]
    pairs += [(nothing, int(index)) for index in found.classes[~taken_found]]
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]
