"""Trying a model on a few images before it is kept."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import own
from models.adapter import Detection, Output
from models.card import ModelCard
from models.conversion import converted_here
from models.errors import UnusableFile

_FIRST = 3  # classes of an image that are shown


@dataclass(frozen=True)
class Answer:
    """What a model said of one image.

    Attributes:
        first: a classifier's most probable classes with their probabilities, at most three.
    """

    label: str | None
    confidence: float | None
    detections: tuple[Detection, ...]
    first: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Trial:
    """How a model did on a few images.

    Attributes:
        load_seconds: until it was ready; converting included where that was needed.
        image_milliseconds: of preparing and inferring, an image, on average.
        feature_size: length of the feature vectors.
    """

    answers: tuple[Answer, ...]
    device: str
    load_seconds: float
    image_milliseconds: float
    feature_size: int


def _answer(card: ModelCard, output: Output, probabilities: NDArray[np.float32] | None) -> Answer:
    first: tuple[tuple[str, float], ...] = ()
    if probabilities is not None:
        best = np.argsort(-probabilities, kind="stable")[:_FIRST]
        first = tuple((card.classes[i], float(probabilities[i])) for i in best)
    return Answer(output.label, output.confidence, output.detections, first)


def try_model(
    card: ModelCard,
    weights: Path,
    cache_dir: Path,
    pictures: Sequence[NDArray[np.uint8]],
    threads: int = 0,
) -> Trial:
    """Load the model and run it on upright pictures (height, width, 3) RGB.

    Raises:
        UnusableFile: it cannot be run so, or gives numbers that are none.
    """
    began = time.perf_counter()
    converted_here(card, weights, cache_dir)  # this process is one of its own, see `sandbox`
    model = own.load(card, weights, cache_dir, threads, "f32")
    ready = time.perf_counter()
    answers = model.infer_in_full([model.prepare(picture) for picture in pictures])
    ended = time.perf_counter()
    outputs = [output for output, _ in answers]
    for output in outputs:
        if not np.isfinite(output.features).all():
            raise UnusableFile("not_finite")
        if output.confidence is not None and not 0 <= output.confidence <= 1.0001:
            raise UnusableFile("not_confidence", value=f"{output.confidence:.3g}")
    return Trial(
        tuple(_answer(card, *each) for each in answers),
        model.device,
        ready - began,
        1000 * (ended - ready) / max(len(pictures), 1),
        len(outputs[0].features) if outputs else 0,
    )
