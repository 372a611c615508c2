"""Choosing a precision: on vectors worked out by hand, and on models that differ or do not."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models import precision
from models.adapter import Detection, Output, Picture, Prepared
from models.catalogue import card
from models.formats import MIN_BOXES, box_agreement, check_of, recall_at
from models.geometry import stretch
from models.precision import compare, fastest, sample_crops


class Colours:
    """A model whose features are the mean colour, rounded to steps in the fast format."""

    def __init__(self, name: str, step: float) -> None:
        self.card, self.device, self._step = card("mobilenet_v2"), name, step

    def prepare(self, image: Picture) -> Prepared:
        return stretch(image, (32, 32))

    def infer(self, batch: Sequence[Prepared]) -> list[Output]:
        outputs = []
        for item in batch:
            colour = item.pixels.mean((0, 1)) - 110
            features = np.round(colour / self._step) * self._step
            outputs.append(Output("rgb"[int(features.argmax())], 1.0, features.astype(np.float32)))
        return outputs


def test_recall_of_neighbours_by_hand() -> None:
    exact = [np.array(v, np.float32) for v in ((1, 0), (1, 0.1), (0, 1), (0.1, 1))]
    turned = [exact[0], exact[2], exact[1], exact[3]]
    assert recall_at(1, exact, exact) == 1.0
    # Neighbours are 0-1 and 2-3; after the swap of 1 and 2 they are 0-2 and 1-3.
    assert recall_at(1, exact, turned) == 0.0


def test_the_sample_is_always_the_same() -> None:
    first, second = list(sample_crops(8)), list(sample_crops(8))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert {crop.dtype for crop in first} == {np.dtype(np.uint8)}


def test_a_coarse_format_fails_and_a_fine_one_passes() -> None:
    exact = Colours("exact", 1e-6)
    assert compare(exact, Colours("fine", 1e-5)).passed
    assert not compare(exact, Colours("coarse", 20.0)).passed


def test_features_of_both_formats_among_each_other_are_compared_too() -> None:
    exact = [np.array([np.cos(a), np.sin(a)], np.float32) for a in np.arange(24) / 8]
    # Turned as a whole, so that each still finds the same ones among its like.
    turned = [np.array([np.cos(a), np.sin(a)], np.float32) for a in np.arange(24) / 8 + 1]
    assert recall_at(10, exact, turned) == 1.0
    check = check_of(
        [Output("a", 1.0, x) for x in exact],
        [Output("a" if i else "b", 1.0, x) for i, x in enumerate(turned)],
        "classification",
    )
    assert check.recall < 0.9
    assert (check.agreement, check.images) == (23 / 24, 24)
    assert not check.passed


def found(*boxes: Detection) -> Output:
    return Output(boxes[0].label, boxes[0].confidence, np.ones(2, np.float32), boxes)


def box(x0: float, label: str = "a", confidence: float = 0.9) -> Detection:
    """A square of a tenth of the width, so that one shifted by a thirtieth overlaps by a half."""
    return Detection(label, confidence, (x0, 0.0, x0 + 0.1, 0.1))


@pytest.mark.parametrize(
    ("exact", "fast", "pairs"),
    [
        ((box(0.0), box(0.5)), (box(0.5), box(0.0)), 2),
        ((box(0.0),), (box(0.0, "b"),), 0),  # another class
        ((box(0.0),), (box(0.03),), 1),  # 0.07 / 0.13 = 0.54
        ((box(0.0),), (box(0.035),), 0),  # 0.065 / 0.135 = 0.48
        # The surest comes first and takes the one that it overlaps most; none is taken twice.
        ((box(0.0), box(0.03)), (box(0.03, confidence=0.8), box(0.01)), 2),
        ((box(0.0),), (box(0.0), box(0.0, confidence=0.3)), 1),
    ],
)
def test_pairs_of_boxes_by_hand(
    exact: tuple[Detection, ...], fast: tuple[Detection, ...], pairs: int
) -> None:
    images = 60
    share = pairs / max(len(exact), len(fast))
    assert box_agreement([found(*exact)] * images, [found(*fast)] * images) == share
    assert box_agreement([found(*fast)] * images, [found(*exact)] * images) == share


def test_a_lost_box_and_a_new_one_count_alike_and_few_boxes_say_nothing() -> None:
    one, two = found(box(0.0)), found(box(0.0), box(0.5))
    many = [one] * 99
    assert box_agreement([*many, two], [*many, one]) == 100 / 101
    assert box_agreement([*many, one], [*many, two]) == 100 / 101
    few = [one] * (MIN_BOXES - 1)
    assert box_agreement(few, few) == 0.0
    assert box_agreement([*few, one], [*few, one]) == 1.0
    nothing = [Output(None, None, np.ones(2, np.float32))] * 100
    assert check_of(nothing, nothing, "detection").passed is False


def test_the_check_of_a_detector_is_about_all_its_boxes() -> None:
    """Not about the surest one's class, which is the same here in every image."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 8)).astype(np.float32)
    exact = [Output("a", 0.9, v, (box(0.0), box(0.5, "b", 0.3))) for v in vectors]
    fast = [Output("a", 0.9, v, (box(0.0),)) for v in vectors]
    assert check_of(exact, fast, "classification").agreement == 1.0
    assert check_of(exact, fast, "detection").agreement == 0.5
    assert check_of(exact, exact, "detection").passed


@pytest.mark.parametrize(
    ("steps", "expected", "loads"),
    [
        ({"bf16": 1e-5, "mixed": 20.0}, "bf16", ["f32", "bf16"]),
        ({"bf16": 20.0, "mixed": 1e-5}, "mixed", ["f32", "bf16", "mixed"]),
        ({"bf16": 20.0, "mixed": 20.0}, "f32", ["f32", "bf16", "mixed"]),
    ],
)
def test_the_fastest_format_that_passes_is_kept(
    steps: dict[str, float],
    expected: str,
    loads: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(precision, "chip_has", lambda _precision: True)
    loaded: list[str] = []

    def load(name: str) -> Colours:
        loaded.append(name)
        return Colours(name, steps.get(name, 1e-6))

    def found() -> str:
        return fastest(load, ("bf16", "mixed"), "ab" * 32, tmp_path)

    assert found() == expected
    assert loaded == loads
    assert found() == expected
    assert loaded == loads
    records = list(tmp_path.iterdir())
    assert len(records) == len(loads) - 1
    assert {json.loads(record.read_text())["images"] for record in records} == {128}
    for record in records:
        record.write_text("{broken")
    assert found() == expected
    assert loaded == loads * 2


def test_a_chip_without_the_format_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "chip_has", lambda _precision: False)
    found = fastest(lambda name: Colours(name, 1.0), ("bf16",), "ab" * 32, tmp_path)
    assert found == "f32"
    assert list(tmp_path.iterdir()) == []
