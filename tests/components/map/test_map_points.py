"""What a map accepts and the bytes it sends."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.map.points import MapPoints, pack_ids


def test_flat_points_travel_with_zero_depth() -> None:
    points = MapPoints(np.array([[1, 2], [3, -4]], np.float32), np.array([7, 2**40]))
    assert np.frombuffer(points.position_bytes, "<f4").tolist() == [1, 2, 0, 3, -4, 0]
    assert points.bounds == {"low": [1, -4, 0], "high": [3, 2, 0]}
    assert (len(points), points.dimensions) == (2, 2)


def test_positions_and_ids_travel_together() -> None:
    points = MapPoints(np.array([[1, 2], [3, -4]], np.float32), np.array([7, 2**40]))
    assert points.packed[:24] == points.position_bytes
    assert unpacked(points.packed[24:]) == [7, 2**40]


def test_dataset_changes_with_coordinates_and_with_ids() -> None:
    xyz = np.arange(6, dtype=np.float32).reshape(2, 3)
    ids = np.array([1, 2])
    original = MapPoints(xyz, ids).dataset
    assert MapPoints(xyz.copy(), ids.copy()).dataset == original
    assert MapPoints(xyz + 1, ids).dataset != original
    assert MapPoints(xyz, ids[::-1]).dataset != original


def test_map_may_be_empty() -> None:
    points = MapPoints(np.empty((0, 3), np.float32), np.empty(0, np.int64))
    assert points.bounds == {"low": [0, 0, 0], "high": [0, 0, 0]}
    assert points.indices_of([1]).tolist() == []


def test_indices_of_ids_ignore_images_elsewhere() -> None:
    points = MapPoints(np.zeros((3, 2), np.float32), np.array([30, 10, 20]))
    assert points.indices_of([20, 99, 30]).tolist() == [0, 2]


@pytest.mark.parametrize(
    ("coordinates", "ids", "message"),
    [
        (np.zeros((2, 4)), [1, 2], r"\(N, 2\) or \(N, 3\)"),
        (np.zeros(2), [1, 2], r"\(N, 2\) or \(N, 3\)"),
        (np.zeros((2, 3)), [1], "2 coordinates"),
        (np.array([[0, np.nan]]), [1], "finite"),
        (np.zeros((2, 3)), [1, 1], "more than once"),
        (np.zeros((1, 3)), [-1], "must lie in"),
        (np.zeros((1, 3)), [2**53], "must lie in"),
    ],
)
def test_what_does_not_fit_is_refused(coordinates: object, ids: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MapPoints(np.asarray(coordinates, np.float32), np.array(ids, np.int64))


def unpacked(packed: bytes) -> list[int]:
    """Ids out of zlib, base 128 and zigzag differences, a byte at a time."""
    ids, value, weight = [], 0, 1
    for byte in zlib.decompress(packed):
        value += (byte & 127) * weight
        weight *= 128
        if byte < 128:
            step = -(value + 1) // 2 if value % 2 else value // 2
            ids.append((ids[-1] if ids else 0) + step)
            value, weight = 0, 1
    return ids


@given(st.lists(st.integers(0, 2**53 - 1)))
def test_packed_ids_are_the_ids(ids: list[int]) -> None:
    assert unpacked(pack_ids(np.array(ids, np.int64))) == ids


def test_known_ids_in_bytes() -> None:
    # Steps 5, 300 and -1: zigzag 10, 600 = 4 * 128 + 88, and 1.
    assert zlib.decompress(pack_ids(np.array([5, 305, 304]))) == bytes([10, 128 + 88, 4, 1])


def test_ascending_ids_take_less_than_a_byte_each() -> None:
    ids = np.cumsum(np.random.default_rng(3).integers(1, 5, 100_000))
    assert len(pack_ids(ids)) < 50_000
