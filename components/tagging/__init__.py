"""Tagging many images at once, and taking the last change back."""

from collections import Counter
from collections.abc import Callable

import streamlit as st

import core.annotations
import core.bin  # noqa: F401 - both register how their changes are undone
from components.context import plain, viewer
from components.tagging.manage import manage_tags
from components.workspace import Ids, workspace
from core.curation.tags import add_tag, image_tags, remove_tag, tags
from core.database import reading
from core.errors import UserError
from core.history import last_redoable, last_undoable, sentence, undo
from core.i18n import t
from core.projects.tables import Project

__all__ = ["manage_tags", "tag_bar", "undo_bar"]


def tag_bar(project: Project, image_ids: Ids, *, key: str) -> None:
    """Widgets that add tags to these images and take tags from them, each at once.

    A change makes the workspace's `data_version` grow: the page runs again as a whole when it sees
    that, so that counts and results follow.

    Args:
        image_ids: int64 (N,), at least one.
        key: prefix of the widgets' keys.
    """
    with reading() as session:
        known = [tag.name for tag, _ in tags(session, viewer(), project)]
    present = _present_tags(project, image_ids, key)
    everywhere = {name for name, n in present.items() if n == len(image_ids)}
    _draw_adding(project, image_ids, [name for name in known if name not in everywhere], key)
    if present:
        _draw_removing(project, image_ids, present, key)
    problem = st.session_state.get(f"{key}:problem")
    if problem is not None:
        st.error(plain(problem))


def _present_tags(project: Project, image_ids: Ids, key: str) -> Counter[str]:
    """How many of the images have each tag; counted again when images or data have changed."""
    work = workspace(project.id or 0)
    state = (project.id, image_ids.tobytes(), work.data_version)
    cached = st.session_state.get(f"{key}:present")
    if cached is None or cached[0] != state:
        with reading() as session:
            found = image_tags(session, image_ids)
        cached = (state, Counter(tag.name for each in found.values() for tag in each))
        st.session_state[f"{key}:present"] = cached
    counts: Counter[str] = cached[1]
    return counts


def _draw_adding(project: Project, image_ids: Ids, offered: list[str], key: str) -> None:
    name = f"{key}:add"

    def added() -> None:
        def add() -> None:
            for tag in st.session_state[name]:
                add_tag(viewer(), project.id or 0, tag, image_ids)
            st.session_state[name] = []

        _change(project, key, add)

    held = st.session_state.get(name, [])
    st.multiselect(
        t("tagging.add"),
        list(dict.fromkeys([*offered, *held])),
        key=name,
        placeholder=t("tagging.add_placeholder"),
        accept_new_options=True,
        select_all=False,
        on_change=added,
    )


def _draw_removing(project: Project, image_ids: Ids, present: Counter[str], key: str) -> None:
    name = f"{key}:remove"

    def removed() -> None:
        def remove() -> None:
            tag = st.session_state[name]
            st.session_state[name] = None
            remove_tag(viewer(), project.id or 0, tag, image_ids)

        if st.session_state[name] is not None:
            _change(project, key, remove)

    def label(tag: str) -> str:
        n = present[tag]
        part = "" if len(image_ids) == 1 else f" · {n:,}/{len(image_ids):,}"
        return f"{plain(tag)}{part} :material/close:"

    st.pills(
        t("tagging.remove"),
        [tag for tag, _ in present.most_common()],
        format_func=label,
        key=name,
        help=t("tagging.remove_help"),
        on_change=removed,
    )


def _change(project: Project, key: str, act: Callable[[], None]) -> None:
    """Run a change; what went wrong is kept for the next run to show."""
    st.session_state.pop(f"{key}:problem", None)
    try:
        act()
    except UserError as error:
        st.session_state[f"{key}:problem"] = error
    workspace(project.id or 0).changed()


def undo_bar(project: Project, *, key: str) -> None:
    """The visitor's last change in words with a button that takes it back, and one for redo."""
    with reading() as session:
        undoable = last_undoable(session, viewer(), project)
        redoable = last_redoable(session, viewer(), project)
    if undoable is None and redoable is None:
        return
    with st.container(key=f"{key}_bar", gap="xsmall"):
        if undoable is not None:
            st.caption(t("tagging.last_change", sentence=plain(sentence(undoable))))
        with st.container(horizontal=True, gap="small"):
            for name, icon, event in (
                ("undo", ":material/undo:", undoable),
                ("redo", ":material/redo:", redoable),
            ):
                st.button(
                    t(f"tagging.{name}"),
                    icon=icon,
                    key=f"{key}:{name}",
                    disabled=event is None,
                    help=None if event is None else plain(sentence(event)),
                    on_click=_take_back,
                    args=(project, key, event.id if event is not None else 0),
                )
        problem = st.session_state.get(f"{key}:problem")
        if problem is not None:
            st.error(plain(problem))


def _take_back(project: Project, key: str, event_id: int) -> None:
    def take_back() -> None:
        undo(viewer(), event_id)

    _change(project, key, take_back)
