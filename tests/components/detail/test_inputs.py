"""Which widget a value gets, and what its widget means."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.detail.inputs import Form, input_of
from core.curation.attributes import same
from core.curation.field_types import FieldType, Value
from core.errors import UserError

NUMBER, DATE, TRUTH = FieldType("number", unit="mm"), FieldType("date"), FieldType("boolean")
CHOICE = FieldType("choice", choices=("ok", "bad"))


@pytest.mark.parametrize(
    ("type_", "value", "form", "raw"),
    [
        (None, "A-3", "text", "A-3"),
        (None, "two\nlines", "lines", "two\nlines"),
        (None, True, "text", "yes"),
        (NUMBER, 2, "number", 2.0),
        (NUMBER, None, "number", None),
        (NUMBER, "thick", "text", "thick"),
        # A browser would show another number.
        (NUMBER, 2**60 + 1, "text", "1152921504606846977"),
        (DATE, "2024-10-14", "date", date(2024, 10, 14)),
        (DATE, "2024-10-14T09:30:00", "moment", datetime(2024, 10, 14, 9, 30)),
        (DATE, "in May", "text", "in May"),
        (TRUTH, False, "boolean", "no"),
        (TRUTH, "maybe", "text", "maybe"),
        (CHOICE, "bad", "choice", "bad"),
        (CHOICE, "old", "choice", "old"),
    ],
)
def test_a_value_gets_the_widget_of_its_type(
    type_: FieldType | None, value: Value, form: Form, raw: object
) -> None:
    field = input_of("f", type_, value)
    assert (field.form, field.raw) == (form, raw)
    unfit = value in ("thick", "in May", "maybe", "old")
    assert (field.problem is not None) == unfit
    if not unfit:
        assert same(field.read(field.raw), value)


numbers = st.one_of(st.integers(-(2**53) + 1, 2**53 - 1), st.floats(-1e15, 1e15))
texts = st.text(st.characters(categories=["L", "N"]), min_size=1).map(lambda text: f"{text}-")
cases = st.one_of(
    st.tuples(st.just(NUMBER), numbers),
    st.tuples(st.just(DATE), st.dates().map(lambda day: day.isoformat())),
    st.tuples(st.just(TRUTH), st.booleans()),
    st.tuples(st.none(), texts),
)


@given(cases)
def test_what_a_widget_shows_means_the_value(case: tuple[FieldType | None, Value]) -> None:
    type_, value = case
    field = input_of("f", type_, value)
    meant = field.read(field.raw)
    # Text is stored in one Unicode form.
    assert same(meant, value) or input_of("f", type_, meant).read(field.raw) == meant
    assert field.problem is None


def test_an_emptied_widget_takes_the_field_away() -> None:
    for type_, value, raw in ((None, "x", " "), (NUMBER, 2, None), (TRUTH, True, None)):
        assert input_of("f", type_, value).read(raw) is None


def test_what_does_not_fit_is_refused_by_the_field_s_name() -> None:
    with pytest.raises(UserError) as caught:
        input_of("size", NUMBER, "thick").read("thin")
    assert caught.value.key == "fields.not_a_number_in"
    assert caught.value.params["field"] == "size"
