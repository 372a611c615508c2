"""What the gallery sends to the browser and believes of what comes back."""

from __future__ import annotations

import base64
import struct
from typing import Any

import numpy as np
import pytest

from components.gallery import _event, _Heard, _positions
from components.selection import pack_bits
from core.i18n import catalogue

IDS = np.array([70, 5_000_000_000, 12, 9], dtype=np.int64)
URL = "/blobs/abc"


def sent(**changes: Any) -> dict[str, Any]:
    """Positions 1 and 3 selected, as the browser says it."""
    selection = {"enc": "bits", "n": 4, "b64": base64.b64encode(b"\x0a").decode()}
    good = {"kind": "select", "index": None, "ids": URL, "sequence": 1, "selection": selection}
    return good | changes


def heard_from(payload: object) -> Any:
    return _event(payload, IDS, URL, "view", _Heard())


def test_selection_becomes_ids_in_display_order() -> None:
    event = heard_from(sent())
    assert event.kind == "select" and event.view == "view" and event.image_id is None
    assert event.image_ids.tolist() == [5_000_000_000, 9]


def test_open_names_the_image_and_carries_the_selection() -> None:
    event = heard_from(sent(kind="open", index=2))
    assert (event.kind, event.image_id) == ("open", 12)
    assert event.image_ids.tolist() == [5_000_000_000, 9]


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        "select",
        {},
        sent(ids="/blobs/older"),
        sent(kind="delete"),
        sent(kind=["select"]),
        sent(kind="open"),
        sent(kind="open", index=4),
        sent(kind="open", index=-1),
        sent(kind="open", index=1.0),
        sent(kind="open", index=True),
        sent(sequence="1"),
        sent(sequence=-1),
        sent(selection=None),
        sent(selection={"enc": "u32", "n": 4, "b64": base64.b64encode(struct.pack("<I", 4))}),
        sent(selection={"enc": "bits", "n": 5, "b64": "Cg=="}),
    ],
)
def test_hostile_events_are_ignored(payload: object) -> None:
    assert heard_from(payload) is None


def test_ids_that_are_not_shown_are_not_selected() -> None:
    assert _positions(IDS, np.array([9, 1, 70])).tolist() == [0, 3]
    assert _positions(IDS, None).tolist() == []


@pytest.fixture
def heard() -> _Heard:
    """The browser's first selection, positions 1 and 3, has just arrived."""
    heard = _Heard()
    assert heard.answer(pack_bits([], 4), URL, "v0") == 0
    _event(sent(), IDS, URL, "view", heard)
    return heard


def test_own_selection_coming_back_is_named_by_its_number(heard: _Heard) -> None:
    assert heard.answer(pack_bits([], 4), URL, "v0") == 0, "the page has not taken it over yet"
    assert heard.answer(pack_bits([1, 3], 4), URL, "v1") == 1
    assert heard.answer(pack_bits([1, 3], 4), URL, "v1") == 1


def test_selection_of_another_view_is_not_our_own(heard: _Heard) -> None:
    assert heard.answer(pack_bits([0], 4), URL, "v1") == 0


def test_going_back_to_an_earlier_own_selection_is_news(heard: _Heard) -> None:
    heard.answer(pack_bits([1, 3], 4), URL, "v1")
    heard.answer(pack_bits([0], 4), URL, "v2")
    assert heard.answer(pack_bits([1, 3], 4), URL, "v3") == 0


def test_selections_still_on_their_way_back_are_known(heard: _Heard) -> None:
    # The browser is at its third selection when the page shows the first and then the second.
    heard.note(2, pack_bits([0], 4), URL)
    heard.note(3, pack_bits([2], 4), URL)
    assert heard.answer(pack_bits([1, 3], 4), URL, "v1") == 1
    assert heard.answer(pack_bits([0], 4), URL, "v2") == 2
    assert heard.answer(pack_bits([2], 4), URL, "v3") == 3
    assert heard.answer(pack_bits([0], 4), URL, "v4") == 0, "going back is the page's own doing"


def test_returning_to_the_same_selection_keeps_its_order(heard: _Heard) -> None:
    heard.note(2, pack_bits([0], 4), URL)
    heard.note(3, pack_bits([1, 3], 4), URL)
    assert heard.answer(pack_bits([1, 3], 4), URL, "v1") == 1
    assert heard.answer(pack_bits([0], 4), URL, "v2") == 2
    assert heard.answer(pack_bits([1, 3], 4), URL, "v3") == 3


def test_same_positions_of_other_images_are_news(heard: _Heard) -> None:
    assert heard.answer(pack_bits([1, 3], 4), "/blobs/other", "v1") == 0


def test_both_languages_have_every_text() -> None:
    english, korean = (
        {key for key in catalogue(language) if key.startswith("gallery.")}
        for language in ("en", "ko")
    )
    assert english == korean != set()
