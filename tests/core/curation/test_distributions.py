"""Bars of fields: values at hand-worked places, every image once, whatever the numbers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.curation.distributions import Distribution, distribution
from core.curation.field_columns import FieldColumn, number_values, text_values

DAY = 86400


def of(values: list[float], unit: str = "") -> Distribution:
    return distribution(number_values(values, unit))


def dates(values: list[float]) -> Distribution:
    return distribution(FieldColumn("date", [], np.array(values, dtype=np.float64)))


def test_texts_have_a_bar_each_the_most_frequent_first() -> None:
    found = distribution(text_values(["b", None, "a", "b", "c"]))
    assert (found.kind, found.labels, found.others) == ("text", ("b", "a", "c"), False)
    assert found.bars.tolist() == [0, -1, 1, 0, 2]
    assert found.counts().tolist() == [2, 1, 1, 1]
    assert found.counts(np.array([True, True, False, False, False])).tolist() == [1, 0, 0, 1]


def test_rare_texts_share_one_bar() -> None:
    texts: list[str | None] = [f"{n:02d}" for n in range(45) for _ in range(2 if n < 40 else 1)]
    found = distribution(text_values(texts))
    assert (len(found.labels), found.others, found.size) == (40, True, 41)
    assert found.counts().tolist() == [2] * 40 + [5, 0]


def test_few_whole_numbers_have_a_bar_each() -> None:
    found = of([0, 3, 3, np.nan], "px")
    assert found.edges.tolist() == [-0.5, 0.5, 1.5, 2.5, 3.5]
    assert found.counts().tolist() == [1, 0, 0, 2, 1]
    assert found.unit == "px"


def test_numbers_stand_between_round_ends_and_the_lower_end_belongs_to_a_bar() -> None:
    found = of([0.0, 0.049, 0.05, 0.5, 1.0])
    assert np.allclose(found.edges, np.arange(22) * 0.05)
    assert found.bars.tolist() == [0, 0, 1, 10, 20]


def test_days_are_bars_of_days() -> None:
    found = dates([20_000.5 * DAY, 20_001 * DAY, 20_029.9 * DAY])
    assert (found.edges / DAY).tolist() == [20_000 + day for day in range(31)]
    assert found.bars.tolist() == [0, 1, 29]


@pytest.mark.parametrize("value", [0.25, -3.5, 1e300])
def test_one_value_alone_is_one_bar_around_it(value: float) -> None:
    found = of([value, value])
    assert found.size == 1 and found.edges[0] < value < found.edges[1]
    assert found.counts().tolist() == [2, 0]


def test_without_values_there_are_no_bars() -> None:
    for found in (of([]), of([np.nan, np.inf]), distribution(text_values([None]))):
        assert found.size == 0
        assert found.counts().tolist() == [len(found.bars)]


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1), st.booleans())
def test_every_image_stands_in_the_bar_around_its_value(values: list[float], time: bool) -> None:
    found = dates(values) if time else of(values)
    assert found.counts().sum() == len(values)
    assert found.size <= 41
    assert (np.diff(found.edges) > 0).all()
    for value, bar in zip(values, found.bars.tolist(), strict=True):
        if np.isfinite(value):
            assert found.edges[bar] <= value <= found.edges[bar + 1]
            assert value < found.edges[bar + 1] or bar == found.size - 1
        else:
            assert bar == -1
