"""The builder's form: read from a query, written as a query, changed in between."""

import random
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.search_bar import tree
from components.search_bar.form import Group, Row, make_term, narrowed, read, write
from components.search_bar.tree import GroupState
from core.search import And, Expression, Not, Operator, Or, Term, parse, to_text

TAG, CAT, SURE = (
    Term("tag", Operator.IS, ("a",)),
    Term("pred", Operator.IS, ("cat",)),
    Term("conf", Operator.ABOVE, ("0.7",)),
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", Group()),
        ("tag:a", Group((Row(TAG),))),
        ("NOT tag:a", Group((Row(TAG, True),))),
        ("NOT NOT tag:a", Group((Group((Row(TAG, True),), negated=True),))),
        ("tag:a OR -pred:cat", Group((Row(TAG), Row(CAT, True)), "or")),
        ("NOT (tag:a OR pred:cat)", Group((Group((Row(TAG), Row(CAT)), "or", True),))),
        (
            "tag:a AND (pred:cat OR NOT (conf:>0.7 AND tag:a))",
            Group(
                (
                    Row(TAG),
                    Group((Row(CAT), Group((Row(SURE), Row(TAG)), "and", True)), "or"),
                )
            ),
        ),
    ],
)
def test_a_query_is_read_and_written_back(text: str, form: Group) -> None:
    expression = parse(text)
    assert read(expression) == form
    assert write(form) == expression


TERMS = [
    "tag:a", "pred:(cat, dog)", "conf:>0.7", "NOT no:tag", "date:2024..2025", "scratch",
    "meta.line:A-3", "width:(1, 2)", "box:x conf:>0.5 count:>=2", 'exif.iso:"a b"', "name:*.jpg",
]  # fmt: skip
texts = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        inner.map(lambda text: f"NOT ({text})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' AND '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' OR '.join(parts)})"),
    ),
    max_leaves=12,
)


def has_for_no(expression: Expression | None) -> Expression | None:
    """The builder writes what lacks a tag as all but what has one."""
    if expression is None:
        return None
    if isinstance(expression, Term):
        if expression.field != "no":
            return expression
        return Not(Term("has", expression.operator, expression.values))
    if isinstance(expression, Not):
        inner = has_for_no(expression.part)
        assert inner is not None
        flipped = isinstance(expression.part, Term) and expression.part.field == "no"
        return inner.part if flipped and isinstance(inner, Not) else Not(inner)
    parts = [made for part in expression.parts if (made := has_for_no(part)) is not None]
    return type(expression)(tuple(parts))


@given(texts)
def test_what_the_builder_shows_is_the_query(text: str) -> None:
    query = parse(text)
    shown = tree.state_of(read(query), count(1))
    written = write(tree.form_of(shown))
    assert parse(to_text(written)) == has_for_no(query)


terms = st.sampled_from([TAG, CAT, SURE])
rows_ = st.builds(Row, terms, st.booleans())
forms = st.recursive(
    rows_,
    lambda inner: st.builds(
        Group,
        st.lists(inner, max_size=3).map(tuple),
        st.sampled_from(["and", "or"]),
        st.booleans(),
    ),
    max_leaves=10,
).map(lambda part: part if isinstance(part, Group) else Group((part,)))


def holds(expression: object, having: frozenset[Term]) -> bool:
    """Whether an image for which exactly the terms `having` are true satisfies an expression."""
    if expression is None:
        return True
    if isinstance(expression, Term):
        return expression in having
    if isinstance(expression, Not):
        return not holds(expression.part, having)
    assert isinstance(expression, And | Or)
    return (all if isinstance(expression, And) else any)(
        holds(part, having) for part in expression.parts
    )


def form_holds(part: Row | Group, having: frozenset[Term]) -> bool | None:
    """The same for a form; None for a group without conditions."""
    if isinstance(part, Row):
        return (part.term in having) != part.negated
    inner = [found for each in part.parts if (found := form_holds(each, having)) is not None]
    if not inner:
        return None
    return (all if part.joiner == "and" else any)(inner) != part.negated


@given(forms, st.frozensets(terms))
def test_the_written_query_means_what_the_form_says(form: Group, having: frozenset[Term]) -> None:
    written = write(form)
    expected = form_holds(form, having)
    assert holds(written, having) == (True if expected is None else expected)
    assert parse(to_text(written)) == written


@given(texts, st.integers(0, 2**32), st.integers(1, 12))
def test_any_moves_leave_the_same_conditions_in_a_whole_form(
    text: str, seed: int, steps: int
) -> None:
    chance, uids = random.Random(seed), count(1)
    root = tree.state_of(read(parse(text)), uids)
    conditions = sorted(row.uid for row in root.rows())
    for _ in range(steps):
        parts = [part for group in root.groups() for part in group.parts]
        tree.move(root, chance.choice(parts), chance.choice(["back", "forth", "wrap", "out"]), uids)
    assert sorted(row.uid for row in root.rows()) == conditions
    assert all(group.parts for group in root.groups())
    written = write(tree.form_of(root))
    assert parse(to_text(written)) == written


def shape(group: GroupState) -> list[object]:
    return [shape(part) if isinstance(part, GroupState) else part.uid for part in group.parts]


def test_moving_step_by_step() -> None:
    uids = count(1)
    root = tree.state_of(read(parse("tag:a AND tag:b AND (tag:c OR tag:d)")), uids)
    assert shape(root) == [1, 2, [3, 4]]
    first, second, group = root.parts
    tree.move(root, second, "back", uids)
    tree.move(root, second, "back", uids)  # it is the first already
    assert shape(root) == [2, 1, [3, 4]]
    tree.move(root, first, "wrap", uids)
    assert shape(root) == [2, [1], [3, 4]]
    tree.move(root, first, "out", uids)
    assert shape(root) == [2, 1, [3, 4]]
    assert isinstance(group, GroupState)
    tree.move(root, group.parts[0], "out", uids)
    assert shape(root) == [2, 1, [4], 3]
    tree.remove(root, group.parts[0])  # the group is empty then, and goes too
    assert shape(root) == [2, 1, 3]


@pytest.mark.parametrize(
    ("query", "added", "result"),
    [
        ("", "pred:cat", "pred:cat"),
        ("pred:cat", "pred:cat", "pred:cat"),
        ("tag:a", "pred:cat", "tag:a AND pred:cat"),
        ("tag:a AND pred:cat", "pred:cat", "tag:a AND pred:cat"),
        ("tag:a OR tag:b", "pred:cat", "(tag:a OR tag:b) AND pred:cat"),
    ],
)
def test_narrowing_adds_a_condition_once(query: str, added: str, result: str) -> None:
    condition = parse(added)
    assert condition is not None
    assert to_text(narrowed(parse(query), condition)) == result


def test_a_row_is_a_term_only_when_it_is_filled_in() -> None:
    assert make_term("tag", Operator.IS, ()) is None
    assert make_term("tag", Operator.IS, (" ",)) is None
    assert make_term("date", Operator.RANGE, ("", "")) is None
    assert make_term("date", Operator.RANGE, ("2024", "")) == Term(
        "date", Operator.RANGE, ("2024", "")
    )
    assert make_term("tag", Operator.IS, ("a", "b")) == Term("tag", Operator.ONE_OF, ("a", "b"))
