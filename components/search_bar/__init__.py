"""The search bar: a query, its errors, the order of the result, and two helpers to write one."""

import html

import streamlit as st

from components.context import plain, viewer
from components.search_bar.builder import builder
from components.search_bar.distribution import distribution
from components.search_bar.guide import guide
from components.search_bar.results import (
    ORDERS,
    Result,
    Search,
    narrow,
    search_of,
    submit,
    text_key,
)
from components.search_bar.saved import saved
from components.workspace import Workspace, workspace
from core.database import reading
from core.i18n import t
from core.projects.tables import Project
from core.search import QueryError, parse_query, suggestion

__all__ = ["Result", "distribution", "narrow", "search_bar", "submit"]

_AROUND = 60  # characters of the query that are shown before and after its wrong place


def search_bar(project: Project) -> Result:
    """Draw the search bar; give what the query in force finds."""
    assert project.id is not None
    search, work = search_of(project.id), workspace(project.id)
    # One block whatever is in it: an error or an open helper must not rebuild what stands below.
    with st.container(key="search_bar"):
        return _draw(project, search, work)


def _draw(project: Project, search: Search, work: Workspace) -> Result:
    assert project.id is not None
    _begin(project.id, search)
    _draw_fields(project.id, search)
    if search.error is not None and st.session_state[text_key(project.id)] == search.failed:
        _show_error(search.failed, search.error)
        key = "search_bar.still_shown" if work.query else "search_bar.still_all"
        st.caption(t(key, query=plain(work.query)))
    _keep_in_address(work.query)
    result = search.run(project, work.query)
    if work.query and not len(result.ids):
        _draw_suggestion(project, work.query)
    panel = _draw_tools(project.id, result)
    if panel == "build":
        builder(project)
    elif panel == "saved":
        saved(project)
    elif panel == "guide":
        guide(project.id)
    return result


def _draw_suggestion(project: Project, query: str) -> None:
    """Offer the query that was probably meant."""
    with reading() as session:
        meant = suggestion(session, viewer(), project, query)
    if meant is not None:
        st.button(
            t("search_bar.did_you_mean", query=plain(meant)),
            icon=":material/lightbulb:",
            type="tertiary",
            key=f"did_you_mean:{project.id}",
            on_click=submit,
            args=(project.id, meant),
        )


def _begin(project_id: int, search: Search) -> None:
    if not search.begun:
        search.begun = True
        if asked := st.query_params.get("q"):
            submit(project_id, asked)
    st.session_state.setdefault(text_key(project_id), workspace(project_id).query)


def _keep_in_address(query: str) -> None:
    if query != st.query_params.get("q", ""):
        if query:
            st.query_params["q"] = query
        else:
            st.query_params.pop("q", None)


def _draw_fields(project_id: int, search: Search) -> None:
    def typed() -> None:
        submit(project_id, st.session_state[text_key(project_id)])

    with st.container(horizontal=True, vertical_alignment="center"):
        st.text_input(
            t("search_bar.label"),
            key=text_key(project_id),
            placeholder=t("search_bar.placeholder"),
            icon=":material/search:",
            autocomplete="off",
            label_visibility="collapsed",
            on_change=typed,
        )
        ordered = bool(parse_query(workspace(project_id).query).order)
        search.order = st.selectbox(
            t("search_bar.order"),
            ORDERS,
            index=ORDERS.index(search.order),
            format_func=lambda order: t(f"search_bar.orders.{order}"),
            key=f"order:{project_id}",
            # A query that says its order has it whatever is chosen here.
            disabled=ordered,
            help=t("search_bar.ordered") if ordered else None,
            label_visibility="collapsed",
            width=230,
        )


def _draw_tools(project_id: int, result: Result) -> str | None:
    """The line below the text field; gives the helper that is open."""
    query = workspace(project_id).query
    with st.container(horizontal=True, vertical_alignment="center", key="search_tools"):
        key = "search_bar.found" if query else "search_bar.all"
        st.markdown(t(key, n=f"{len(result.ids):,}", total=f"{result.total:,}"), width="content")
        if query:
            st.button(
                t("search_bar.clear"),
                icon=":material/close:",
                type="tertiary",
                key=f"clear_query:{project_id}",
                on_click=submit,
                args=(project_id, ""),
            )
        st.space("stretch")
        panel: str | None = st.pills(
            t("search_bar.helpers"),
            ["build", "saved", "guide"],
            format_func=lambda name: t(f"search_bar.{name}"),
            key=f"search_panel:{project_id}",
            label_visibility="collapsed",
        )
    return panel


def _show_error(text: str, error: QueryError) -> None:
    with st.container(key="query_error", gap="xsmall"):
        where = t("search_bar.at_column", column=error.column)
        st.error(f"{where} {plain(error)}", icon=":material/error:")
        st.html(marked(text, error.column, error.length))
        st.markdown(plain(error.hint))


def marked(text: str, column: int, length: int) -> str:
    """HTML of a query with its wrong place marked; `column` counts from 1, also past the end."""
    start = min(max(column - 1, 0), len(text))
    end = min(start + max(length, 1), len(text))
    first, last = max(start - _AROUND, 0), min(end + _AROUND, len(text))
    wrong = html.escape(text[start:end]) or "&nbsp;"
    before = ("…" if first else "") + html.escape(text[first:start])
    after = html.escape(text[end:last]) + ("…" if last < len(text) else "")
    mark = (
        "background:transparent;color:inherit;font-weight:700;"
        "border-bottom:3px solid var(--st-red-color, #d33);"
    )
    return (
        '<pre style="margin:0;white-space:pre-wrap;overflow-wrap:anywhere">'
        f'{before}<mark style="{mark}">{wrong}</mark>{after}</pre>'
    )
