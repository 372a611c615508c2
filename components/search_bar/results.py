"""The query of a visitor and what it finds, kept as long as neither it nor the data changes."""

from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from components.context import viewer
from components.search_bar.form import narrowed
from components.workspace import Ids, workspace
from core.database import reading
from core.history import events
from core.projects.tables import Project
from core.search import (
    FACETS,
    Expression,
    Query,
    QueryError,
    TagNode,
    attributes,
    count,
    facets,
    find,
    parse,
    parse_query,
    parse_tags,
    rewritten,
    tag_tree,
    to_tag_text,
    to_text,
    values,
)

#: Values of a field, each with its number of images, the most frequent first.
Counts = list[tuple[str, int]]

#: Orders to choose from, the most useful first.
ORDERS = (
    "name", "-name", "-date", "date", "-uploaded", "uploaded",
    "-confidence", "confidence", "-bytes", "bytes",
)  # fmt: skip


#: The model is left out: its analyses are no choice within a project.
_FIRST = (
    "tag", "pred", "truth", "correct", "differs", "box", "fault", "cluster", "duplicate", "batch",
    "in", "by", "camera", "format", "model",
)  # fmt: skip
_FACETS = (*_FIRST[:-1], *(name for name in FACETS if name not in _FIRST))
_MOST_ATTRIBUTES = 30


@dataclass(frozen=True)
class Result:
    """What the query finds.

    Attributes:
        ids: int64 (N,), image ids in the chosen order.
        total: number of the project's images.
        version: changes with whatever a tile may show.
    """

    ids: Ids
    total: int
    version: str


@dataclass
class Search:
    """One visitor's search in one project, beside the query in the workspace."""

    order: str = ORDERS[0]
    #: What the text field holds: the query in force, or a wrong one.
    text: str = ""
    #: The query in force when `text` was written.
    shown: str = ""
    #: Whether the text holds tags with AND, OR, NOT and brackets alone.
    tags_only: bool = False
    #: Grows when `text` changes by anything but typing.
    version: int = 0
    #: What is wrong with `text`.
    error: QueryError | None = None
    #: The query of the page's address, as it was taken over or written last.
    address: str = ""
    _key: tuple[str, str, str] | None = None
    _counts: dict[str, Counts] = field(default_factory=dict)
    _facets: dict[str, dict[str, Counts]] = field(default_factory=dict)
    _tags: dict[str, list[TagNode]] = field(default_factory=dict)
    _ids: Ids = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def run(self, project: Project, query: str) -> Result:
        """Ask the database where something may have changed."""
        with reading() as session:
            total = count(session, viewer(), project, "")
            latest = events(session, viewer(), project, limit=1)
            seen = workspace(project.id or 0).data_version
            version = f"{seen}.{total}.{latest[0].id if latest else 0}"
            key = (query, self.order, version)
            if self._key is None or version != self._key[2]:
                self._counts.clear()
                self._facets.clear()
                self._tags.clear()
            if key != self._key:
                self._ids = find(session, viewer(), project, query, self.order)
                self._key = key
        return Result(self._ids, total, version)

    def counts(self, project: Project, name: str) -> Counts:
        """The values of a choice field with their number of images, as of the last run."""
        if name not in self._counts:
            with reading() as session:
                self._counts[name] = values(session, viewer(), project, name)
        return self._counts[name]

    def facets(self, project: Project) -> dict[str, Counts]:
        """The values of every field among what the query in force finds, metadata included."""
        query = workspace(project.id or 0).query
        if query not in self._facets:
            with reading() as session:
                names = [name for name, _ in attributes(session, viewer(), project, query)]
                wanted = (*_FACETS, *(f"meta.{name}" for name in names[:_MOST_ATTRIBUTES]))
                self._facets = {query: facets(session, viewer(), project, query, wanted)}
        return self._facets[query]

    def tag_tree(self, project: Project) -> list[TagNode]:
        """The tags among what the query in force finds, each below its parent."""
        query = workspace(project.id or 0).query
        if query not in self._tags:
            with reading() as session:
                self._tags = {query: tag_tree(session, viewer(), project, query)}
        return self._tags[query]


def search_of(project_id: int) -> Search:
    """The visitor's search in a project."""
    searches: dict[int, Search] = st.session_state.setdefault("searches", {})
    return searches.setdefault(project_id, Search())


def submit(project_id: int, text: str, *, typed: bool = False) -> None:
    """Make `text` the query and show it in the text field; for callbacks.

    A wrong one stays in the text field with what is wrong, and the last right one stays in force.

    Args:
        typed: the text field holds it already, and it is written as the field's mode wants it.
    """
    search, work = search_of(project_id), workspace(project_id)
    search.tags_only = search.tags_only and (typed or not _is_wrong(text))
    try:
        query = to_text(parse_tags(text)) if typed and search.tags_only else text.strip()
        parse(query)
    except QueryError as error:
        search.error, search.version = error, search.version + (not typed)
        search.text = text
        return
    search.error = None
    if query != work.query:
        work.query, work.opened = query, None
    if typed:
        search.text, search.shown = text, query
    else:
        show_query(project_id)


def show_query(project_id: int) -> None:
    """Write the query in force into the text field; nothing where tags alone cannot say it."""
    search, work = search_of(project_id), workspace(project_id)
    search.error, search.shown = None, work.query
    search.text = _as_tags(work.query) if search.tags_only else work.query
    search.version += 1


def _as_tags(query: str) -> str:
    asked = parse_query(query)
    return (to_tag_text(asked.where) or "") if asked == Query(asked.where) else ""


def _is_wrong(text: str) -> bool:
    try:
        parse(text)
    except QueryError:
        return True
    return False


def narrow(project_id: int, added: Expression) -> None:
    """Keep only what also satisfies `added`; for callbacks."""
    query = workspace(project_id).query
    submit(project_id, rewritten(query, lambda where: narrowed(where, added)))
