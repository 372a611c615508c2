"""Load any model that has a card."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Literal, cast

from models.adapter import VisionModel
from models.card import ModelCard
from models.catalogue import CATALOGUE, card
from models.errors import NoGraphicsCard
from models.openvino_runtime import Precision
from models.precision import best
from models.torch_runtime import cuda_available
from models.weights import require


def load(
    key: str,
    weights_dir: Path,
    cache_dir: Path,
    threads: int = 0,
    precision: Precision | Literal["auto"] = "auto",
    cards: Mapping[str, ModelCard] = CATALOGUE,
    device: Literal["auto", "cpu", "cuda"] = "auto",
) -> VisionModel:
    """Load the model `key` from its weights, which `models.weights.fetch` has put there.

    A family is a module of this package whose `load` takes the card, the weights file, `cache_dir`,
    `threads` and the precision; where the network is torch's there is `load_in_torch` beside it,
    which takes the card, the weights file, torch's device and the precision.

    Args:
        cache_dir: folder for converted graphs and checks of precision.
        threads: CPU threads to use, 0 for all.
        precision: "auto" takes bf16 where the chip has it and the model keeps its answers in it
            (see `models.precision`), which the first load on a machine finds out.
        cards: the models there are, by key.
        device: "auto" takes a graphics card with CUDA where there is one. Networks that are not
            torch's run on the CPU all the same.

    Raises:
        UnknownModel: there is no such model.
        WeightsMissing: its weights were not fetched.
        WeightsCorrupt: another file is in their place.
        NoGraphicsCard: `device` is "cuda", and there is none.
    """
    entry = card(key, cards)
    weights = require(entry, weights_dir)
    family = importlib.import_module(f"models.{entry.family}")

    def load_on_cpu(chosen: Precision) -> VisionModel:
        return cast(VisionModel, family.load(entry, weights, cache_dir, threads, chosen))

    def load_on_cuda(chosen: Precision) -> VisionModel:
        return cast(VisionModel, family.load_in_torch(entry, weights, "cuda", chosen))

    cuda = _on_cuda(device) and _is_torchs(entry, family)
    load_in = load_on_cuda if cuda else load_on_cpu
    if precision != "auto":
        return load_in(precision)
    return best(load_in, entry.fingerprint, cache_dir, cuda)


def _on_cuda(device: str) -> bool:
    if device == "cpu":
        return False
    if device == "cuda" and not cuda_available():
        raise NoGraphicsCard
    return cuda_available()


def _is_torchs(entry: ModelCard, family: ModuleType) -> bool:
    """Whether the network can run in torch: not where somebody's file is a graph of ONNX."""
    in_file = entry.recipe is not None and entry.recipe.architecture is None
    return hasattr(family, "load_in_torch") and not in_file
