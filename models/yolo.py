"""YOLO detectors exported to ONNX by Ultralytics, with either of their two heads."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from models.adapter import Output
from models.card import ModelCard
from models.detector import Candidates, confident, suppress_overlaps, to_output
from models.formats import Precision
from models.geometry import Picture, Prepared, letterbox
from models.openvino_runtime import (
    Network,
    Normalisation,
    accept_uint8,
    add_pooled_features,
)

_FILL = 114
_UNIT = Normalisation(mean=(0.0, 0.0, 0.0), std=(255.0, 255.0, 255.0))
_MODULE = re.compile(r"/model\.(\d+)/")


class Yolo:
    """A `VisionModel` around a YOLO network.

    The features are the global averages of the feature maps that enter the detection head.
    """

    def __init__(self, card: ModelCard, network: Network) -> None:
        self.card = card
        self.device = network.device
        self._network = network

    def prepare(self, image: Picture) -> Prepared:
        """Fit an upright image into the middle of the input."""
        return letterbox(image, self.card.input_size, _FILL, centred=True)

    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        """Boxes and features of each image."""
        results = self._network.run([item.pixels for item in batch])
        return [
            to_output(decode(head), item.frame, self.card.classes, features)
            for item, (head, features) in zip(batch, results, strict=True)
        ]


def load(
    card: ModelCard, weights: Path, cache_dir: Path, threads: int, precision: Precision
) -> Yolo:
    """Load the model of `card`; ONNX is read directly, so nothing is cached."""
    graph = ov.Core().read_model(weights)
    graph.reshape([1, 3, *card.input_size])
    graph = add_pooled_features(graph, head_inputs(graph))
    return Yolo(card, Network(accept_uint8(graph, _UNIT), threads, precision))


def head_inputs(graph: ov.Model) -> list[ov.Output]:
    """The feature maps that enter the last module, from fine to coarse.

    The export names every operation after its module, `/model.23/...`, and the detection head is
    the module with the highest number.
    """
    operations = graph.get_ordered_ops()
    head = max(filter(None, map(_module, operations)))
    maps: dict[str, ov.Output] = {}
    for operation in operations:
        if _module(operation) != head:
            continue
        for port in operation.inputs():
            source = port.get_source_output()
            module = _module(source.get_node())
            if module is not None and module != head and len(source.get_partial_shape()) == 4:
                maps[source.get_node().get_friendly_name()] = source
    return sorted(maps.values(), key=lambda item: -item.get_shape()[2])


def _module(operation: ov.Node) -> int | None:
    found = _MODULE.match(operation.get_friendly_name())
    return int(found[1]) if found else None


def decode(head: NDArray[np.float32]) -> Candidates:
    """Candidates from either head.

    Args:
        head: (300, 6) of the end-to-end head: x0, y0, x1, y1, confidence, class, already without
            duplicates; or (4 + classes, anchors): centre x, centre y, width, height and the
            confidence of each class.
    """
    if head.shape[1] == 6:
        return confident(Candidates(head[:, :4], head[:, 4], head[:, 5].astype(np.int64)))
    centres, sizes, scores = head[:2].T, head[2:4].T, head[4:]
    boxes = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
    candidates = Candidates(boxes, scores.max(axis=0), scores.argmax(axis=0))
    return suppress_overlaps(confident(candidates))
