"""Texts in which every word is a tag."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search import And, Expression, Not, Operator, Or, QueryError, Term, parse, parse_tags
from core.search import to_tag_text as written


@pytest.mark.parametrize(
    ("tags", "query"),
    [
        ("", ""),
        ("scratch", "tag:scratch"),
        ("scratch dent", "tag:scratch AND tag:dent"),
        ("a and not b OR (c d)", "tag:a AND NOT tag:b OR tag:c AND tag:d"),
        ('NOT "deep scratch"', 'NOT tag:"deep scratch"'),
        ("흠집 OR defect/hole", "tag:(흠집) OR tag:defect/hole"),
        ("conf:>0.5", 'tag:"conf:>0.5"'),
    ],
)
def test_every_word_is_a_tag(tags: str, query: str) -> None:
    assert parse_tags(tags) == parse(query)


def _tag(name: str) -> Term:
    return Term("tag", Operator.IS, (name,))


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [("a AND", "missing_term", 6), ("(a", "open_bracket", 1), ('a "b', "open_quote", 3)],
)
def test_what_is_wrong_is_said(text: str, reason: str, column: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse_tags(text)
    assert (caught.value.reason, caught.value.column) == (reason, column)


names = st.sampled_from(["a", "deep scratch", "and", "NOT", 'quo"te', "b\\c", "흠집", "(x)", "x:y"])
expressions = st.recursive(
    names.map(_tag),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: And(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=8,
)


def flat(part: Expression) -> Expression:
    """What a parser makes of it: AND within AND is one AND."""
    if isinstance(part, Term):
        return part
    if isinstance(part, Not):
        return Not(flat(part.part))
    parts: list[Expression] = []
    for each in map(flat, part.parts):
        parts.extend(each.parts if isinstance(each, type(part)) else (each,))
    return type(part)(tuple(parts))


@given(expressions)
def test_what_is_written_is_read_again(expression: Expression) -> None:
    text = written(expression)
    assert text is not None
    assert parse_tags(text) == flat(expression)


def test_what_asks_for_more_than_tags_has_no_such_text() -> None:
    assert written(None) == ""
    assert written(parse("tag:(a, b) AND NOT tag:c")) == "(a OR b) AND NOT c"
    assert written(parse("tag:a AND conf:>0.5")) is None
    assert written(parse("NOT name:x")) is None
