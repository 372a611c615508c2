"""Tone mapping: hand-worked values, every type of number, and values that are none."""

import numpy as np
import pytest

from core.media.tones import Tones, mapped


def test_from_the_first_to_the_last_thousandth() -> None:
    # 0..1000 in equal numbers: the 0.1 percentile is 1, the 99.9 percentile is 999.
    values = np.arange(1001, dtype=np.uint16).reshape(7, 143)
    pixels, tones = mapped(values)
    assert tones == Tones("uint16", pytest.approx(1.0), pytest.approx(999.0))
    flat = pixels.ravel()
    assert (flat[0], flat[1], flat[999], flat[1000]) == (0, 0, 255, 255)
    # (251 - 1) / 998 * 255 = 63.9
    assert flat[251] == 64


@pytest.mark.parametrize(
    "type_", ["uint8", "int8", "int16", "uint32", "int32", "uint64", "float32", "float64"]
)
def test_every_type_is_mapped_alike(type_: str) -> None:
    values = np.arange(100).reshape(10, 10)
    expected, tones = mapped(values.astype(np.uint16))
    shifted = (values - 50 if type_[0] in "if" else values).astype(type_)
    pixels, other = mapped(shifted)
    np.testing.assert_array_equal(pixels, expected)
    assert other.type == type_
    assert other.high - other.low == pytest.approx(tones.high - tones.low)


def test_all_channels_share_one_mapping_so_that_colours_stay() -> None:
    values = np.zeros((4, 4, 3), np.uint16)
    values[..., 0] = 4000
    values[..., 1] = 2000
    pixels, tones = mapped(values)
    assert (tones.low, tones.high) == (0.0, 4000.0)
    assert pixels[0, 0].tolist() == [255, 128, 0]


def test_a_few_bright_points_on_nothing_are_seen() -> None:
    values = np.zeros((100, 100), np.float32)
    values[50, 50] = 7.5
    pixels, tones = mapped(values)
    assert (tones.low, tones.high) == (0.0, 7.5)
    assert pixels[50, 50] == 255 and pixels.sum() == 255


def test_what_is_no_number_is_black_and_infinity_white() -> None:
    values = np.array([[0.0, 1.0], [np.nan, np.inf], [-np.inf, 0.6]], np.float32)
    pixels, tones = mapped(values)
    assert np.isfinite([tones.low, tones.high]).all()
    assert pixels.tolist() == [[0, 255], [0, 255], [0, 153]]


@pytest.mark.parametrize("value", [0.0, 5.0, np.nan, np.inf])
def test_a_picture_of_one_value_is_black_or_without_end(value: float) -> None:
    pixels, tones = mapped(np.full((3, 3), value, np.float32))
    assert pixels.tolist() == [[255 if value == np.inf else 0] * 3] * 3
    assert tones.low == tones.high == (value if np.isfinite(value) else 0.0)


def test_the_largest_floats_do_not_overflow() -> None:
    largest = np.finfo(np.float64).max
    pixels, _ = mapped(np.array([[-largest, largest / 2, largest]]))
    assert pixels.tolist() == [[0, 191, 255]]
