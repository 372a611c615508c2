"""What the viewer sends to the browser and believes of what comes back."""

from __future__ import annotations

import json
from math import inf, nan

import pytest

from components.viewer import BoxEdit, ViewerBox, ViewerEvent, _box_data, _drawn_data, _edit, _event
from core.i18n import catalogue


@pytest.mark.parametrize("kind", ["previous", "next", "close"])
def test_events_name_the_picture(kind: str) -> None:
    assert _event({"kind": kind, "id": 7}, 7) == ViewerEvent(kind, 7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "payload",
    [None, "next", {}, {"kind": "next"}, {"kind": "next", "id": 8}, {"kind": [], "id": 7}],
)
def test_hostile_events_are_ignored(payload: object) -> None:
    assert _event(payload, 7) is None


def test_boxes_are_cut_at_the_border() -> None:
    data = _box_data(ViewerBox("scratch", 0.5, (-0.2, 0.25, 0.5, 1.5)))
    assert data == {"label": "scratch", "confidence": 0.5, "box": [0.0, 0.25, 0.5, 1.0]}


@pytest.mark.parametrize(
    "box", [(0.5, 0, 0.5, 1), (0.6, 0, 0.4, 1), (1.1, 0, 1.4, 1), (nan, 0, 1, 1), (0, 0, inf, 1)]
)
def test_boxes_without_area_are_left_out(box: tuple[float, float, float, float]) -> None:
    assert _box_data(ViewerBox("scratch", 0.5, box)) is None


BOX = {"label": "dent", "box": [0, 0.25, 0.5, 1]}
DRAWN = ("dent", 0.0, 0.25, 0.5, 1.0)


def sent(**changes: object) -> dict[str, object]:
    return {"kind": "boxes", "id": 7, "token": "t", "boxes": [BOX], "seen": None, **changes}


def test_edits_carry_the_boxes_and_what_was_seen() -> None:
    assert _edit(sent(), 7) == BoxEdit(7, (DRAWN,), None, "t")
    assert _edit(sent(boxes=None, seen=[]), 7) == BoxEdit(7, None, (), "t")
    # What the browser was given comes back as the same numbers.
    third = ("dent", 1 / 3, 0.1, 0.7, 2 / 3)
    told = json.loads(json.dumps(_drawn_data([third])))
    assert _edit(sent(seen=told), 7) == BoxEdit(7, (DRAWN,), (third,), "t")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 8},
        {"kind": "next"},
        {"token": 5},
        {"token": "t" * 65},
        {"boxes": {}},
        {"boxes": "dent"},
        {"boxes": [BOX] * 2002},
        {"seen": [None]},
        *(
            {"boxes": [{**BOX, **wrong}]}
            for wrong in (
                {"label": 5},
                {"label": "x" * 1001},
                {"box": [0, 0, 1]},
                {"box": [0, 0, 1, 1, 1]},
                {"box": [0, 0, 1, "1"]},
                {"box": [0, 0, 1, nan]},
                {"box": [0, 0, inf, 1]},
                {"box": [0, 0, 10**400, 1]},
                {"box": None},
            )
        ),
    ],
)
def test_hostile_edits_are_ignored(changes: dict[str, object]) -> None:
    assert _edit(sent(**changes), 7) is None
    assert _edit([], 7) is None


def test_both_languages_have_every_text() -> None:
    english, korean = (
        {key for key in catalogue(language) if key.startswith("viewer.")}
        for language in ("en", "ko")
    )
    assert english == korean != set()
