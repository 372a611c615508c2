"""What a lasso, a bar or a query leaves selected, worked by hand."""

import numpy as np
import pytest

from components.map import MapEvent, Mode
from components.map.events import Operation
from components.map_page.selecting import after_map, combined, same


def ids(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("replace", [9, 3, 1]),
        ("add", [1, 2, 3, 9]),
        ("remove", [2]),
        ("intersect", [1, 3]),
    ],
)
def test_modes(mode: Mode, expected: list[int]) -> None:
    assert combined(ids(1, 2, 3), ids(9, 3, 1), mode).tolist() == expected


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("replace", [1, 2]),
        ("add", [1, 2, 8]),
        ("remove", [1, 2, 8]),
        ("intersect", [1, 2]),
        ("clear", [1, 2]),
        ("undo", [1, 2, 8]),
        ("redo", [1, 2, 8]),
    ],
)
def test_what_a_map_does_not_show_stays_where_nothing_is_begun_anew(
    op: Operation, expected: list[int]
) -> None:
    event = MapEvent("select", "v", ids(1, 2), op=op)
    assert after_map(ids(2, 3, 8), event, ids(1, 2, 3)).tolist() == expected


def test_order_makes_no_other_selection() -> None:
    assert same(ids(2, 1), ids(1, 2))
    assert not same(ids(1, 2), ids(1, 3))
    assert not same(ids(1), ids(1, 2))
    assert same(ids(), ids())
