"""What someone probably meant whose query names a value that no image has."""

import difflib
import unicodedata
from dataclasses import replace

from sqlmodel import Session

from core.accounts.access import Viewer
from core.curation.names import fold
from core.projects.tables import Project
from core.search.ast import And, Expression, Not, Or, Term
from core.search.facets import facets
from core.search.fields import FieldType, field_of
from core.search.parser import parse, rewritten

_NEAR = 0.6  # similarity from 0 to 1 at which a value is offered


def suggestion(session: Session, viewer: Viewer, project: Project, text: str) -> str | None:
    """A query in which unknown tags, classes and the like are replaced by the nearest known ones.

    None when every value is known or nothing is near. Raises QueryError.
    """
    expression = parse(text)
    if expression is None:
        return None
    known: dict[str, dict[str, str]] = {}

    def nearest(field: str, value: str) -> str:
        if field not in known:
            counted = facets(session, viewer, project, "", (field,))[field]
            known[field] = {_letters(name): name for name, _ in counted}
        names = known[field]
        folded = _letters(value)
        below = any(name.startswith(f"{folded}/") for name in names)
        if folded in names or below:
            return value
        close = difflib.get_close_matches(folded, names, n=1, cutoff=_NEAR)
        return names[close[0]] if close else value

    def corrected(part: Expression) -> Expression:
        if isinstance(part, Not):
            return Not(corrected(part.part))
        if isinstance(part, And | Or):
            return type(part)(tuple(map(corrected, part.parts)))
        return _replaced(part) if isinstance(part, Term) else part

    def _replaced(term: Term) -> Term:
        field = field_of(term.field)
        # Numbers and what has fixed values are right or wrong as they are.
        if field is None or field.type is not FieldType.CHOICE or field.choices:
            return term
        return replace(term, values=tuple(nearest(term.field, value) for value in term.values))

    if corrected(expression) == expression:
        return None
    return rewritten(text, lambda where: None if where is None else corrected(where))


def _letters(text: str) -> str:
    """What similarity is measured on: letters, also those that a Korean syllable is made of."""
    return unicodedata.normalize("NFD", fold(text))
