"""Values as people write them: numbers, percentages, sizes and dates.

Each reader raises ValueError for what it cannot read.
"""

import re
from datetime import date, datetime, time, timedelta

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_SIZE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([kmgt]?i?b?)", re.ASCII | re.IGNORECASE)
_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_RELATIVE = re.compile(r"last\s+(\d{1,4})\s+(day|week|month|year)s?", re.ASCII | re.IGNORECASE)
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
#: SQL's largest integer.
_LARGEST = 2**63 - 1


def number(text: str) -> int | float:
    """A decimal number."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    value = float(text) if "." in text else int(text)
    if abs(value) > _LARGEST:
        raise ValueError(text)
    return value


def share(text: str) -> float:
    """A number from 0 to 1, also written as a percentage."""
    value = number(text[:-1]) / 100 if text.endswith("%") else float(number(text))
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value


def size(text: str) -> int | float:
    """Bytes. Units in any case: kB, MB, GB, TB are powers of 1000, KiB ... of 1024."""
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(text)
    unit = match[2].lower().removesuffix("b")
    if unit == "i":
        raise ValueError(text)
    base = 1024 if unit.endswith("i") else 1000
    factor: int = base ** _POWERS[unit.removesuffix("i")]
    value = number(match[1]) * factor
    if value > _LARGEST:
        raise ValueError(text)
    return value


def ratio(text: str) -> float:
    """Width by height: `1.5`, or `3:2`."""
    width, colon, height = text.partition(":")
    value = float(number(width))
    if colon:
        divisor = float(number(height))
        if divisor <= 0:
            raise ValueError(text)
        value /= divisor
    if value <= 0:
        raise ValueError(text)
    return value


def period(text: str) -> tuple[datetime, datetime]:
    """A year, a month or a day as its first moment and the first moment after it, without zone.

    `today`, `yesterday` and `last 7 days` end with the server's present day or, for `yesterday`,
    before it; a month has 30 days there and a year 365.
    """
    tomorrow = datetime.combine(date.today(), time()) + timedelta(days=1)
    word = text.lower()
    if word in ("today", "yesterday"):
        end = tomorrow - timedelta(days=word == "yesterday")
        return end - timedelta(days=1), end
    relative = _RELATIVE.fullmatch(text)
    if relative:
        days = int(relative[1]) * _DAYS[relative[2].lower()]
        if not 0 < days < 300_000:
            raise ValueError(text)
        return tomorrow - timedelta(days=days), tomorrow
    match = _PERIOD.fullmatch(text)
    if not match:
        raise ValueError(text)
    year, month, day = (int(part) if part else None for part in match.groups())
    if year is None or not 1000 <= year <= 9998:
        raise ValueError(text)
    start = datetime(year, month or 1, day or 1)
    if day is not None:
        return start, start + timedelta(days=1)
    if month is not None:
        return start, datetime(year + month // 12, month % 12 + 1, 1)
    return start, datetime(year + 1, 1, 1)
