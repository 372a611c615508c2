"""EfficientDet-Lite, quantised TensorFlow Lite files (Tan et al., 2019, arXiv:1911.09070)."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from models.adapter import Output
from models.card import ModelCard
from models.detector import Candidates, confident, suppress_overlaps, to_output
from models.formats import Precision
from models.geometry import Picture, Prepared, letterbox
from models.openvino_runtime import Network, add_pooled_features

_FILL = 127  # the middle of the input's range, which is what the network was trained with
_LEVELS = (3, 4, 5, 6, 7)
_OCTAVES = 3
_ASPECTS = ((1.0, 1.0), (1.4, 0.7), (0.7, 1.4))  # width and height over the anchor's base size
_ANCHOR_SCALE = 3.0
_HEAD_DEPTH = 4  # separable convolutions from a level's feature map to its class scores


class EfficientDet:
    """A `VisionModel` around an EfficientDet-Lite network.

    The features are the global averages of the BiFPN's five maps, which enter the heads.
    """

    def __init__(self, card: ModelCard, network: Network) -> None:
        self.card = card
        self.device = network.device
        self._network = network

    def prepare(self, image: Picture) -> Prepared:
        """Fit an upright image into the upper left of the input."""
        return letterbox(image, self.card.input_size, _FILL, centred=False)

    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        """Boxes and features of each image."""
        anchors = make_anchors(self.card.input_size)
        results = self._network.run([item.pixels for item in batch])
        return [
            to_output(decode(scores, offsets, anchors), item.frame, self.card.classes, features)
            for item, (scores, offsets, features) in zip(batch, results, strict=True)
        ]


def load(
    card: ModelCard, weights: Path, cache_dir: Path, threads: int, precision: Precision
) -> EfficientDet:
    """Load the model of `card`; OpenVINO reads the file directly, so nothing is cached."""
    graph = ov.Core().read_model(weights)
    scores = next(item for item in graph.outputs if item.get_shape()[2] == len(card.classes))
    offsets = next(item for item in graph.outputs if item.get_shape()[2] == 4)
    ordered = ov.Model([scores, offsets], graph.get_parameters())
    return EfficientDet(
        card, Network(add_pooled_features(ordered, class_head_inputs(scores)), threads, precision)
    )


def class_head_inputs(scores: ov.Output) -> list[ov.Output]:
    """The feature maps that enter the class head, from fine to coarse.

    Going upwards from the scores, the first operation with an input for each level joins the
    levels; above it each level is a chain of `_HEAD_DEPTH` separable convolutions.
    """
    node = scores.get_node()
    while len(_data_inputs(node)) != len(_LEVELS):
        node = _data_inputs(node)[0].get_node()
    maps = []
    for source in _data_inputs(node):
        depth = 0
        while depth < _HEAD_DEPTH:
            operation = source.get_node()
            depth += operation.get_type_name() == "GroupConvolution"
            source = _data_inputs(operation)[0]
        maps.append(source)
    return maps


def _data_inputs(node: ov.Node) -> list[ov.Output]:
    """The inputs of an operation that depend on the image: no constants, no weights."""
    sources = [port.get_source_output() for port in node.inputs()]
    if node.get_type_name() in ("Convolution", "GroupConvolution"):
        return sources[:1]
    return [item for item in sources if item.get_node().get_type_name() != "Constant"]


@lru_cache
def make_anchors(size: tuple[int, int]) -> NDArray[np.float32]:
    """Anchors (N, 4) as centre y, centre x, height, width in input pixels, in the heads' order.

    Fine to coarse levels, then rows, columns, octaves, aspects. A level's stride is the input
    divided by its number of cells, which is not a whole number where a level was rounded up.
    """
    levels = []
    for level in _LEVELS:
        rows, columns = (-(-side // 2**level) for side in size)
        stride_y, stride_x = size[0] / rows, size[1] / columns
        shapes = np.array(
            [
                (
                    _ANCHOR_SCALE * stride_y * 2 ** (octave / _OCTAVES) * tall,
                    _ANCHOR_SCALE * stride_x * 2 ** (octave / _OCTAVES) * wide,
                )
                for octave in range(_OCTAVES)
                for wide, tall in _ASPECTS
            ]
        )
        y, x = np.meshgrid(np.arange(rows) + 0.5, np.arange(columns) + 0.5, indexing="ij")
        centres = np.stack([y * stride_y, x * stride_x], axis=-1).reshape(-1, 1, 2)
        grid = np.broadcast_to(centres, (rows * columns, len(shapes), 2))
        sizes = np.broadcast_to(shapes, grid.shape)
        levels.append(np.concatenate([grid, sizes], axis=-1).reshape(-1, 4))
    anchors = np.concatenate(levels).astype(np.float32)
    anchors.setflags(write=False)
    return anchors


def decode(
    scores: NDArray[np.float32], offsets: NDArray[np.float32], anchors: NDArray[np.float32]
) -> Candidates:
    """Candidates from the raw heads.

    Args:
        scores: (N, classes) in [0, 1].
        offsets: (N, 4), shift of the centre y, x in anchor sizes and logarithm of the growth of
            height, width.
        anchors: (N, 4) of `make_anchors`.
    """
    centres = offsets[:, :2] * anchors[:, 2:] + anchors[:, :2]
    sizes = np.exp(offsets[:, 2:]) * anchors[:, 2:]
    boxes = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)[:, [1, 0, 3, 2]]
    candidates = Candidates(boxes, scores.max(axis=1), scores.argmax(axis=1))
    return suppress_overlaps(confident(candidates))
