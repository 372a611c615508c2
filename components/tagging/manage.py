"""The dialog in which the tags of a project are renamed, coloured, merged and deleted."""

from collections.abc import Callable, Container

import streamlit as st

from components.context import plain, viewer
from components.live import done_here
from components.workspace import workspace
from core.curation.favourites import NUMBERS, favourites, set_favourite
from core.curation.merging import colour_tag, merge_tags
from core.curation.tables import Tag
from core.curation.tags import create_tag, delete_tag, rename_tag, tags
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.projects.tables import Project


def manage_tags(project: Project) -> None:
    """Open the dialog. Whatever is done in it can be undone beside the gallery."""

    @st.dialog(t("tagging.manage"), width="medium")
    def dialog() -> None:
        with reading() as session:
            known = tags(session, viewer(), project)
        _draw_creating(project)
        if not known:
            st.caption(t("tagging.no_tags"))
            return
        numbers = {tag.name: number for tag, number in known}
        by_name = {tag.name: tag for tag, _ in sorted(known, key=_in_tree)}
        name = st.selectbox(
            t("tagging.tag"),
            list(by_name),
            format_func=lambda each: f"{indented(each, by_name)} ({numbers[each]:,})",
            key=f"manage:{project.id}:tag",
        )
        _draw_key(project, by_name[name])
        _draw_tag(project, by_name[name], [each for each in by_name if each != name])

    dialog()


def _in_tree(known: tuple[Tag, int]) -> list[str]:
    return known[0].folded.split("/")


def indented(name: str, names: Container[str]) -> str:
    """A tag's name as it stands in the tree of all `names`: below one that is there, its end."""
    parts = name.split("/")
    above = [n for n in range(1, len(parts)) if "/".join(parts[:n]) in names]
    if not above:
        return name
    return "\u2003" * len(above) + "└ " + "/".join(parts[above[-1] :])


def _draw_key(project: Project, tag: Tag) -> None:
    """The key of a favourite tag, chosen for this person alone."""
    with reading() as session:
        taken = {n: each.name for n, each in favourites(session, viewer(), project).items()}
    mine = next((n for n, name in taken.items() if name == tag.name), None)

    def chosen() -> None:
        event = set_favourite(viewer(), project.id or 0, tag.name, st.session_state[key])
        done_here(project.id or 0, event)

    def label(number: int | None) -> str:
        if number is None:
            return t("tagging.no_key")
        return f"{number}" if number not in taken else f"{number} · {taken[number]}"

    # Another key of the widget for each state: it shows what is stored, whoever changed it.
    key = f"manage:{tag.id}:key:{mine}"
    choices = [None, *NUMBERS]
    st.selectbox(
        t("tagging.key"),
        choices,
        index=choices.index(mine),
        format_func=label,
        key=key,
        help=t("tagging.key_help"),
        on_change=chosen,
    )


def _draw_creating(project: Project) -> None:
    with (
        st.form("create_tag", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input(
            t("tagging.new"), max_chars=100, help=t("tagging.hierarchy"), key="manage:new"
        )
        if st.form_submit_button(t("tagging.create"), icon=":material/add:"):
            _act(project, lambda: create_tag(viewer(), project.id or 0, name))


def _draw_tag(project: Project, tag: Tag, others: list[str]) -> None:
    project_id = project.id or 0
    with st.form(f"rename_tag:{tag.id}", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(t("tagging.name"), tag.name, max_chars=100)
            colour = st.color_picker(t("tagging.colour"), tag.colour)
            saved = st.form_submit_button(t("tagging.save"), type="primary")
        if saved:

            def save() -> None:
                colour_tag(viewer(), project_id, tag.name, colour)
                rename_tag(viewer(), project_id, tag.name, name)

            _act(project, save)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        into = st.selectbox(
            t("tagging.merge_into"),
            others,
            index=None,
            placeholder=t("tagging.choose"),
            key=f"manage:{tag.id}:into",
        )
        if st.button(t("tagging.merge"), icon=":material/merge:", disabled=into is None):
            _act(project, lambda: merge_tags(viewer(), project_id, tag.name, into or ""))
        if st.button(t("tagging.delete"), icon=":material/delete:", help=t("tagging.delete_help")):
            _act(project, lambda: delete_tag(viewer(), project_id, tag.name))


def _act(project: Project, change: Callable[[], object]) -> None:
    try:
        change()
    except UserError as error:
        st.error(plain(error))
        return
    workspace(project.id or 0).changed()
    st.rerun()
