"""MobileNetV2 in torchvision's implementation (Sandler et al., 2018, arXiv:1801.04381)."""

from pathlib import Path
from typing import TYPE_CHECKING

import openvino as ov

from models.card import ModelCard
from models.classifier import Classifier, to_graph
from models.conversion import converted
from models.formats import Precision
from models.openvino_runtime import Network, Normalisation
from models.torch_runtime import TorchNetwork

if TYPE_CHECKING:
    import torch

_IMAGENET = Normalisation(
    mean=(0.485 * 255, 0.456 * 255, 0.406 * 255), std=(0.229 * 255, 0.224 * 255, 0.225 * 255)
)


def load(
    card: ModelCard, weights: Path, cache_dir: Path, threads: int, precision: Precision
) -> Classifier:
    """Load the model of `card` from its weights file."""
    return Classifier(card, Network(converted(card, weights, cache_dir), threads, precision))


def convert(card: ModelCard, weights: Path) -> ov.Model:
    """The graph of `card`, see `models.conversion`."""
    return to_graph(build(weights), card.input_size, _IMAGENET)


def load_in_torch(card: ModelCard, weights: Path, device: str, precision: Precision) -> Classifier:
    """Load the model of `card` on torch's `device`."""
    return Classifier(card, TorchNetwork(build(weights), _IMAGENET, device, precision))


def build(weights: Path) -> "torch.nn.Module":
    """The torch module with two outputs: features (N, 1280) and logits (N, 1000)."""
    import torch
    from torchvision.models import mobilenet_v2

    class FeaturesAndLogits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = mobilenet_v2()

        def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            features = self.network.features(images).mean((2, 3))
            return features, self.network.classifier(features)

    module = FeaturesAndLogits()
    module.network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return module.eval()
