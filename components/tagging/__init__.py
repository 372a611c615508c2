"""Tagging many images at once."""

import streamlit as st

from components.context import plain, viewer
from components.tagging.acts import give, take
from components.tagging.chips import favourite_chips, suggestion_chips
from components.tagging.manage import manage_tags
from components.workspace import Ids, workspace
from core.curation.tags import tag_counts, tags
from core.database import reading
from core.i18n import t
from core.projects.tables import Project

__all__ = ["manage_tags", "tag_bar"]


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
    favourite_chips(project, image_ids, present, key=key)
    _draw_adding(project, image_ids, [name for name in known if name not in everywhere], key)
    suggestion_chips(project, image_ids, key=key)
    if present:
        _draw_removing(project, image_ids, present, key)


def _present_tags(project: Project, image_ids: Ids, key: str) -> dict[str, int]:
    """How many of the images have each tag; counted again when images or data have changed."""
    work = workspace(project.id or 0)
    state = (project.id, image_ids.tobytes(), work.data_version)
    kept: tuple[object, dict[str, int]] | None = st.session_state.get(f"{key}:present")
    if kept is None or kept[0] != state:
        with reading() as session:
            kept = (state, tag_counts(session, image_ids))
        st.session_state[f"{key}:present"] = kept
    return kept[1]


def _draw_adding(project: Project, image_ids: Ids, offered: list[str], key: str) -> None:
    name = f"{key}:add"

    def added() -> None:
        refused = [
            tag for tag in st.session_state[name] if not give(project.id or 0, tag, image_ids)
        ]
        st.session_state[name] = refused

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


def _draw_removing(project: Project, image_ids: Ids, present: dict[str, int], key: str) -> None:
    name = f"{key}:remove"

    def removed() -> None:
        tag, st.session_state[name] = st.session_state[name], None
        if tag is not None:
            take(project.id or 0, tag, image_ids)

    def label(tag: str) -> str:
        n = present[tag]
        part = "" if len(image_ids) == 1 else f" · {n:,}/{len(image_ids):,}"
        return f"{plain(tag)}{part} :material/close:"

    st.pills(
        t("tagging.remove"),
        list(present),
        format_func=label,
        key=name,
        help=t("tagging.remove_help"),
        on_change=removed,
    )
