"""Networks that others wrote, as OpenVINO graphs: converted once, then read from a folder.

A family whose files OpenVINO does not read has a function `convert`, which takes the card and the
weights and gives the graph. It mostly needs torch, which takes a gigabyte and gives it back only
when its process ends. So a process of its own converts.
"""

import importlib
from collections.abc import Callable
from pathlib import Path

import openvino as ov

from models.card import ModelCard
from models.openvino_runtime import cached_graph
from models.sandbox import convert_apart


def converted(
    card: ModelCard,
    weights: Path,
    cache_dir: Path,
    cancelled: Callable[[], bool] = lambda: False,
) -> ov.Model:
    """The graph of `card`: from `cache_dir`, else converted into it by a process of its own.

    Raises:
        UnusableFile: the weights do not fit, or the process died, took too long or much memory.
        FetchCancelled: `cancelled` said so.
    """

    def write(target: Path) -> None:
        convert_apart(card, weights, target, cancelled)

    return cached_graph(weights, card.fingerprint, cache_dir, write)


def converted_here(card: ModelCard, weights: Path, cache_dir: Path) -> ov.Model:
    """The same, where this process may take torch into its memory.

    Raises:
        UnusableFile: the weights do not fit.
    """
    return cached_graph(
        weights, card.fingerprint, cache_dir, lambda target: write_graph(card, weights, target)
    )


def write_graph(card: ModelCard, weights: Path, target: Path) -> None:
    """Convert `weights` in this process and save the graph as `target`; errors as above."""
    family = importlib.import_module(f"models.{card.family}")
    ov.save_model(family.convert(card, weights), target, compress_to_fp16=False)
