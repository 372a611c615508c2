"""A model that decides by its first images: when, by what, and what runs before and after."""

from collections.abc import Sequence

import numpy as np
import pytest

from models.adapter import Detection, Output, Picture, Prepared
from models.card import Task
from models.catalogue import card
from models.deciding import SAMPLE, Deciding
from models.formats import Check
from models.geometry import Frame


class Rounded:
    """Features are the image's own numbers, rounded to a step."""

    def __init__(self, device: str, step: float, task: Task = "classification") -> None:
        key = "mobilenet_v2" if task == "classification" else "yolo11n"
        self.card, self.device, self._step, self.seen = card(key), device, step, 0

    def prepare(self, image: Picture) -> Prepared:
        raise NotImplementedError

    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        self.seen += len(batch)
        outputs = []
        for item in batch:
            numbers = item.pixels.ravel().astype(np.float32) - 128
            rounded = np.round(numbers / self._step) * self._step
            label = "abcdefgh"[int(rounded.argmax())]
            found = (Detection(label, 1.0, (0.0, 0.0, 1.0, 1.0)),)
            boxes = found if self.card.task == "detection" else ()
            outputs.append(Output(label, 1.0, rounded, boxes))
        return outputs


def images(n: int, seed: int = 0) -> list[Prepared]:
    pixels = np.random.default_rng(seed).integers(0, 256, (n, 1, 8, 1), np.uint8)
    frame = Frame(0, 0, 8, 1)
    return [Prepared(item, frame) for item in pixels]


@pytest.mark.parametrize(
    ("step", "task", "then"),
    [
        (1e-3, "classification", "bf16"),
        (90.0, "classification", "f32"),
        (1e-3, "detection", "bf16"),
        (90.0, "detection", "f32"),
    ],
)
def test_the_sample_decides_once(step: float, task: Task, then: str) -> None:
    exact, fast = Rounded("f32", 1e-6, task), Rounded("bf16", step, task)
    loads: list[int] = []
    checks: list[Check] = []
    model = Deciding(exact, lambda: (loads.append(1), fast)[1], checks.append)
    sample = SAMPLE[task]
    model.infer(images(sample - 1))
    assert (model.device, loads, checks) == ("f32", [], [])
    last = images(40, seed=1)
    answers = model.infer(last)
    # Those that complete the sample are still answered in f32.
    assert all(
        np.array_equal(a.features, b.features)
        for a, b in zip(answers, exact.infer(last), strict=True)
    )
    assert (model.device, len(loads), len(checks)) == (then, 1, 1)
    assert (checks[0].images, checks[0].passed, fast.seen) == (sample, then == "bf16", sample)
    exact_before = exact.seen
    model.infer(images(10, seed=2))
    assert (exact.seen - exact_before, fast.seen - sample) == (
        (0, 10) if then == "bf16" else (10, 0)
    )
    assert (len(loads), len(checks)) == (1, 1)


def test_a_fast_format_that_cannot_be_loaded_shows_itself() -> None:
    def broken() -> Rounded:
        raise RuntimeError("no such format")

    model = Deciding(Rounded("f32", 1.0), broken, lambda check: None)
    with pytest.raises(RuntimeError):
        model.infer(images(300))
