"""How the values of a field are spread over images: bars that say which images stand in each."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.curation.field_columns import FieldColumn

Floats = npt.NDArray[np.float64]

_MOST_CLASSES = 40
_MOST_BINS = 40
_LARGEST_EXACT = 2.0**50  # below it a half more or less is told apart
_MOST_FLOAT = float(np.finfo(np.float64).max)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# Widths that people count time in; above them years.
_TIME_STEPS = (
    1, 5, 15, 30, _MINUTE, 5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR,
    12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY, 91 * _DAY, 182 * _DAY, 365 * _DAY,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Distribution:
    """Images in bars.

    Args:
        kind: that of the field's values; dates are seconds since 1970, UTC.
        bars: int32 (N,): the bar of each image, -1 where it has no value.
        labels: of the bars of texts, the most frequent first; empty for numbers and dates.
        edges: float64 (B + 1,), ascending: the ends of the bars of numbers and dates, the lower
            one belonging to a bar; empty for texts.
        others: whether one more bar after `labels` gathers all rarer texts.
        unit: of the numbers.
    """

    kind: Literal["text", "number", "date"]
    bars: npt.NDArray[np.int32]
    labels: tuple[str, ...] = ()
    edges: Floats = field(default_factory=lambda: np.empty(0))
    others: bool = False
    unit: str = ""

    @property
    def size(self) -> int:
        """B: the number of bars."""
        return (
            len(self.labels) + self.others if self.kind == "text" else max(len(self.edges) - 1, 0)
        )

    def counts(self, among: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.int64]:
        """int64 (B + 1,): images of each bar, those without a value last.

        Args:
            among: bool (N,): counts these alone.
        """
        bars = self.bars if among is None else self.bars[among]
        found = np.bincount(bars + 1, minlength=self.size + 1).astype(np.int64)
        return np.roll(found, -1)


def distribution(column: FieldColumn) -> Distribution:
    """Put the values of a field into at most about forty bars."""
    if column.kind == "text":
        return _of_texts(column.texts)
    values = column.numbers
    known = np.isfinite(values)
    bars = np.full(len(values), -1, dtype=np.int32)
    if not known.any():
        return Distribution(column.kind, bars, unit=column.unit)
    edges = _edges(values[known], column.kind == "date")
    bars[known] = np.clip(np.searchsorted(edges, values[known], "right") - 1, 0, len(edges) - 2)
    return Distribution(column.kind, bars, edges=edges, unit=column.unit)


def _of_texts(texts: list[str | None]) -> Distribution:
    counts = Counter(text for text in texts if text is not None)
    ranked = sorted(counts, key=lambda text: (-counts[text], text))
    labels = tuple(ranked[:_MOST_CLASSES])
    place: dict[str | None, int] = dict.fromkeys(ranked, len(labels))
    place |= {label: number for number, label in enumerate(labels)}
    place[None] = -1
    bars = np.fromiter((place[text] for text in texts), dtype=np.int32, count=len(texts))
    return Distribution("text", bars, labels=labels, others=len(ranked) > len(labels))


def _edges(values: Floats, dates: bool) -> Floats:
    """Ends of equal bars around all values, at numbers that people would choose."""
    low, high = float(values.min()), float(values.max())
    whole = bool((values == np.rint(values)).all())
    exact = max(abs(low), abs(high)) < _LARGEST_EXACT
    if whole and exact and not dates and high - low < _MOST_BINS:
        return np.arange(low, high + 2, dtype=np.float64) - 0.5
    if low == high:
        half = _DAY / 2 if dates and exact else max(abs(low) / 2, 0.5)
        return np.array([max(low - half, -_MOST_FLOAT), min(low + half, _MOST_FLOAT)])
    if not exact or (high - low) / _MOST_BINS < np.spacing(max(abs(low), abs(high))):
        # Too large or too close together for steps of round numbers.
        share = np.linspace(0, 1, 11)
        return np.unique(low * (1 - share) + high * share)
    step = _time_step(high - low) if dates else _round_step((high - low) / (_MOST_BINS - 1))
    first = math.floor(low / step)
    number = math.floor(high / step) - first + 1
    return np.arange(first, first + number + 1, dtype=np.float64) * step


def _round_step(least: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((power * factor for factor in (1, 2, 5) if power * factor >= least), power * 10)


def _time_step(span: float) -> float:
    for step in _TIME_STEPS:
        if span / step <= _MOST_BINS - 1:
            return step
    return math.ceil(span / (_MOST_BINS - 1) / _TIME_STEPS[-1]) * float(_TIME_STEPS[-1])
