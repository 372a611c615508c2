"""Events from a browser that may send anything."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.map.events import read_event, read_stamp
from components.map.points import MapPoints

POINTS = MapPoints(
    np.arange(30, dtype=np.float32).reshape(10, 3), np.arange(900, 1000, 10)[::-1].copy()
)


def u32(*indices: int) -> str:
    return base64.b64encode(np.array(indices, "<u4").tobytes()).decode()


def payload(**changes: object) -> dict[str, Any]:
    """A selection of the first and the fourth point, with some fields changed."""
    selection = {"enc": "u32", "n": 10, "b64": u32(3, 0)}
    event = {"kind": "select", "op": "add", "stamp": 5, "dataset": POINTS.dataset}
    return {**event, "selection": selection, **changes}


def test_selection_becomes_ascending_image_ids() -> None:
    event = read_event(payload(), POINTS, "main")
    assert event is not None
    assert (event.kind, event.op, event.view, event.image_id) == ("select", "add", "main", None)
    assert event.image_ids.tolist() == [960, 990]
    assert event.image_ids.dtype == np.int64


def test_cleared_selection_is_an_event() -> None:
    nothing = {"enc": "u32", "n": 10, "b64": ""}
    event = read_event(payload(op="clear", selection=nothing), POINTS, "main")
    assert event is not None
    assert event.image_ids.tolist() == []


@pytest.mark.parametrize("op", ["replace", "add", "remove", "intersect", "undo", "redo"])
def test_every_way_to_change_a_selection_is_known(op: str) -> None:
    event = read_event(payload(op=op), POINTS, "main")
    assert event is not None
    assert event.op == op


def test_open_names_the_image_and_keeps_the_selection() -> None:
    event = read_event(payload(kind="open", index=9), POINTS, "main")
    assert event is not None
    assert (event.kind, event.image_id, event.op) == ("open", 900, None)
    assert event.image_ids.tolist() == [960, 990]


def test_close_keeps_the_selection() -> None:
    event = read_event(payload(kind="close"), POINTS, "main")
    assert event is not None
    assert (event.kind, event.image_id, event.op) == ("close", None, None)
    assert event.image_ids.tolist() == [960, 990]


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "of yesterday"},
        {"dataset": None},
        {"kind": "delete"},
        {"op": "invert"},
        {"op": ["add"]},
        {"selection": None},
        {"selection": {"enc": "u32", "n": 11, "b64": u32(1)}},
        {"selection": {"enc": "u32", "n": 10, "b64": u32(10)}},
        {"selection": {"enc": "u32", "n": 10, "b64": "%%%"}},
        {"selection": {"enc": "bits", "n": 10, "b64": "AAAA" * 100_000}},
        {"kind": "open", "index": 10},
        {"kind": "open", "index": -1},
        {"kind": "open", "index": True},
        {"kind": "open", "index": 1.5},
        {"kind": "open"},
    ],
)
def test_malformed_event_is_none(changes: dict[str, object]) -> None:
    assert read_event(payload(**changes), POINTS, "main") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.sampled_from(["kind", "op", "index", "selection", "dataset", "stamp"]))
def test_no_payload_raises(value: object, field: str) -> None:
    assert read_event(value, POINTS, "main") is None
    read_event(payload(**{field: value}), POINTS, "main")
    read_event(payload(kind="open", index=0) | {field: value}, POINTS, "main")
    read_stamp(payload(**{field: value}))


@pytest.mark.parametrize(
    ("given_stamp", "expected"),
    [(0, 0), (1_760_000_000_000, 1_760_000_000_000), (-1, None), (2**53, None), (True, None)],
)
def test_stamp(given_stamp: object, expected: int | None) -> None:
    assert read_stamp(payload(stamp=given_stamp)) == expected


@pytest.mark.parametrize("value", [None, "x", 5, {}, {"stamp": 1.5}, {"stamp": "5"}])
def test_no_stamp(value: object) -> None:
    assert read_stamp(value) is None
