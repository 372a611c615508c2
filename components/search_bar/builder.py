"""The query builder: conditions chosen from lists, written into the query as they are chosen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count as counter

import streamlit as st

from components.context import plain
from components.search_bar import rows
from components.search_bar.form import Form, Group, Joiner, Row, read, write
from components.search_bar.results import search_of, submit
from components.search_bar.rows import RowState
from components.workspace import workspace
from core.i18n import t
from core.projects.tables import Project
from core.search import QueryError, Term, parse, rewritten, to_text

_FIRST_FIELD = "pred"
_JOINERS: tuple[Joiner, ...] = ("and", "or")


@dataclass
class _GroupState:
    uid: int
    rows: list[RowState]
    joiner: Joiner = "and"


@dataclass
class _Builder:
    """What the builder shows. `query` is the text that it stands for."""

    project_id: int
    query: str = ""
    joiner: Joiner = "and"
    groups: list[_GroupState] = field(default_factory=list)
    #: Numbers the widgets; never used twice, so that a new row never shows an old one's input.
    uids: Iterator[int] = field(default_factory=counter)
    readable: bool = True

    def read(self, query: str) -> None:
        """Show `query`."""
        form = read(parse(query))
        self.query, self.readable = query, form is not None and rows.showable(form)
        shown = form if form is not None and self.readable else Form(())
        self.joiner = shown.joiner
        self.groups = [self._group(group) for group in shown.groups]
        if not self.groups:
            self.add_group()

    def _group(self, group: Group) -> _GroupState:
        states = [rows.state_of(row, next(self.uids)) for row in group.rows]
        return _GroupState(next(self.uids), states, group.joiner)

    def add_group(self) -> None:
        self.groups.append(_GroupState(next(self.uids), []))
        self.add_row(self.groups[-1])

    def add_row(self, group: _GroupState) -> None:
        group.rows.append(RowState(next(self.uids), _FIRST_FIELD))

    def remove(self, group: _GroupState, row: RowState) -> None:
        group.rows.remove(row)
        self.groups = [group for group in self.groups if group.rows]
        if not self.groups:
            self.add_group()
        self.apply()

    def apply(self) -> None:
        """Write what the widgets hold into the query, without the rows that are not complete."""
        self.joiner = st.session_state.get(self.key("joiner"), self.joiner)
        groups = []
        for group in self.groups:
            group.joiner = st.session_state.get(self.key("joiner", group.uid), group.joiner)
            for row in group.rows:
                rows.take_over(row, self.key)
            filled = tuple(made for row in group.rows if (made := _made(row)) is not None)
            groups.append(Group(filled, group.joiner))
        written = write(Form(tuple(groups), self.joiner))
        query = workspace(self.project_id).query
        submit(self.project_id, rewritten(query, lambda _: written))
        self.query = workspace(self.project_id).query

    def key(self, name: str, uid: int = 0) -> str:
        """Streamlit's key of a widget."""
        return f"builder:{self.project_id}:{uid}:{name}"


def builder(project: Project) -> None:
    """Draw the builder over the query in force."""
    assert project.id is not None
    builders: dict[int, _Builder] = st.session_state.setdefault("builders", {})
    state = builders.setdefault(project.id, _Builder(project.id))
    query = workspace(project.id).query
    if not state.groups or state.query != query:
        state.read(query)
    with st.container(border=True, key="query_builder"):
        if not state.readable:
            st.info(t("search_bar.too_deep"))
            st.button(t("search_bar.start_new"), on_click=submit, args=(project.id, ""))
            return
        for position, group in enumerate(state.groups):
            if position == 1:
                _draw_joiner(state, 0, state.joiner, "search_bar.between_groups")
            elif position:
                st.caption(t(f"search_bar.joiners.{state.joiner}"))
            _draw_group(project, state, group)
        st.button(
            t("search_bar.add_group"),
            icon=":material/data_array:",
            type="tertiary",
            key=state.key("add_group"),
            on_click=state.add_group,
        )


def _draw_group(project: Project, state: _Builder, group: _GroupState) -> None:
    bracketed = len(state.groups) > 1
    with st.container(border=bracketed, gap="xsmall"):
        if len(group.rows) > 1:
            _draw_joiner(state, group.uid, group.joiner, "search_bar.within_group")
        for row in group.rows:
            _draw_row(project, state, group, row)
        st.button(
            t("search_bar.add_row"),
            icon=":material/add:",
            type="tertiary",
            key=state.key("add_row", group.uid),
            on_click=state.add_row,
            args=(group,),
        )


def _draw_joiner(state: _Builder, uid: int, joiner: Joiner, label: str) -> None:
    key = state.key("joiner", uid)
    st.session_state.setdefault(key, joiner)
    st.segmented_control(
        t(label),
        _JOINERS,
        required=True,
        format_func=lambda name: t(f"search_bar.joiners.{name}"),
        key=key,
        label_visibility="collapsed",
        on_change=state.apply,
    )


def _draw_row(project: Project, state: _Builder, group: _GroupState, row: RowState) -> None:
    offered = _offered(project, row.name)
    negation, chosen, operator, value, delete = st.columns(
        [1, 2.4, 2, 4.2, 0.7], vertical_alignment="center", gap="small"
    )
    with negation:
        rows.draw_negation(row, state.key, state.apply)
    with chosen:
        rows.draw_field(row, state.key, state.apply)
    with operator:
        rows.draw_operator(row, state.key, state.apply)
    with value:
        rows.draw_values(row, state.key, state.apply, offered)
    with delete:
        st.button(
            "",
            icon=":material/delete:",
            help=t("search_bar.remove_row"),
            type="tertiary",
            key=state.key("remove", row.uid),
            on_click=state.remove,
            args=(group, row),
        )
    if row.error is not None:
        st.caption(f":red[:material/error: {plain(row.error)} {plain(row.error.hint)}]")


def _offered(project: Project, name: str) -> dict[str, int]:
    """The values of a choice field with the number of images that have each."""
    if not rows.is_choice(name):
        return {}
    return dict(search_of(project.id or 0).counts(project, name))


def _made(row: RowState) -> Row | None:
    """The condition of a row; None, with the row's error, while it is none."""
    row.error = None
    made = rows.row_of(row)
    if made is None:
        return None
    try:
        # What the query language makes of it, so that 1..5 becomes a range here too.
        term = parse(to_text(made.term))
    except QueryError as error:
        row.error = error
        return None
    return Row(term, made.negated) if isinstance(term, Term) else None
