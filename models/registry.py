"""Load any model that has a card."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Literal, cast

from models.adapter import VisionModel
from models.card import ModelCard
from models.catalogue import CATALOGUE, card
from models.conversion import converted
from models.errors import NoGraphicsCard
from models.formats import Precision
from models.precision import fastest
from models.repeating import Repeating
from models.torch_runtime import cuda_available
from models.weights import require


@dataclass(frozen=True)
class Place:
    """Where models are loaded from, and what they run on.

    Attributes:
        cache_dir: folder for converted graphs and checks of precision.
        threads: CPU threads to use, 0 for all.
        cards: the models there are, by key.
        device: "auto" takes a graphics card with CUDA where there is one. Networks that are not
            torch's run on the CPU all the same.
    """

    weights_dir: Path
    cache_dir: Path
    threads: int = 0
    cards: Mapping[str, ModelCard] = field(default_factory=lambda: CATALOGUE)
    device: Literal["auto", "cpu", "cuda"] = "auto"


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
        precision: "auto": the one that `fastest_precision` finds. The others are those of `Place`.

    Raises:
        UnknownModel: there is no such model.
        WeightsMissing: its weights were not fetched.
        WeightsCorrupt: another file is in their place.
        NoGraphicsCard: `device` is "cuda", and there is none.
    """
    place = Place(weights_dir, cache_dir, threads, cards, device)
    load_in, _ = _loader(key, place)
    return load_in(fastest_precision(key, place) if precision == "auto" else precision)


def convert(key: str, place: Place, cancelled: Callable[[], bool]) -> None:
    """Bring the model `key` into the form in which `load` finds it at once, if that is needed.

    Raises:
        UnusableFile: the weights do not fit, or the process that converts them died, took too long
            or much memory.
        FetchCancelled: `cancelled` said so.

    The other errors are those of `load`.
    """
    entry = card(key, place.cards)
    weights = require(entry, place.weights_dir)
    family = importlib.import_module(f"models.{entry.family}")
    in_torch = _on_cuda(place.device) and _is_torchs(entry, family)
    if hasattr(family, "convert") and not in_torch:
        converted(entry, weights, place.cache_dir, cancelled)


def fastest_precision(key: str, place: Place) -> Precision:
    """The fastest format in which the model `key` keeps its answers on photos.

    The first call on a machine finds it out, see `models.precision`. Arguments and errors are those
    of `load`.
    """
    entry = card(key, place.cards)
    load_in, cuda = _loader(key, place)
    # Graphs of other makers hold operations that were never tried in a mixture.
    mixes = entry.recipe is None and not cuda
    candidates: tuple[Precision, ...] = ("bf16", "mixed") if mixes else ("bf16",)
    return fastest(load_in, candidates, entry.fingerprint, place.cache_dir, cuda)


def _loader(key: str, place: Place) -> tuple[Callable[[Precision], VisionModel], bool]:
    """What loads the model in a format, and whether it does so on a graphics card."""
    entry = card(key, place.cards)
    weights = require(entry, place.weights_dir)
    family = importlib.import_module(f"models.{entry.family}")

    def load_on_cpu(chosen: Precision) -> VisionModel:
        model = family.load(entry, weights, place.cache_dir, place.threads, chosen)
        if chosen == "mixed" and entry.task == "classification":
            return Repeating(load_on_cpu("f32"), model)
        return cast(VisionModel, model)

    def load_on_cuda(chosen: Precision) -> VisionModel:
        # Torch has no mixed graph.
        chosen = "f32" if chosen == "mixed" else chosen
        return cast(VisionModel, family.load_in_torch(entry, weights, "cuda", chosen))

    cuda = _on_cuda(place.device) and _is_torchs(entry, family)
    return (load_on_cuda if cuda else load_on_cpu), cuda


def _on_cuda(device: str) -> bool:
    if device == "cpu":
        return False
    if device == "cuda" and not cuda_available():
        raise NoGraphicsCard
    return cuda_available()


def _is_torchs(entry: ModelCard, family: ModuleType) -> bool:
    """Whether the network can run in torch: not where somebody's file is a graph of ONNX, or gives
    boxes, which are found in one image at a time."""
    recipe = entry.recipe
    not_so = recipe is not None and (recipe.architecture is None or recipe.head == "pairs")
    return hasattr(family, "load_in_torch") and not not_so
