"""The search bar: a query, its errors, the order of the result, and two helpers to write one."""

import streamlit as st

from components.context import plain, viewer
from components.query_box import query_box
from components.search_bar.builder import builder
from components.search_bar.facet_panel import facet_panel
from components.search_bar.guide import guide
from components.search_bar.results import (
    ORDERS,
    Result,
    Search,
    narrow,
    search_of,
    show_query,
    submit,
)
from components.search_bar.saved import open_saved, saved
from components.workspace import Workspace, workspace
from core.database import reading
from core.i18n import t
from core.projects.tables import Project
from core.search import QueryError, parse_query, suggestion

__all__ = ["Result", "facet_panel", "narrow", "search_bar", "submit"]


def search_bar(project: Project) -> Result:
    """Draw the search bar; give what the query in force finds."""
    assert project.id is not None
    search, work = search_of(project.id), workspace(project.id)
    # One block whatever is in it: an error or an open helper must not rebuild what stands below.
    with st.container(key="search_bar"):
        return _draw(project, search, work)


def _draw(project: Project, search: Search, work: Workspace) -> Result:
    assert project.id is not None
    _begin(project, search)
    _draw_fields(project.id, search)
    if search.tags_only and search.error is None and work.query and not search.text:
        st.caption(t("search_bar.beyond_tags", query=plain(work.query)))
    if search.error is not None:
        _show_error(search.error, work.query)
    _keep_in_address(search, work.query)
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


def _begin(project: Project, search: Search) -> None:
    """Take over the query of a link, and one that another page has put in force."""
    project_id = project.id or 0
    asked, work = st.query_params.get("q", ""), workspace(project_id)
    if "saved" in st.query_params:
        text = open_saved(project, st.query_params.pop("saved"))
        if text is None:
            st.warning(t("search_bar.no_such_query"))
        else:
            asked = text
    if asked and asked != search.address:
        search.address = asked
        if asked.strip() != work.query:
            submit(project_id, asked)
    if search.error is None and search.shown != work.query:
        show_query(project_id)


def _keep_in_address(search: Search, query: str) -> None:
    search.address = query
    if query != st.query_params.get("q", ""):
        if query:
            st.query_params["q"] = query
        else:
            st.query_params.pop("q", None)


def _draw_fields(project_id: int, search: Search) -> None:
    def switched() -> None:
        search.tags_only = st.session_state[mode] == "tags"
        show_query(project_id)

    mode = f"query_mode:{project_id}"
    st.session_state[mode] = "tags" if search.tags_only else "query"
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        st.segmented_control(
            t("search_bar.mode"),
            ["query", "tags"],
            required=True,
            format_func=lambda name: t(f"search_bar.modes.{name}"),
            key=mode,
            label_visibility="collapsed",
            help=t("search_bar.mode_help"),
            on_change=switched,
        )
        with st.container(width="stretch", key="query_field"):
            query_box(
                search.text,
                key=f"query:{project_id}",
                project_id=project_id,
                version=search.version,
                submitted=lambda text: submit(project_id, text, typed=True),
                error=search.error,
                tags_only=search.tags_only,
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
        st.space("stretch")
        panel: str | None = st.pills(
            t("search_bar.helpers"),
            ["build", "saved", "guide"],
            format_func=lambda name: t(f"search_bar.{name}"),
            key=f"search_panel:{project_id}",
            label_visibility="collapsed",
        )
    return panel


def _show_error(error: QueryError, query: str) -> None:
    """What is wrong with the text, how to mend it, and what is shown meanwhile."""
    with st.container(key="query_error", gap=None):
        where = t("search_bar.at_column", column=error.column)
        st.error(f"{where} {plain(error)} {plain(error.hint)}", icon=":material/error:")
        key = "search_bar.still_shown" if query else "search_bar.still_all"
        st.caption(t(key, query=plain(query)))
