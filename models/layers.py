"""Layers of an OpenVINO graph: what may serve as features, and what is in front of the output."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from models.errors import UnusableFile
from models.yolo import head_inputs

#: Longest feature vector that is kept, in numbers.
MAX_FEATURES = 16_384
_OFFERED = 30
_OUTPUT_LAYERS = ("MatMul", "Convolution", "GroupConvolution")
# What may lie between the output layer and the graph's end.
_TRAILING = {
    *("Add", "Multiply", "Divide", "Subtract", "Softmax", "LogSoftmax", "Sigmoid", "Reshape"),
    *("Squeeze", "Unsqueeze", "Convert", "Transpose", "ReduceMean", "Result", "Clamp"),
}
_STAGES = {
    *("Relu", "Add", "Swish", "HSwish", "Gelu", "PRelu", "Concat", "MaxPool", "AvgPool"),
    *("ReduceMean", "Reshape", "Squeeze", "MVN"),
}


@dataclass(frozen=True)
class Layer:
    """A layer whose output can serve as features.

    Attributes:
        name: that finds it again in the same file.
        kind: what it calculates.
        shape: of its output for one image, without the batch axis.
        features: length of the feature vector made from it.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    features: int


def feature_length(shape: Sequence[int]) -> int:
    """Length of the vector that `pooled` makes of an output of this shape (without batch)."""
    if len(shape) == 3:
        return shape[0] if channels_first(shape) else shape[2]
    return shape[-1]


def channels_first(shape: Sequence[int]) -> bool:
    """Whether (a, b, c) is channels, height, width; the axis that differs from the others is."""
    return not (shape[0] == shape[1] != shape[2])


def pooled(output: ov.Output) -> ov.Output:
    """One vector (1, D) of an output: maps (1, C, H, W) and tokens (1, T, D) are averaged."""
    shape = tuple(output.get_partial_shape().to_shape())
    if len(shape) == 4:
        axes = [2, 3] if channels_first(shape[1:]) else [1, 2]
        return ops.reduce_mean(output, np.array(axes)).output(0)
    if len(shape) == 3:
        return ops.reduce_mean(output, np.array([1])).output(0)
    return output


def candidates(graph: ov.Model, main: ov.Output, maps_only: bool = False) -> list[Layer]:
    """The layers nearest to the output `main` that can serve as features, the last one first.

    `maps_only` leaves out what has no height and width, as in the heads of detectors.
    """
    live = _depend_on_input(graph)
    tail, _entry = _walk_back(main, live)
    found: dict[str, Layer] = {}
    for node in reversed(graph.get_ordered_ops()):
        if node.get_type_name() not in _STAGES or node not in live or node in tail:
            continue
        layer = _layer(node)
        if layer is not None and (len(layer.shape) == 3 or not maps_only):
            found.setdefault(layer.name, layer)
        if len(found) == _OFFERED:
            break
    return list(found.values())


def _layer(node: ov.Node) -> Layer | None:
    shape = node.output(0).get_partial_shape()
    if shape.rank.is_dynamic or not shape.is_static or not 2 <= len(shape) <= 4:
        return None
    sizes = tuple(int(side) for side in shape.to_shape())
    length = feature_length(sizes[1:])
    if sizes[0] != 1 or not 2 <= length <= MAX_FEATURES:
        return None
    return Layer(node.get_friendly_name(), node.get_type_name(), sizes[1:], length)


def named(graph: ov.Model, name: str) -> ov.Output:
    """The output of the layer `name`.

    Raises:
        UnusableFile: the graph has none.
    """
    for node in graph.get_ordered_ops():
        if node.get_friendly_name() == name and _layer(node) is not None:
            return node.output(0)
    raise UnusableFile("no_layer", layer=name)


def before_output(graph: ov.Model, main: ov.Output) -> ov.Output | None:
    """What enters the output layer of a classifier whose scores are `main`; None if unknown."""
    entry = _walk_back(main, _depend_on_input(graph))[1]
    return entry if entry is not None and _layer(entry.get_node()) is not None else None


def _walk_back(main: ov.Output, live: set[ov.Node]) -> tuple[set[ov.Node], ov.Output | None]:
    """The operations from the output layer to `main`, and what enters them.

    The way ends without an entry where two things that depend on the image meet.
    """
    tail: set[ov.Node] = set()
    node = main.get_node()
    while True:
        tail.add(node)
        inputs = [port.get_source_output() for port in node.inputs()]
        sources = [source for source in inputs if source.get_node() in live]
        is_output_layer = node.get_type_name() in _OUTPUT_LAYERS
        if len(sources) != 1 or not (is_output_layer or node.get_type_name() in _TRAILING):
            return tail, None
        if is_output_layer:
            return tail, sources[0]
        node = sources[0].get_node()


def detection_maps(graph: ov.Model) -> list[ov.Output]:
    """What gives a detector's features: the maps that enter its head, as Ultralytics names them.

    In other exports it is the coarsest map with the most channels.
    """
    try:
        maps = head_inputs(graph)
    except ValueError:
        maps = []
    if maps:
        return maps
    live = _depend_on_input(graph)
    found: list[tuple[int, int, ov.Output]] = []
    for node in graph.get_ordered_ops():
        layer = _layer(node) if node in live else None
        if layer is not None and len(layer.shape) == 3 and channels_first(layer.shape):
            channels, height, width = layer.shape
            if height * width > 1:
                found.append((height * width, -channels, node.output(0)))
    if not found:
        raise UnusableFile("no_features")
    return [min(found, key=lambda item: item[:2])[2]]


def _depend_on_input(graph: ov.Model) -> set[ov.Node]:
    """The operations whose result depends on the image, and not on constants and shapes alone."""
    live: set[ov.Node] = set(graph.get_parameters())
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "ShapeOf":
            continue
        if any(port.get_source_output().get_node() in live for port in node.inputs()):
            live.add(node)
    return live
