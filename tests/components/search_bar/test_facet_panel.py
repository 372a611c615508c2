"""What a facet's value stands for in the query."""

import pytest
from streamlit.testing.v1 import AppTest

from components.search_bar.facet_panel import _group, term_of
from core.i18n import use_language
from core.search import Not, Operator, Term, parse, to_text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tag", "deep scratch"), ("pred", 'quo"te\\'), ("camera", "and"), ("meta.line", "A-3"),
        ("meta.line 3", "x"), ("batch", "흠집, (1)"),
    ],
)  # fmt: skip
def test_a_value_is_a_term_that_its_text_gives_again(name: str, value: str) -> None:
    term = term_of(name, value)
    assert term.values == (value,)
    assert parse(to_text(term)) == term
    assert parse(to_text(Not(term))) == Not(term)


def test_text_that_looks_like_a_range_is_asked_for_as_text() -> None:
    assert parse(to_text(term_of("meta.n", "1..5"))) == Term("meta.n", Operator.IS, ("1..5",))


def test_a_click_adds_takes_excludes_or_removes() -> None:
    script = """
import streamlit as st
from components.facets import FacetClick
from components.search_bar.facet_panel import apply_click
from components.workspace import workspace
for click in st.session_state.clicks:
    apply_click(1, FacetClick(*click))
st.text(workspace(1).query)
"""
    steps = [
        (("add", "tag", "a b"), 'tag:"a b"'),
        (("exclude", "pred", "cat"), 'tag:"a b" AND NOT pred:cat'),
        (("add", "camera", "x"), 'tag:"a b" AND NOT pred:cat AND camera:x'),
        (("take", "tag", "a b"), "NOT pred:cat AND camera:x"),
        (("remove", "", "", 0), "camera:x"),
        (("remove", "", "", 0), ""),
    ]
    for n in range(1, len(steps) + 1):
        at = AppTest.from_string(script)
        at.session_state["clicks"] = [click for click, _ in steps[:n]]
        assert at.run().text[0].value == steps[n - 1][1]


def test_values_of_the_language_itself_are_said_in_words() -> None:
    use_language("en")
    group = _group("fault", [("blur", 3), ("odd_ratio", 1)], (parse("fault:blur"),))
    assert [(v.value, v.label, v.added) for v in group.values] == [
        ("blur", "Blur", True), ("odd_ratio", "Odd aspect ratio", False),
    ]  # fmt: skip
    answers = _group("correct", [("no", 2), ("yes", 1)], ())
    assert [(v.value, v.label) for v in answers.values] == [("no", "wrong"), ("yes", "right")]
    assert _group("pred", [("no", 2)], ()).values[0].label == "no"
