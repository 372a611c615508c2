"""Models that somebody brought: a graph from ONNX or from weights alone, run by their recipe."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops

from models import heads, layers, openvino_runtime, state_dict
from models.adapter import Network, Output
from models.architectures import IMAGENET_MEAN, IMAGENET_STD, InputForm
from models.card import ModelCard, Recipe
from models.classifier import classified, softmax
from models.conversion import converted
from models.detector import to_output
from models.errors import UnusableFile
from models.formats import Precision
from models.geometry import Picture, Prepared, letterbox, stretch
from models.openvino_runtime import Normalisation, accept_uint8
from models.torch_graph import TorchGraph
from models.torch_graphs import network_of
from models.torch_runtime import TorchNetwork

_FILL = 114
IMAGENET = InputForm((224, 224), IMAGENET_MEAN, IMAGENET_STD)


class OwnModel:
    """A `VisionModel` around a network with two outputs: its answer, then features."""

    def __init__(self, card: ModelCard, network: Network) -> None:
        assert card.recipe is not None
        self.card = card
        self.device = network.device
        self._recipe = card.recipe
        self._network = network

    def prepare(self, image: Picture) -> Prepared:
        """Stretch an upright image to the input, or fit it into its middle."""
        if self._recipe.resize == "letterbox":
            return letterbox(image, self.card.input_size, _FILL, centred=True)
        return stretch(image, self.card.input_size)

    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        """Class and probability or boxes, and features, of each image."""
        return [output for output, _ in self.infer_in_full(batch)]

    def infer_in_full(
        self, batch: Sequence[Prepared]
    ) -> list[tuple[Output, NDArray[np.float32] | None]]:
        """The same, each with a classifier's (classes,) probabilities; None of a detector."""
        results = self._network.run([item.pixels for item in batch])
        return [
            self._output(item, answer, features.ravel())
            for item, (answer, features) in zip(batch, results, strict=True)
        ]

    def _output(
        self, item: Prepared, answer: np.ndarray, features: np.ndarray
    ) -> tuple[Output, NDArray[np.float32] | None]:
        head, classes = self._recipe.head, self.card.classes
        if head in ("logits", "probabilities"):
            scores = answer.ravel()
            probabilities = softmax(scores) if head == "logits" else scores
            return classified(classes, probabilities, features), probabilities
        found = heads.decode(head, answer, len(classes))
        names = heads.class_names(head, classes, found.classes)
        return to_output(found, item.frame, names, features), None


def load(
    card: ModelCard, weights: Path, cache_dir: Path, threads: int, precision: Precision
) -> OwnModel:
    """Load the model of `card`; its graph is converted at the first call, see `conversion`.

    Raises:
        UnusableFile: the file does not fit the recipe.
    """
    graph = converted(card, weights, cache_dir)
    return OwnModel(card, openvino_runtime.Network(graph, threads, precision))


def load_in_torch(card: ModelCard, weights: Path, device: str, precision: Precision) -> OwnModel:
    """Load the model of `card`, weights of a known architecture, on torch's `device`.

    Raises:
        UnusableFile: the file does not fit the recipe.
    """
    recipe = card.recipe
    assert recipe is not None
    network = _torch_graph(card, weights).with_features(card.input_size, recipe.layer)
    reverse = recipe.colours == "bgr"
    return OwnModel(card, TorchNetwork(network, _normalisation(recipe), device, precision, reverse))


def _torch_graph(card: ModelCard, path: Path) -> TorchGraph:
    assert card.recipe is not None and card.recipe.architecture is not None
    state = state_dict.read(path, path.suffix)
    return network_of(card.recipe.architecture, state, len(card.classes))


def convert(card: ModelCard, path: Path) -> ov.Model:
    """The graph of a card's file: uint8 images in, answer and features (1, D) out.

    Raises:
        UnusableFile: the file does not fit the recipe.
    """
    recipe = card.recipe
    assert recipe is not None
    if recipe.architecture is None:
        return _finished(*_with_features(open_onnx(path, card.input_size), recipe), recipe)
    module = _torch_graph(card, path)
    return _finished(module.graph(card.input_size, recipe.layer), "NCHW", recipe)


def _with_features(opened: "OnnxGraph", recipe: Recipe) -> tuple[ov.Model, str]:
    found = heads.recognise(opened.graph)
    results = opened.graph.get_results()
    main = results[found.index].input(0).get_source_output()
    if recipe.layer is not None:
        maps = [layers.named(opened.graph, recipe.layer)]
    elif found.head in ("logits", "probabilities"):
        entry = layers.before_output(opened.graph, main)
        if entry is None:
            raise UnusableFile("no_features")
        maps = [entry]
    else:
        maps = layers.detection_maps(opened.graph)
    pooled = [layers.pooled(item) for item in maps]
    features = pooled[0] if len(pooled) == 1 else ops.concat(pooled, axis=1).output(0)
    outputs = [results[found.index], ops.result(features)]
    return ov.Model(outputs, opened.graph.get_parameters()), opened.layout


def _finished(graph: ov.Model, layout: str, recipe: Recipe) -> ov.Model:
    return accept_uint8(graph, _normalisation(recipe), layout, recipe.colours == "bgr")


def _normalisation(recipe: Recipe) -> Normalisation:
    """Of the channels in the order in which the network takes them."""
    order = slice(None, None, -1 if recipe.colours == "bgr" else 1)
    mean = tuple(255 * value for value in recipe.mean)[order]
    std = tuple(255 * value for value in recipe.std)[order]
    return Normalisation(mean, std)  # type: ignore[arg-type]


@dataclass(frozen=True)
class OnnxGraph:
    """An ONNX file as a graph for one image of a fixed size.

    Attributes:
        layout: of its input, NCHW or NHWC.
        own_size: height and width that the file itself fixes; None where any will do.
    """

    graph: ov.Model
    layout: str
    own_size: tuple[int, int] | None


def open_onnx(path: Path, size: tuple[int, int] | None = None) -> OnnxGraph:
    """Read an ONNX file that `onnx_file.read` has found harmless.

    Args:
        size: height and width of the input; None: the file's own, or 224 pixels where any will do.

    Raises:
        UnusableFile: OpenVINO cannot run it, its input is no colour image, or not of this size.
    """
    try:
        graph = ov.Core().read_model(path)
    except RuntimeError as error:
        raise UnusableFile("not_readable", detail=_last_line(error)) from None
    inputs = graph.get_parameters()
    if len(inputs) != 1:
        raise UnusableFile("many_inputs", n=len(inputs))
    shape = inputs[0].get_partial_shape()
    described = str(shape)
    sides = [-1 if d.is_dynamic else d.get_length() for d in shape] if shape.rank.is_static else []
    if len(sides) != 4 or 3 not in (sides[1], sides[3]):
        raise UnusableFile("not_colour", shape=described)
    layout = "NCHW" if sides[1] == 3 else "NHWC"
    height, width = sides[2:] if layout == "NCHW" else sides[1:3]
    own = (height, width) if height > 0 and width > 0 else None
    chosen = size or own or (224, 224)
    wanted = [1, 3, *chosen] if layout == "NCHW" else [1, *chosen, 3]
    try:
        graph.reshape(wanted)
    except RuntimeError as error:
        raise UnusableFile(
            "wrong_size", height=chosen[0], width=chosen[1], detail=_last_line(error)
        ) from None
    return OnnxGraph(graph, layout, own)


def _last_line(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return (lines or ["?"])[-1][:200]
