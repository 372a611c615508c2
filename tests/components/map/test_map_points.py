"""What a map accepts and the bytes it sends."""

from __future__ import annotations

import numpy as np
import pytest

from components.map.points import MapPoints


def test_flat_points_travel_with_zero_depth() -> None:
    points = MapPoints(np.array([[1, 2], [3, -4]], np.float32), np.array([7, 2**40]))
    assert np.frombuffer(points.position_bytes, "<f4").tolist() == [1, 2, 0, 3, -4, 0]
    assert np.frombuffer(points.id_bytes, "<f8").tolist() == [7, 2**40]
    assert points.bounds == {"low": [1, -4, 0], "high": [3, 2, 0]}
    assert (len(points), points.dimensions) == (2, 2)


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
