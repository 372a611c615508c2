"""What the browser sends of keys: read in order, each once, nothing trusted."""

import pytest

from components.shortcuts import Press, read_presses

GOOD = {"kind": "favourite", "number": 3, "stamp": 7, "target": {"kind": "image", "id": 5}}


def test_presses_are_read_in_order_and_those_that_were_heard_are_not():
    undo = {"kind": "undo", "stamp": 5}
    redo = {"kind": "redo", "stamp": 6, "number": "x"}
    read = read_presses({"presses": [GOOD, redo, undo]}, 5)
    assert read == [(6, Press("redo")), (7, Press("favourite", 3, {"kind": "image", "id": 5}))]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "undo",
        {},
        {"kind": "delete_everything", "stamp": 1},
        {**GOOD, "stamp": True},
        {**GOOD, "stamp": -1},
        {**GOOD, "stamp": 1e300},
        {**GOOD, "number": None},
        {**GOOD, "number": "3"},
        {**GOOD, "number": 2**60},
    ],
)
def test_malformed_presses_are_left_out(broken):
    assert read_presses({"presses": [broken, GOOD]}, 0) == [
        (7, Press("favourite", 3, GOOD["target"]))
    ]


@pytest.mark.parametrize("payload", [None, 3, "x", {}, {"presses": "undo"}, {"presses": None}])
def test_other_payloads_are_no_presses(payload):
    assert read_presses(payload, 0) == []


def test_no_more_than_a_hand_can_press_is_read():
    many = [{**GOOD, "stamp": n} for n in range(1, 10_000)]
    assert len(read_presses({"presses": many}, 0)) == 100
