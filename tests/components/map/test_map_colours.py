"""Codes, palette and legend of categorical and continuous colours."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.map.colours import (
    CLASS_COLOURS,
    DIMMED_CODE,
    RGB,
    categorical,
    continuous,
    css,
    dimmed,
)


def test_most_frequent_class_comes_first_and_ties_go_by_name() -> None:
    colours = categorical(["b", "a", "c", "c", None])
    assert [(e["label"], e["count"]) for e in colours.entries] == [
        ("c", 2),
        ("a", 1),
        ("b", 1),
        ("", 1),
    ]
    assert colours.codes.tolist() == [2, 1, 0, 0, 4]
    assert colours.entries[0]["colour"] == "#0072b2"
    assert colours.entries[-1]["kind"] == "none"


def test_classes_beyond_the_palette_share_one_line() -> None:
    values = [f"class {i:02}" for i in range(25)] + ["class 00"]
    colours = categorical(values)
    assert [e["kind"] for e in colours.entries] == ["class"] * 20 + ["other"]
    assert colours.entries[-1]["count"] == 5
    assert set(colours.codes[20:25].tolist()) == {colours.entries[-1]["code"]}


def test_class_may_be_called_like_anything() -> None:
    colours = categorical(["", "other", "none", None])
    assert sorted((e["kind"], e["label"]) for e in colours.entries) == [
        ("class", ""),
        ("class", "none"),
        ("class", "other"),
        ("none", ""),
    ]


@given(st.lists(st.one_of(st.none(), st.sampled_from([f"c{i}" for i in range(30)]))))
def test_legend_counts_every_point_once(values: list[str | None]) -> None:
    colours = categorical(values)
    assert colours.codes.shape == (len(values),)
    for entry in colours.entries:
        assert int((colours.codes == entry["code"]).sum()) == entry["count"] > 0
    assert sum(entry["count"] for entry in colours.entries) == len(values)
    assert colours.codes.max(initial=0) < len(colours.palette)


def test_scale_runs_from_lowest_to_highest() -> None:
    colours = continuous([1.0, 3.0, np.nan, 2.0], unit="mm", title="Width")
    assert colours.codes.tolist() == [0, 253, 254, 126]
    assert colours.scale is not None
    assert (colours.scale["low"], colours.scale["high"]) == (1.0, 3.0)
    assert colours.scale["unit"] == "mm"
    assert colours.palette[0] == (0x44, 0x01, 0x54)
    assert colours.palette[253] == (0xFD, 0xE7, 0x25)
    assert [(e["kind"], e["count"], e["code"]) for e in colours.entries] == [("none", 1, 254)]


def test_equal_values_lie_in_the_middle_of_the_scale() -> None:
    assert continuous([5.0, 5.0]).codes.tolist() == [126, 126]


@pytest.mark.parametrize("values", [[], [np.nan, np.inf, -np.inf]])
def test_without_a_value_there_is_no_scale(values: list[float]) -> None:
    colours = continuous(values)
    assert colours.scale is None
    assert colours.codes.tolist() == [254] * len(values)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1))
def test_order_of_values_is_the_order_of_codes(values: list[float]) -> None:
    colours = continuous(values)
    assert len(colours.palette) == 255
    known = [(v, c) for v, c in zip(values, colours.codes.tolist(), strict=True) if np.isfinite(v)]
    codes = [code for _, code in sorted(known)]
    assert codes == sorted(codes)
    assert all(code < 254 for code in codes)


def test_dimmed_points_leave_their_class_and_its_count() -> None:
    colours = dimmed(categorical(["a", "b", "a", None]), np.array([True, False, False, False]))
    assert colours.codes.tolist() == [0, DIMMED_CODE, DIMMED_CODE, DIMMED_CODE]
    counts = [(entry["kind"], entry["label"], entry["count"]) for entry in colours.entries]
    assert counts == [("class", "a", 1), ("class", "b", 0), ("none", "", 0), ("dimmed", "", 3)]


def test_nothing_dimmed_changes_nothing() -> None:
    colours = continuous([1.0, np.nan])
    same = dimmed(colours, np.array([True, True]))
    assert same.codes.tolist() == colours.codes.tolist()
    assert same.entries == colours.entries


# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
_VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(colour: RGB, vision: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """CIE 1976 L*a*b* (D65) of an sRGB colour as an eye of this vision sees it."""
    srgb = np.array(colour) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    xyz = _TO_XYZ @ np.clip(vision @ linear, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", _VISION)
def test_first_colours_differ_for_all_kinds_of_colour_vision(vision: str) -> None:
    seen = [lab(colour, _VISION[vision]) for colour in CLASS_COLOURS[:7]]
    distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)]
    assert min(distances) > 15, min(distances)


def test_all_class_colours_differ() -> None:
    seen = [lab(colour, _VISION["full"]) for colour in CLASS_COLOURS]
    distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)]
    assert len(CLASS_COLOURS) == 20
    assert min(distances) > 12, min(distances)


def test_classes_keep_a_colour_of_their_own_and_no_other_class_has_it() -> None:
    first, second = (css(colour) for colour in CLASS_COLOURS[:2])
    colours = categorical(["a", "b", "b", "c"], own={"a": first.upper(), "x": "#123456"})
    by_label = {e["label"]: e["colour"] for e in colours.entries}
    assert by_label["a"] == first
    assert by_label["b"] == second
    assert len(set(by_label.values())) == 3
    assert colours.palette[colours.codes[0]] == CLASS_COLOURS[0]
