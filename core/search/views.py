"""Reading a query in which `in:` may name saved queries."""

from dataclasses import replace

from sqlmodel import Session, col, select

from core.curation.names import fold
from core.projects.tables import Project
from core.search.ast import And, Expression, Not, Operator, Or, Term, terms
from core.search.errors import QueryError
from core.search.parser import MAX_DEPTH, parse
from core.search.tables import SavedQuery


def read(session: Session, project: Project, text: str) -> Expression | None:
    """`parse`, with each `in:` of a saved query replaced by what that query says.

    Raises QueryError, also when saved queries refer to one another in a circle.
    """
    expression = parse(text)
    if expression is None or not any(term.field == "in" for term, _ in terms(expression)):
        return expression
    query = select(SavedQuery).where(col(SavedQuery.project_id) == project.id)
    saved = {each.folded: each.text for each in session.exec(query)}
    whole = _expanded(expression, saved, ())
    deepest, depth = max(terms(whole), key=lambda pair: pair[1])
    if depth > MAX_DEPTH:
        raise QueryError("too_deep", min(deepest.column, len(text)), most=MAX_DEPTH)
    return whole


def _expanded(part: Expression, saved: dict[str, str], within: tuple[str, ...]) -> Expression:
    if isinstance(part, Not):
        return Not(_expanded(part.part, saved, within))
    if isinstance(part, And | Or):
        return type(part)(tuple(_expanded(each, saved, within) for each in part.parts))
    if part.field != "in" or not any(fold(value) in saved for value in part.values):
        return part
    choices: list[Expression] = []
    for value in part.values:
        name = fold(value)
        if name in within:
            raise QueryError("circle", part.column, name=value)
        # A selection may have the same name; both are meant.
        choices.append(replace(part, operator=Operator.IS, values=(value,)))
        if name in saved:
            inner = parse(saved[name])
            choices.append(
                Term("id", Operator.AT_LEAST, ("0",))
                if inner is None
                else _expanded(inner, saved, (*within, name))
            )
    return Or(tuple(choices)) if len(choices) > 1 else choices[0]
