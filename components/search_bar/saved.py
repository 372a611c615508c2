"""Saved queries of a project: to open, to watch, to keep the present one, to forget one."""

from contextlib import suppress
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from components.assets import base_path
from components.context import plain, viewer
from components.moments import ago
from components.search_bar.results import submit
from components.workspace import workspace
from core.database import reading
from core.errors import NotFound, UserError
from core.i18n import t
from core.projects.tables import Project
from core.search.saved import (
    News,
    delete_query,
    look,
    news,
    save_query,
    saved_queries,
    saved_query,
    watch,
)
from core.search.tables import SavedQuery


def saved(project: Project) -> None:
    """Draw the list, and the form that keeps the query in force."""
    with reading() as session:
        queries = saved_queries(session, viewer(), project)
    known = [(each, _news(project, each)) for each in queries]
    with st.container(border=True, key="saved_queries"):
        if not known:
            st.caption(t("search_bar.no_saved"))
        for each, found in known:
            _draw_row(project, each, found)
        if workspace(project.id or 0).query:
            _draw_saving(project)


def _news(project: Project, each: SavedQuery) -> News | UserError:
    try:
        with reading() as session:
            return news(session, viewer(), project, each)
    except UserError as error:
        return error


def _draw_row(project: Project, each: SavedQuery, found: News | UserError) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            plain(each.name),
            icon=":material/bookmark:",
            key=f"open_query:{each.id}",
            help=plain(each.text),
            on_click=_open,
            args=(project, each),
        )
        if isinstance(found, UserError):
            st.caption(f":red[{plain(found)}]")
        else:
            st.caption(_said(found), width="content")
        st.space("stretch")
        watched = isinstance(found, News) and found.watched
        st.button(
            "",
            icon=":material/notifications_active:" if watched else ":material/notifications_none:",
            help=t("search_bar.unwatch" if watched else "search_bar.watch"),
            type="tertiary",
            key=f"watch_query:{each.id}",
            disabled=isinstance(found, UserError),
            on_click=_watch,
            args=(project, each, not watched),
        )
        with st.popover("", icon=":material/link:", help=t("search_bar.link"), type="tertiary"):
            st.caption(t("search_bar.link_help"))
            st.code(_address(project, each), language=None, wrap_lines=True)
        st.button(
            "",
            icon=":material/delete:",
            help=t("search_bar.forget"),
            type="tertiary",
            key=f"forget_query:{each.id}",
            on_click=_forget,
            args=(project, each.id or 0),
        )


def _said(found: News) -> str:
    total = t("search_bar.images", n=f"{found.total:,}")
    if found.since is None or not found.new:
        return total
    since = t("search_bar.new_since", n=f"{found.new:,}", since=ago(found.since))
    return f"{total} · **{since}**"


def _open(project: Project, each: SavedQuery) -> None:
    # One that is wrong by now is shown in the text field with what is wrong.
    with suppress(UserError):
        look(viewer(), project, each)
    submit(project.id or 0, each.text)


def _watch(project: Project, each: SavedQuery, watched: bool) -> None:
    with suppress(UserError):
        watch(viewer(), project, each, watched)


def _address(project: Project, each: SavedQuery) -> str:
    """The link that opens a saved query, whatever its text is by then."""
    host = urlsplit(str(st.context.url or ""))
    query = urlencode({"project": project.id, "saved": each.id})
    return urlunsplit((host.scheme, host.netloc, f"{base_path()}/images", query, ""))


def open_saved(project: Project, query_id: str) -> str | None:
    """The text of the saved query that an address names; what it finds now counts as seen.

    None where there is none of this number in the project.
    """
    if not query_id.isdigit() or len(query_id) > 18:
        return None
    try:
        with reading() as session:
            saved = saved_query(session, viewer(), int(query_id))
    except NotFound:
        return None
    if saved.project_id != project.id:
        return None
    with suppress(UserError):
        look(viewer(), project, saved)
    return saved.text


def _forget(project: Project, query_id: int) -> None:
    # Someone else may have deleted it a moment ago.
    with suppress(NotFound):
        delete_query(viewer(), query_id)
    workspace(project.id or 0).changed()


def _draw_saving(project: Project) -> None:
    work = workspace(project.id or 0)
    with (
        st.form("save_query", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input(t("search_bar.query_name"), max_chars=100, key="query_name")
        replace = st.checkbox(t("search_bar.replace_query"), key="query_replace")
        pressed = st.form_submit_button(t("search_bar.save_query"), icon=":material/bookmark_add:")
    if not pressed:
        return
    try:
        kept = save_query(viewer(), project.id or 0, name, work.query, replace=replace)
        watch(viewer(), project, kept, True)
    except UserError as error:
        st.error(plain(error))
    else:
        work.changed()
        st.rerun()
