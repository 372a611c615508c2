"""Moments as visitors read them: in their own time zone, how long ago, and exactly."""

import html
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.database import now
from core.i18n import t

_MINUTE, _HOUR, _DAY = 60, 3600, 86400  # seconds


def local(moment: datetime) -> datetime:
    """`moment` in the visitor's time zone as the browser names it; in UTC where it names none."""
    return moment.astimezone(_zone())


def start_of(day: date) -> datetime:
    """The first moment of a day in the visitor's time zone, in UTC."""
    return datetime.combine(day, time(), _zone()).astimezone(UTC)


def _zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def exact(moment: datetime) -> str:
    """Date, time to the second and zone, e.g. `2026-11-22 10:56:04 KST`."""
    return local(moment).strftime("%Y-%m-%d %H:%M:%S %Z")


def ago(moment: datetime) -> str:
    """How long ago a moment was, in words; its date when that was a week ago or more."""
    seconds = max((now() - moment).total_seconds(), 0)
    if seconds < _MINUTE:
        return t("moments.just_now")
    if seconds < _HOUR:
        return t("moments.minutes_ago", n=int(seconds // _MINUTE))
    if seconds < _DAY:
        return t("moments.hours_ago", n=int(seconds // _HOUR))
    if seconds < 2 * _DAY:
        return t("moments.a_day_ago")
    if seconds < 7 * _DAY:
        return t("moments.days_ago", n=int(seconds // _DAY))
    return local(moment).strftime("%Y-%m-%d")


def show_moment(moment: datetime) -> None:
    """Write how long ago a moment was; the exact moment shows when the pointer rests on it."""
    st.html(
        f'<time datetime="{moment.isoformat()}" title="{html.escape(exact(moment))}" '
        'style="display: block; line-height: 1.6; opacity: 0.7; font-size: 0.875rem; '
        'white-space: nowrap; cursor: default">'
        f"{html.escape(ago(moment))}</time>"
    )
