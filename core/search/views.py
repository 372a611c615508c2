"""Reading a query in which `in:` may name saved queries."""

from dataclasses import replace

from sqlmodel import Session, col, select

from core.curation.names import fold
from core.projects.tables import Project
from core.search.ast import And, Expression, Not, Operator, Or, Query, Taken, Term, terms
from core.search.errors import QueryError
from core.search.parser import MAX_DEPTH, parse_query
from core.search.tables import SavedQuery


def read(session: Session, project: Project, text: str) -> Expression | None:
    """Which images a query is about, with each `in:` of a saved query replaced by what that says.

    Where the query has a sample or a limit, that is part of it. Raises QueryError, also when saved
    queries refer to one another in a circle.
    """
    asked = parse_query(text)
    where = asked.where
    if where is None or not any(term.field == "in" for term, _ in terms(where)):
        return _whole(asked)
    query = select(SavedQuery).where(col(SavedQuery.project_id) == project.id)
    saved = {each.folded: each.text for each in session.exec(query)}
    where = _expanded(where, saved, ())
    deepest, depth = max(terms(where), key=lambda pair: pair[1])
    if depth > MAX_DEPTH:
        raise QueryError("too_deep", min(deepest.column, len(text)), most=MAX_DEPTH)
    return _whole(replace(asked, where=where))


def _whole(query: Query) -> Expression | None:
    return query.where if query.sample is None and query.limit is None else Taken(query)


def _expanded(part: Expression, saved: dict[str, str], within: tuple[str, ...]) -> Expression:
    if isinstance(part, Not):
        return Not(_expanded(part.part, saved, within))
    if isinstance(part, And | Or):
        return type(part)(tuple(_expanded(each, saved, within) for each in part.parts))
    if isinstance(part, Taken) or part.field != "in":
        return part
    if not any(fold(value) in saved for value in part.values):
        return part
    choices: list[Expression] = []
    for value in part.values:
        name = fold(value)
        if name in within:
            raise QueryError("circle", part.column, name=value)
        # A selection may have the same name; both are meant.
        choices.append(replace(part, operator=Operator.IS, values=(value,)))
        if name in saved:
            inner = parse_query(saved[name])
            if inner.where is not None:
                inner = replace(inner, where=_expanded(inner.where, saved, (*within, name)))
            choices.append(_whole(inner) or Term("id", Operator.AT_LEAST, ("0",)))
    return Or(tuple(choices)) if len(choices) > 1 else choices[0]
