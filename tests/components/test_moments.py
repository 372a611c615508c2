"""Moments in words and exactly, in the visitor's time zone."""

from datetime import UTC, datetime, timedelta

import pytest

from components.moments import ago, exact, local
from core.database import now
from core.i18n import use_language


@pytest.fixture(autouse=True)
def _english() -> None:
    use_language("en")


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=61), "1 min ago"),
        (timedelta(minutes=59, seconds=50), "59 min ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(hours=25), "1 day ago"),
        (timedelta(days=6, hours=23), "6 days ago"),
    ],
)
def test_how_long_ago(passed: timedelta, words: str) -> None:
    assert ago(now() - passed) == words


def test_after_a_week_the_date_says_more() -> None:
    moment = now() - timedelta(days=7, minutes=1)
    assert ago(moment) == moment.strftime("%Y-%m-%d")


def test_the_visitors_time_zone_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 22, 20, 30, 5, tzinfo=UTC)
    assert exact(moment) == "2026-11-22 20:30:05 UTC"
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.timezone", "Asia/Seoul")
    assert exact(moment) == "2026-11-23 05:30:05 KST"
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.timezone", "No/Where")
    assert local(moment) == moment and exact(moment).endswith("UTC")
