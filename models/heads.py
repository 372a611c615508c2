"""The forms in which networks give their answer, recognised by shape and decoded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from models.card import Head
from models.detector import Candidates, confident, suppress_overlaps
from models.errors import UnusableFile
from models.yolo import decode as decode_yolo

_PROBABILITIES = ("Softmax", "Sigmoid")
_MOST_FINAL_BOXES = 1000  # a head that has thrown duplicates away gives no more


@dataclass(frozen=True)
class HeadFound:
    """A network's main output.

    Attributes:
        index: number of the output.
        classes: how many it tells apart; None where its shape does not say.
    """

    index: int
    head: Head
    classes: int | None


def recognise(graph: ov.Model) -> HeadFound:
    """The main output of a graph whose input has a fixed size: boxes before scores.

    Raises:
        UnusableFile: no output has a known form.
    """
    shapes = [_sizes(output) for output in graph.outputs]
    masks = next((shape[1] for shape in shapes if len(shape) == 4 and shape[2] > 1), 0)
    for index, shape in enumerate(shapes):
        if len(shape) == 3 and (found := _boxes(index, shape, masks)) is not None:
            return found
    for index, shape in enumerate(shapes):
        if len(shape) >= 2 and shape[0] == 1 and shape[1] >= 2 and set(shape[2:]) <= {1}:
            head: Head = "probabilities" if _ends_in_probabilities(graph, index) else "logits"
            return HeadFound(index, head, shape[1])
    listed = ", ".join(" × ".join(map(str, shape)) or "?" for shape in shapes)
    raise UnusableFile("output_unknown", shapes=listed)


def _sizes(output: ov.Output) -> tuple[int, ...]:
    shape = output.get_partial_shape()
    return tuple(int(side) for side in shape.to_shape()) if shape.is_static else ()


def _boxes(index: int, shape: tuple[int, ...], masks: int) -> HeadFound | None:
    """A head of boxes by the two last axes; `masks` columns of it belong to a segmentation."""
    _batch, first, second = shape
    if second == 6 and first <= _MOST_FINAL_BOXES:
        return HeadFound(index, "yolo_end_to_end", None)
    if first - masks >= 5 and first < second:
        return HeadFound(index, "yolo", first - masks - 4)
    if second - masks >= 6 and second < first:
        return HeadFound(index, "yolo_objectness", second - masks - 5)
    return None


def _ends_in_probabilities(graph: ov.Model, index: int) -> bool:
    node = graph.outputs[index].get_node().input(0).get_source_output().get_node()
    while node.get_type_name() in ("Reshape", "Squeeze", "Convert"):
        node = node.input(0).get_source_output().get_node()
    return node.get_type_name() in _PROBABILITIES


def decode(head: Head, output: NDArray[np.float32], classes: int) -> Candidates:
    """Boxes in one of YOLO's forms, without duplicates, most confident first.

    Args:
        output: (4 + classes, anchors) of "yolo": centre x, centre y, width, height and each
            class's confidence; (anchors, 5 + classes) of "yolo_objectness", as YOLOv5 gives it:
            the same with the confidence that anything is there in front of the classes;
            (boxes, 6) of "yolo_end_to_end"; (N, 6) of "pairs": the same with its duplicates, and a
            row for each class of a box. More columns than classes belong to masks.
    """
    if head == "pairs":
        pairs = Candidates(output[:, :4], output[:, 4], output[:, 5].astype(np.int64))
        return suppress_overlaps(confident(pairs))
    if head == "yolo_end_to_end":
        return decode_yolo(output)
    if head == "yolo":
        return decode_yolo(output[: 4 + classes])
    scores = output[:, 5 : 5 + classes] * output[:, 4:5]
    centres, sizes = output[:, :2], output[:, 2:4]
    boxes = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
    return suppress_overlaps(
        confident(Candidates(boxes, scores.max(axis=1), scores.argmax(axis=1)))
    )


def class_names(head: Head, names: Sequence[str], classes: NDArray[np.int64]) -> tuple[str, ...]:
    """`names`, lengthened where a head whose shape does not say so gives more classes."""
    highest = int(classes.max(initial=-1))
    if head == "yolo_end_to_end" and highest >= len(names):
        return (*names, *(f"class {index}" for index in range(len(names), highest + 1)))
    return tuple(names)
