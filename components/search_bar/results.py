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
from core.search import Expression, QueryError, count, facets, find, parse, rewritten, values

#: Values of a field, each with its number of images, the most frequent first.
Counts = list[tuple[str, int]]

#: Orders to choose from, the most useful first.
ORDERS = (
    "name", "-name", "-date", "date", "-uploaded", "uploaded",
    "-confidence", "confidence", "-bytes", "bytes",
)  # fmt: skip


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
    #: What is wrong with `failed`, the text that was typed last.
    error: QueryError | None = None
    failed: str = ""
    #: Whether the query of the page's address was taken over.
    begun: bool = False
    _key: tuple[str, str, str] | None = None
    _counts: dict[str, Counts] = field(default_factory=dict)
    _facets: dict[tuple[str, str], Counts] = field(default_factory=dict)
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

    def facet(self, project: Project, name: str) -> Counts:
        """The values of a choice field among what the query in force finds."""
        query = workspace(project.id or 0).query
        if (query, name) not in self._facets:
            with reading() as session:
                found = facets(session, viewer(), project, query, (name,))
            self._facets[query, name] = found[name]
        return self._facets[query, name]


def search_of(project_id: int) -> Search:
    """The visitor's search in a project."""
    searches: dict[int, Search] = st.session_state.setdefault("searches", {})
    return searches.setdefault(project_id, Search())


def text_key(project_id: int) -> str:
    """Streamlit's key of the text field."""
    return f"query_text:{project_id}"


def submit(project_id: int, text: str) -> None:
    """Make `text` the query and show it in the text field; for callbacks.

    A wrong one stays in the text field with what is wrong, and the last right one stays in force.
    """
    search, work = search_of(project_id), workspace(project_id)
    st.session_state[text_key(project_id)] = text
    try:
        parse(text)
    except QueryError as error:
        search.error, search.failed = error, text
        return
    search.error = None
    if text.strip() != work.query:
        work.query, work.opened = text.strip(), None


def narrow(project_id: int, added: Expression) -> None:
    """Keep only what also satisfies `added`; for callbacks."""
    query = workspace(project_id).query
    submit(project_id, rewritten(query, lambda where: narrowed(where, added)))
