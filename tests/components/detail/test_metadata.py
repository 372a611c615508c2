"""Attributes as rows of a table, and back."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.detail.metadata import changes, from_rows, to_rows
from core.errors import UserError

ATTRIBUTES = {"line": "A-3", "checked": True, "shift": 2, "exposure": 0.25}


def row(field: object, kind: object, value: object) -> dict[str, object]:
    return {"field": field, "kind": kind, "value": value}


def test_rows_hold_field_kind_and_value() -> None:
    assert to_rows(ATTRIBUTES) == [
        row("checked", "boolean", "yes"),
        row("exposure", "number", "0.25"),
        row("line", "text", "A-3"),
        row("shift", "number", "2"),
    ]


words = st.text(st.characters(categories=["L", "N"]), min_size=1)
values = st.one_of(
    words, st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)
)


@given(st.dictionaries(words, values))
def test_rows_give_the_attributes_back(attributes: dict[str, object]) -> None:
    again = from_rows(to_rows(attributes))  # type: ignore[arg-type]
    assert again == attributes
    assert all(type(again[name]) is type(value) for name, value in attributes.items())
    assert changes(attributes, again) == {}  # type: ignore[arg-type]


def test_empty_rows_and_nulls_of_the_table_are_passed_over() -> None:
    rows = [row(None, None, None), row(pd.NA, "text", pd.NA), row(float("nan"), "number", " ")]
    assert from_rows(rows) == {}
    assert from_rows([row(" line ", None, " A-3 ")]) == {"line": "A-3"}


@pytest.mark.parametrize(
    ("text", "value"), [("예", True), ("No", False), ("TRUE", True), ("아니요", False)]
)
def test_yes_and_no_are_read_in_both_languages(text: str, value: bool) -> None:
    assert from_rows([row("ok", "boolean", text)]) == {"ok": value}


@pytest.mark.parametrize(
    ("rows", "key", "field"),
    [
        ([row("", "text", "x")], "detail.no_field", None),
        ([row("a", "text", "x"), row("a", "text", "y")], "detail.field_twice", "a"),
        ([row("size", "number", "1,024")], "detail.not_a_number", "size"),
        ([row("size", "number", "")], "detail.not_a_number", "size"),
        ([row("ok", "boolean", "maybe")], "detail.not_boolean", "ok"),
    ],
)
def test_an_error_names_the_field(rows: list[dict[str, object]], key: str, field: str) -> None:
    with pytest.raises(UserError) as caught:
        from_rows(rows)
    assert caught.value.key == key
    assert caught.value.params.get("field") == field


def test_changes_hold_what_is_new_other_or_gone() -> None:
    after = {"line": "A-4", "checked": 1, "shift": 2, "operator": "Kim"}
    assert changes(ATTRIBUTES, after) == {  # type: ignore[arg-type]
        "line": "A-4", "checked": 1, "operator": "Kim", "exposure": None,
    }  # fmt: skip
