"""Image classifiers that are defined in torch and run in OpenVINO."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from models.adapter import Network, Output
from models.card import ModelCard
from models.geometry import Picture, Prepared, stretch
from models.openvino_runtime import Normalisation, accept_uint8

if TYPE_CHECKING:
    import torch


class Classifier:
    """A `VisionModel` around a network with two outputs: features, then logits.

    The whole image is stretched to the input square, see `geometry.stretch`.
    """

    def __init__(self, card: ModelCard, network: Network) -> None:
        self.card = card
        self.device = network.device
        self._network = network

    def prepare(self, image: Picture) -> Prepared:
        """Stretch an upright image to the input size."""
        return stretch(image, self.card.input_size)

    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        """Class, probability and features of each image."""
        return [
            classified(self.card.classes, softmax(logits), features)
            for features, logits in self._network.run([item.pixels for item in batch])
        ]


def classified(
    classes: tuple[str, ...], probabilities: NDArray[np.float32], features: NDArray[np.float32]
) -> Output:
    """The output for an image with these (classes,) probabilities."""
    second, best = (int(i) for i in np.argpartition(probabilities, -2)[-2:])
    return Output(
        classes[best],
        float(probabilities[best]),
        features,
        entropy=entropy(probabilities),
        margin=float(probabilities[best] - probabilities[second]),
    )


def to_graph(
    module: "torch.nn.Module", size: tuple[int, int], normalisation: Normalisation
) -> ov.Model:
    """A torch classifier as a graph for one uint8 image.

    Args:
        module: its forward takes float32 (1, 3, height, width) and gives features
            (1, feature_size) and logits (1, classes).
        size: height and width of the input in pixels.
    """
    import torch

    example = torch.zeros(1, 3, *size)
    with torch.inference_mode():
        graph = ov.convert_model(torch.export.export(module, (example,)))
    graph.reshape([1, 3, *size])
    return accept_uint8(graph, normalisation)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of (classes,) logits."""
    exponentials: NDArray[np.float32] = np.exp(logits - logits.max())
    probabilities: NDArray[np.float32] = exponentials / exponentials.sum()
    return probabilities


def entropy(probabilities: NDArray[np.float32]) -> float:
    """Shannon entropy of (classes,) probabilities as a share of the greatest, ln(classes)."""
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log(positive)).sum() / np.log(len(probabilities)))
