"""EfficientNet-Lite in timm's implementation of the TensorFlow original (Liu, 2020)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import openvino as ov

from models.card import ModelCard
from models.classifier import Classifier, to_graph
from models.conversion import converted
from models.formats import Precision
from models.openvino_runtime import Network, Normalisation
from models.torch_runtime import TorchNetwork

if TYPE_CHECKING:
    import torch

_HALF = Normalisation(mean=(127.5, 127.5, 127.5), std=(127.5, 127.5, 127.5))


def load(
    card: ModelCard, weights: Path, cache_dir: Path, threads: int, precision: Precision
) -> Classifier:
    """Load the model of `card` from its weights file."""
    return Classifier(card, Network(converted(card, weights, cache_dir), threads, precision))


def convert(card: ModelCard, weights: Path) -> ov.Model:
    """The graph of `card`, see `models.conversion`."""
    return to_graph(build(card, weights), card.input_size, _HALF)


def load_in_torch(card: ModelCard, weights: Path, device: str, precision: Precision) -> Classifier:
    """Load the model of `card` on torch's `device`."""
    return Classifier(card, TorchNetwork(build(card, weights), _HALF, device, precision))


def build(card: ModelCard, weights: Path) -> "torch.nn.Module":
    """The torch module with two outputs: features (N, 1280) and logits (N, 1000)."""
    import timm
    import torch

    class FeaturesAndLogits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network: Any = timm.create_model(f"tf_{card.key}", pretrained=False)

        def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            maps = self.network.forward_features(images)
            features = self.network.forward_head(maps, pre_logits=True)
            return features, self.network.get_classifier()(features)

    module = FeaturesAndLogits()
    state = torch.load(weights, map_location="cpu", weights_only=True)
    module.network.load_state_dict(rename(state, module.network.state_dict()))
    return module.eval()


def rename(state: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
    """`state` under the names of `target`.

    Both implementations create the same layers in the same order under different names, so the
    order pairs them; the last part of the name (weight, running_mean, ...) and the shape of every
    tensor must agree.

    Raises:
        ValueError: the two do not belong to the same network.
    """
    renamed = {}
    for (source, tensor), (name, expected) in zip(state.items(), target.items(), strict=True):
        same_kind = source.rpartition(".")[2] == name.rpartition(".")[2]
        if not same_kind or tensor.shape != expected.shape:
            raise ValueError(f"{source} {tuple(tensor.shape)} does not fit {name}")
        renamed[name] = tensor
    return renamed
