"""The query builder's form: rows in groups, read from a query and written as one.

A form has one level of brackets. `read` gives None for a query that needs more.
"""

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
    """Conditions within one pair of brackets."""

    rows: tuple[Row, ...]
    joiner: Joiner = "and"


@dataclass(frozen=True)
class Form:
    """Groups, and how they are joined."""

    groups: tuple[Group, ...]
    joiner: Joiner = "and"


def write(form: Form) -> Expression | None:
    """The query of a form; None for one without rows."""
    parts = [joined(group.joiner, list(map(_condition, group.rows))) for group in form.groups]
    return joined(form.joiner, [part for part in parts if part is not None])


def read(expression: Expression | None) -> Form | None:
    """The form of a query; None when its brackets are too deep for one."""
    if expression is None:
        return Form(())
    whole = _group(expression)
    if whole is not None:
        return Form((whole,))
    if not isinstance(expression, And | Or):
        return None
    joiner: Joiner = "and" if isinstance(expression, And) else "or"
    groups: list[Group] = []
    for part in expression.parts:
        group = _group(part)
        if group is None:
            return None
        # Conditions side by side stay in one group, as they stand in one line of the text.
        if len(group.rows) == 1 and groups and groups[-1].joiner == joiner:
            groups[-1] = Group(groups[-1].rows + group.rows, joiner)
        else:
            groups.append(group if len(group.rows) > 1 else Group(group.rows, joiner))
    return Form(tuple(groups), joiner)


def _group(expression: Expression) -> Group | None:
    row = _row(expression)
    if row is not None:
        return Group((row,))
    if not isinstance(expression, And | Or):
        return None
    rows = [_row(part) for part in expression.parts]
    if None in rows:
        return None
    kept = tuple(row for row in rows if row is not None)
    return Group(kept, "and" if isinstance(expression, And) else "or")


def _row(expression: Expression) -> Row | None:
    if isinstance(expression, Term):
        return Row(expression)
    if isinstance(expression, Not) and isinstance(expression.part, Term):
        return Row(expression.part, negated=True)
    return None


def _condition(row: Row) -> Expression:
    return Not(row.term) if row.negated else row.term


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
