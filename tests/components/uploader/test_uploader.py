"""What the uploader believes of what comes back from the browser."""

from __future__ import annotations

import pytest

from components.uploader import ACCEPTED, UploadEvent, _event
from core.i18n import catalogue


@pytest.mark.parametrize("batch", [41, "b-41"])
def test_a_completed_upload_is_told(batch: int | str) -> None:
    payload = {"kind": "done", "upload": "token", "batch": batch}
    assert _event(payload) == UploadEvent("done", "token", batch)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "done",
        {},
        {"kind": "begun", "upload": "t", "batch": 1},
        {"kind": "done", "batch": 1},
        {"kind": "done", "upload": "t"},
        {"kind": "done", "upload": "", "batch": 1},
        {"kind": "done", "upload": 5, "batch": 1},
        {"kind": "done", "upload": "t" * 5000, "batch": 1},
        {"kind": "done", "upload": "t", "batch": True},
        {"kind": "done", "upload": "t", "batch": 1.5},
        {"kind": "done", "upload": "t", "batch": "b" * 5000},
        {"kind": "done", "upload": "t", "batch": [1]},
    ],
)
def test_hostile_events_are_ignored(payload: object) -> None:
    assert _event(payload) is None


def test_accepted_endings_are_written_as_the_browser_compares_them() -> None:
    assert all(ending.startswith(".") and ending == ending.lower() for ending in ACCEPTED)
    assert ".zip" in ACCEPTED


def test_both_languages_have_every_text() -> None:
    english, korean = (
        {key for key in catalogue(language) if key.startswith("uploader.")}
        for language in ("en", "ko")
    )
    assert english == korean != set()
