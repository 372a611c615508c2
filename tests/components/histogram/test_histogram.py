"""What a browser says of brushed bars; nothing about it is trusted."""

from typing import Any

import pytest

from components.histogram import read_event


def payload(**changed: Any) -> dict[str, Any]:
    return {"bars": [2, 0, 2], "mode": "add", "of": "abc", "stamp": 1} | changed


def test_bars_come_ascending_and_once() -> None:
    event = read_event(payload(), "abc", 3)
    assert event is not None
    assert (event[0].tolist(), event[1]) == ([0, 2], "add")


def test_the_images_without_a_value_are_one_more_bar() -> None:
    event = read_event(payload(bars=[-1]), "abc", 3)
    assert event is not None and event[0].tolist() == [-1]


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        "add",
        payload(of="other"),
        payload(mode="drop"),
        payload(mode=None),
        payload(bars=[]),
        payload(bars=[3]),
        payload(bars=[-2]),
        payload(bars=[True]),
        payload(bars=[1.0]),
        payload(bars=["1"]),
        payload(bars="012"),
        payload(bars=[0] * 5),
        payload(bars=None),
    ],
)
def test_anything_else_is_no_event(wrong: object) -> None:
    assert read_event(wrong, "abc", 3) is None
