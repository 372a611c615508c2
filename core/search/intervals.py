"""What a term of numbers or dates asks for: intervals, the same for SQL and for arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from core.search import literals
from core.search.ast import Operator, Term
from core.search.fields import FieldType
from core.search.terms import READERS, reader_of


@dataclass(frozen=True)
class Interval:
    """Values from `low` to `high`; None is an open end."""

    low: Any = None
    high: Any = None
    #: Whether the ends themselves are outside.
    above: bool = False
    below: bool = False


def asks_for_days(term: Term) -> bool:
    """Whether a term compares an attribute with days, not with numbers."""
    compared = term.operator not in (Operator.IS, Operator.ONE_OF)
    given = [text for text in term.values if text]
    return compared and reader_of(FieldType.ATTRIBUTE, given) is literals.period


def day_number(day: datetime) -> int:
    """20241014 for the 14th of October 2024: a number in the order of days."""
    return day.year * 10_000 + day.month * 100 + day.day


def intervals(term: Term, type_: FieldType) -> tuple[Interval, ...]:
    """The intervals of which a value has to lie in one; ends are numbers, or datetimes for DATE.

    A partial date stands for its whole period.
    """
    read = READERS[type_]
    if type_ is FieldType.DATE:
        return _periods(term, [read(text) if text else None for text in term.values])
    numbers = [read(text) if text else None for text in term.values]
    if term.operator is Operator.RANGE:
        return (Interval(numbers[0], numbers[1]),)
    if term.operator in (Operator.IS, Operator.ONE_OF):
        return tuple(Interval(number, number) for number in numbers)
    if term.operator in (Operator.ABOVE, Operator.AT_LEAST):
        return (Interval(low=numbers[0], above=term.operator is Operator.ABOVE),)
    return (Interval(high=numbers[0], below=term.operator is Operator.BELOW),)


def holds(value: float, interval: Interval) -> bool:
    """Whether a number lies in an interval."""
    low, high = interval.low, interval.high
    if low is not None and (value <= low if interval.above else value < low):
        return False
    return high is None or (value < high if interval.below else value <= high)


def lie_in(
    column: npt.NDArray[np.float64 | np.int64],
    ends: tuple[Interval, ...],
    bound: Callable[[Any], int | float] = lambda end: end,
) -> npt.NDArray[np.bool_]:
    """Whether each value, (N,), lies in one of the intervals, whose ends `bound` makes numbers of;
    NaN never does."""
    found = np.zeros(len(column), dtype=bool)
    for each in ends:
        here = ~np.isnan(column)
        if each.low is not None:
            low = bound(each.low)
            here &= column > low if each.above else column >= low
        if each.high is not None:
            high = bound(each.high)
            here &= column < high if each.below else column <= high
        found |= here
    return found


def _periods(term: Term, periods: list[tuple[datetime, datetime] | None]) -> tuple[Interval, ...]:
    first = periods[0]
    if term.operator in (Operator.IS, Operator.ONE_OF):
        return tuple(Interval(each[0], each[1], below=True) for each in periods if each)
    if term.operator is Operator.RANGE:
        last = periods[1]
        return (Interval(first and first[0], last and last[1], below=True),)
    assert first is not None
    if term.operator in (Operator.ABOVE, Operator.AT_LEAST):
        return (Interval(low=first[term.operator is Operator.ABOVE]),)
    return (Interval(high=first[term.operator is Operator.AT_MOST], below=True),)
