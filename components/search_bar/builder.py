"""The query builder: conditions as chips, in brackets to any depth, written as a query at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count as counter

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.context import plain
from components.search_bar import rows, tree
from components.search_bar.form import Joiner, read, write
from components.search_bar.results import search_of, submit
from components.search_bar.rows import RowState
from components.search_bar.tree import GroupState
from components.workspace import workspace
from core.i18n import t
from core.projects.tables import Project
from core.search import Not, parse, rewritten, to_text

_JOINERS: tuple[Joiner, ...] = ("and", "or")
_MOVES: tuple[tuple[tree.Move, str], ...] = (
    ("back", ":material/arrow_back:"),
    ("forth", ":material/arrow_forward:"),
    ("wrap", ":material/data_array:"),
    ("out", ":material/move_up:"),
)
_LONGEST = 60  # characters of a chip


@dataclass
class _Builder:
    """What the builder shows. `query` is the text that it stands for."""

    project_id: int
    query: str | None = None
    root: GroupState = field(default_factory=lambda: GroupState(0))
    #: Numbers the widgets; never used twice, so that a new row never shows an old one's input.
    uids: Iterator[int] = field(default_factory=lambda: counter(1))

    def read(self, query: str) -> None:
        """Show `query`."""
        self.query = query
        self.root = tree.state_of(read(parse(query)), self.uids)

    def apply(self) -> None:
        """Write what the widgets hold into the query, without the rows that are not complete."""
        for group in self.root.groups():
            group.joiner = st.session_state.get(self.key("joiner", group.uid), group.joiner)
            group.negated = st.session_state.get(self.key("not", group.uid), group.negated)
        for row in self.root.rows():
            rows.take_over(row, self.key)
        written = write(tree.form_of(self.root))
        submit(self.project_id, rewritten(workspace(self.project_id).query, lambda _: written))
        self.query = workspace(self.project_id).query

    def change(self, how: Callable[[], None]) -> None:
        """Change the tree, after what the widgets hold was taken over, and write it."""
        how()
        self.apply()

    def key(self, name: str, uid: int = 0) -> str:
        """Streamlit's key of a widget."""
        return f"builder:{self.project_id}:{uid}:{name}"


def builder(project: Project) -> None:
    """Draw the builder over the query in force."""
    assert project.id is not None
    builders: dict[int, _Builder] = st.session_state.setdefault("builders", {})
    state = builders.setdefault(project.id, _Builder(project.id))
    query = workspace(project.id).query
    if state.query != query:
        state.read(query)
    with st.container(border=True, key="query_builder", gap="xsmall"):
        _draw_group(project, state, state.root)


def _draw_group(project: Project, state: _Builder, group: GroupState) -> None:
    """Chips stand side by side; a group in brackets stands below what is in front of it."""
    line = _line()
    with line:
        if group is not state.root:
            _draw_moves(state, group)
            _draw_negation(state, group)
        _draw_joiner(state, group)
    for part in group.parts:
        if isinstance(part, GroupState):
            with st.container(border=True, gap="xsmall", key=state.key("group", part.uid)):
                _draw_group(project, state, part)
            line = _line()
        else:
            with line:
                _draw_chip(project, state, part)
    with line:
        _draw_adding(state, group)


def _line() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", gap="small")


def _draw_adding(state: _Builder, group: GroupState) -> None:
    for name, icon, add in (
        ("add_row", ":material/add:", tree.add_row),
        ("add_group", ":material/data_array:", tree.add_group),
    ):
        st.button(
            t(f"search_bar.{name}"),
            icon=icon,
            type="tertiary",
            key=state.key(name, group.uid),
            on_click=add,
            args=(group, state.uids),
        )


def _draw_negation(state: _Builder, group: GroupState) -> None:
    key = state.key("not", group.uid)
    st.session_state.setdefault(key, group.negated)
    st.checkbox(t("search_bar.not"), key=key, on_change=state.apply)


def _draw_joiner(state: _Builder, group: GroupState) -> None:
    key = state.key("joiner", group.uid)
    st.session_state.setdefault(key, group.joiner)
    st.segmented_control(
        t("search_bar.joined"),
        _JOINERS,
        required=True,
        format_func=lambda name: t(f"search_bar.joiners.{name}"),
        key=key,
        label_visibility="collapsed",
        on_change=state.apply,
    )


def _draw_moves(state: _Builder, part: RowState | GroupState) -> None:
    """Buttons that move a condition or a group, and one that takes it away."""
    parent = tree.parent_of(state.root, part)
    assert parent is not None
    place, last = parent.parts.index(part), len(parent.parts) - 1
    impossible = {"back": place == 0, "forth": place == last, "out": parent is state.root}
    for how, icon in _MOVES:
        st.button(
            "",
            icon=icon,
            type="tertiary",
            help=t(f"search_bar.moves.{how}"),
            key=state.key(how, part.uid),
            disabled=impossible.get(how, False),
            on_click=state.change,
            args=(lambda how=how: tree.move(state.root, part, how, state.uids),),
        )
    st.button(
        "",
        icon=":material/delete:",
        type="tertiary",
        help=t("search_bar.moves.remove"),
        key=state.key("remove", part.uid),
        on_click=state.change,
        args=(lambda: tree.remove(state.root, part),),
    )


def _draw_chip(project: Project, state: _Builder, row: RowState) -> None:
    wrong = ":material/error:" if row.error is not None else None
    with st.popover(_said(row), icon=wrong, key=state.key("chip", row.uid)):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            rows.draw_negation(row, state.key, state.apply)
            _draw_moves(state, row)
        if row.text is None:
            rows.draw_field(row, state.key, state.apply)
            rows.draw_operator(row, state.key, state.apply)
        rows.draw_values(row, state.key, state.apply, _offered(project, row.name))
        if row.error is not None:
            st.caption(f":red[:material/error: {plain(row.error)} {plain(row.error.hint)}]")


def _said(row: RowState) -> str:
    """What a chip says: the condition as the query has it, or which field is still to be filled."""
    if row.error is None and (made := tree.row_of(row)) is not None:
        text = to_text(Not(made.term) if made.negated else made.term)
        return plain(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")
    return f"{t(f'search_bar.fields.{row.name}')} …"


def _offered(project: Project, name: str) -> dict[str, int]:
    """The values of a choice field with the number of images that have each."""
    if not rows.is_choice(name):
        return {}
    return dict(search_of(project.id or 0).counts(project, name))
