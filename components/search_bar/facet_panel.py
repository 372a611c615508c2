"""The facets of the query in force: their fields, and what a click writes into the query."""

from components.facets import Facet, FacetClick, FacetValue, facets
from components.search_bar.form import conjuncts, joined
from components.search_bar.results import Counts, narrow, search_of, submit
from components.workspace import workspace
from core.i18n import t
from core.projects.tables import Project
from core.search import (
    Expression,
    Not,
    Operator,
    QueryError,
    TagNode,
    Term,
    parse,
    rewritten,
    to_text,
)

_MOST = 60  # values of a field that are sent to the browser
#: Metadata of which every image has another value is no facet: nobody picks from thousands of ones.
_TOO_MANY = 200


def facet_panel(project: Project) -> None:
    """Draw the values of every field of the result; a click adds one or excludes it."""
    assert project.id is not None
    query = workspace(project.id).query
    expression = parse(query)
    parts = conjuncts(expression)
    counted = search_of(project.id).facets(project)
    groups = [
        _tag_group(project, parts) if name == "tag" else _group(name, counts, parts)
        for name, counts in counted.items()
        if _tells(counts)
    ]

    def clicked(click: FacetClick) -> None:
        apply_click(project.id or 0, click)

    facets(
        groups,
        [to_text(part) for part in parts],
        key=f"facets:{project.id}",
        asked=query,
        clicked=clicked,
    )


def _tells(counts: Counts) -> bool:
    return bool(counts) and not (len(counts) > _TOO_MANY and counts[0][1] == 1)


def _group(name: str, counts: Counts, parts: tuple[Expression, ...]) -> Facet:
    values = [
        FacetValue(value, _value_label(name, value), number, term_of(name, value) in parts)
        for value, number in counts[:_MOST]
    ]
    return Facet(name, _label(name), values, max(0, len(counts) - _MOST))


def _tag_group(project: Project, parts: tuple[Expression, ...]) -> Facet:
    nodes = search_of(project.id or 0).tag_tree(project)

    def value(node: TagNode) -> FacetValue:
        added = term_of("tag", node.name) in parts
        return FacetValue(node.name, node.label, node.count, added, node.depth)

    values = [value(node) for node in nodes[:_MOST]]
    return Facet("tag", _label("tag"), values, max(0, len(nodes) - _MOST))


def _label(name: str) -> str:
    prefix, _, attribute = name.partition(".")
    return attribute or t(f"search_bar.fields.{prefix}")


def _value_label(name: str, value: str) -> str:
    """What people read of a value: words of the query language are said in their own."""
    if name == "fault":
        return t(f"search_bar.fields.{value}")
    return t(f"search_bar.correct.{value}") if name == "correct" else value


def term_of(name: str, value: str) -> Term:
    """The condition that an image has this value, as the parser gives it."""
    try:
        term = parse(to_text(Term(name, Operator.IS, (value,))))
    except QueryError:
        term = None
    # An attribute's text may look like a range or hold what stands in no value.
    return term if isinstance(term, Term) else Term(name, Operator.IS, (value,))


def apply_click(project_id: int, click: FacetClick) -> None:
    """Write what a click asks for into the query; for callbacks."""
    if click.kind in ("add", "exclude"):
        term = term_of(click.field, click.value)
        narrow(project_id, Not(term) if click.kind == "exclude" else term)
        return
    query = workspace(project_id).query
    parts = conjuncts(parse(query))
    if click.kind == "remove":
        kept = parts[: click.index] + parts[click.index + 1 :]
    else:
        term = term_of(click.field, click.value)
        kept = tuple(part for part in parts if part != term)
    submit(project_id, rewritten(query, lambda _: joined("and", list(kept))))
