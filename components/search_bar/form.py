"""The query builder's form: conditions in brackets to any depth, read from a query and written as
one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.search import And, Expression, Not, Operator, Or, Term

Joiner = Literal["and", "or"]


@dataclass(frozen=True)
class Row:
    """One condition: a term, or all images but those of the term."""

    term: Term
    negated: bool = False


@dataclass(frozen=True)
class Group:
    """Conditions and further groups within one pair of brackets, or all images but theirs."""

    parts: tuple[Row | Group, ...] = ()
    joiner: Joiner = "and"
    negated: bool = False


def read(expression: Expression | None) -> Group:
    """The form of a query: its outermost group, which is never negated."""
    if expression is None:
        return Group()
    part = _part(expression)
    return part if isinstance(part, Group) and not part.negated else Group((part,))


def write(form: Group) -> Expression | None:
    """The query of a form; None for one without rows. Groups without rows are left out."""
    parts = [made for part in form.parts if (made := _written(part)) is not None]
    whole = joined(form.joiner, parts)
    return Not(whole) if form.negated and whole is not None else whole


def _written(part: Row | Group) -> Expression | None:
    if isinstance(part, Group):
        return write(part)
    return Not(part.term) if part.negated else part.term


def _part(expression: Expression) -> Row | Group:
    if isinstance(expression, Term):
        return Row(expression)
    if isinstance(expression, And | Or):
        joiner: Joiner = "and" if isinstance(expression, And) else "or"
        return Group(tuple(map(_part, expression.parts)), joiner)
    if not isinstance(expression, Not):
        raise TypeError(f"{type(expression).__name__} is in no query that people write")
    inner = _part(expression.part)
    if inner.negated:
        return Group((inner,), negated=True)
    if isinstance(inner, Row):
        return Row(inner.term, negated=True)
    return Group(inner.parts, inner.joiner, negated=True)


def conjuncts(expression: Expression | None) -> tuple[Expression, ...]:
    """The conditions that must all be true."""
    if expression is None:
        return ()
    return expression.parts if isinstance(expression, And) else (expression,)


def joined(joiner: Joiner, parts: list[Expression]) -> Expression | None:
    """All or any of some conditions; None for none."""
    if len(parts) < 2:
        return parts[0] if parts else None
    kind = And if joiner == "and" else Or
    flat: list[Expression] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return kind(tuple(flat))


def narrowed(expression: Expression | None, added: Expression) -> Expression:
    """The images of a query that also satisfy `added`; unchanged where it says so already."""
    if expression is None or expression == added:
        return added
    if isinstance(expression, And) and added in expression.parts:
        return expression
    both = joined("and", [expression, added])
    assert both is not None
    return both


def make_term(field: str, operator: Operator, values: tuple[str, ...]) -> Term | None:
    """The term of a row as far as it is filled in; None while it is not."""
    if operator is Operator.RANGE:
        return Term(field, operator, values) if any(values) else None
    filled = tuple(value for value in values if value.strip())
    if not filled:
        return None
    if operator is Operator.IS and len(filled) > 1:
        operator = Operator.ONE_OF
    return Term(field, operator, filled)
