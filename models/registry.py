"""Load any model of the catalogue."""

import importlib
from pathlib import Path
from typing import cast

from models.adapter import VisionModel
from models.catalogue import card
from models.weights import require


def load(key: str, weights_dir: Path, cache_dir: Path, threads: int = 0) -> VisionModel:
    """Load the model `key` from its weights, which `models.weights.fetch` has put there.

    A family is a module of this package with a `load(card, weights, cache_dir, threads)`.

    Args:
        cache_dir: folder for converted graphs.
        threads: CPU threads to use, 0 for all.

    Raises:
        UnknownModel: there is no such model.
        WeightsMissing: its weights were not fetched.
        WeightsCorrupt: another file is in their place.
    """
    entry = card(key)
    weights = require(entry, weights_dir)
    family = importlib.import_module(f"models.{entry.family}")
    return cast(VisionModel, family.load(entry, weights, cache_dir, threads))
