"""What the viewer sends to the browser and believes of what comes back."""

from __future__ import annotations

from math import inf, nan

import pytest

from components.viewer import ViewerBox, ViewerEvent, _box_data, _event
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
    assert _box_data(ViewerBox("scratch", None, box)) is None


def test_both_languages_have_every_text() -> None:
    english, korean = (
        {key for key in catalogue(language) if key.startswith("viewer.")}
        for language in ("en", "ko")
    )
    assert english == korean != set()
