"""Load any model that has a card."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

from models.adapter import VisionModel
from models.card import ModelCard
from models.catalogue import CATALOGUE, card
from models.openvino_runtime import Precision
from models.precision import best
from models.weights import require


def load(
    key: str,
    weights_dir: Path,
    cache_dir: Path,
    threads: int = 0,
    precision: Precision | Literal["auto"] = "auto",
    cards: Mapping[str, ModelCard] = CATALOGUE,
) -> VisionModel:
    """Load the model `key` from its weights, which `models.weights.fetch` has put there.

    A family is a module of this package whose `load` takes the card, the weights file, `cache_dir`,
    `threads` and the precision.

    Args:
        cache_dir: folder for converted graphs and checks of precision.
        threads: CPU threads to use, 0 for all.
        precision: "auto" takes bf16 where the chip has it and the model keeps its answers in it
            (see `models.precision`), which the first load on a machine finds out.
        cards: the models there are, by key.

    Raises:
        UnknownModel: there is no such model.
        WeightsMissing: its weights were not fetched.
        WeightsCorrupt: another file is in their place.
    """
    entry = card(key, cards)
    weights = require(entry, weights_dir)
    family = importlib.import_module(f"models.{entry.family}")

    def load_in(chosen: Precision) -> VisionModel:
        return cast(VisionModel, family.load(entry, weights, cache_dir, threads, chosen))

    if precision != "auto":
        return load_in(precision)
    return best(load_in, entry.fingerprint, cache_dir)
