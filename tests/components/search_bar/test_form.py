"""The builder's form: read from a query, written as a query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.search_bar import rows
from components.search_bar.form import Form, Group, Row, make_term, narrowed, read, write
from core.search import And, Not, Operator, Or, Term, parse, to_text

TAG, CAT, SURE = (
    Term("tag", Operator.IS, ("a",)),
    Term("pred", Operator.IS, ("cat",)),
    Term("conf", Operator.ABOVE, ("0.7",)),
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", Form(())),
        ("tag:a", Form((Group((Row(TAG),)),))),
        ("NOT tag:a", Form((Group((Row(TAG, True),)),))),
        ("tag:a AND pred:cat", Form((Group((Row(TAG), Row(CAT))),))),
        ("tag:a OR -pred:cat", Form((Group((Row(TAG), Row(CAT, True)), "or"),))),
        (
            "(tag:a OR pred:cat) AND conf:>0.7",
            Form((Group((Row(TAG), Row(CAT)), "or"), Group((Row(SURE),)))),
        ),
        (
            "tag:a AND pred:cat OR conf:>0.7",
            Form((Group((Row(TAG), Row(CAT))), Group((Row(SURE),), "or")), "or"),
        ),
    ],
)
def test_a_query_of_one_bracket_level_is_read_and_written_back(text: str, form: Form) -> None:
    expression = parse(text)
    assert read(expression) == form
    assert write(form) == expression


@pytest.mark.parametrize("text", ["NOT (tag:a OR tag:b)", "tag:a AND (tag:b OR (tag:c AND tag:d))"])
def test_deeper_brackets_are_left_alone(text: str) -> None:
    assert read(parse(text)) is None


terms = st.sampled_from([TAG, CAT, SURE])
rows_ = st.builds(Row, terms, st.booleans())
groups = st.builds(Group, st.lists(rows_, max_size=3).map(tuple), st.sampled_from(["and", "or"]))
forms = st.builds(Form, st.lists(groups, max_size=3).map(tuple), st.sampled_from(["and", "or"]))


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


def form_holds(form: Form, having: frozenset[Term]) -> bool:
    quantifier = {"and": all, "or": any}
    filled = [group for group in form.groups if group.rows]
    return not filled or quantifier[form.joiner](
        quantifier[group.joiner]((row.term in having) != row.negated for row in group.rows)
        for group in filled
    )


@given(forms, st.frozensets(terms))
def test_the_written_query_means_what_the_form_says(form: Form, having: frozenset[Term]) -> None:
    written = write(form)
    assert holds(written, having) == form_holds(form, having)
    assert parse(to_text(written)) == written


@given(forms, st.frozensets(terms))
def test_reading_a_written_form_keeps_its_meaning(form: Form, having: frozenset[Term]) -> None:
    again = read(write(form))
    assert again is not None
    assert form_holds(again, having) == form_holds(form, having)


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tag:(a, b)", True), ("width:(1, 2)", False), ("no:tag", True), ("scratch", True),
        ("meta.line:A-3", True), ("date:2024..2025", True),
    ],
)  # fmt: skip
def test_a_row_shows_a_term_and_gives_it_back(text: str, shown: bool) -> None:
    form = read(parse(text))
    assert form is not None
    assert rows.showable(form) is shown
    if shown:
        row = form.groups[0].rows[0]
        again = rows.row_of(rows.state_of(row, 1))
        assert again is not None
        # What lacks a tag is all but what has one.
        expected = "NOT has:tag" if text == "no:tag" else text
        assert write(Form((Group((again,)),))) == parse(expected)
