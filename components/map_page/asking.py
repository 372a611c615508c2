"""The map page's query field: it selects what a query finds, or dims everything else."""

import numpy as np
import streamlit as st

from components.context import plain
from components.map_page.selecting import combined
from components.map_page.shown import Shown
from components.query_box import query_box
from core.i18n import t
from core.search import QueryError


def ask(shown: Shown) -> None:
    """Draw the field and what it does with a query."""
    state = shown.state

    def submitted(text: str) -> None:
        state.query = text
        try:
            state.query_error = None
            answer(shown, text.strip())
        except QueryError as error:
            state.query_error = error

    with st.container(width="stretch", key="map_query_field"):
        query_box(
            state.query,
            key=f"map_query:{shown.id}",
            project_id=shown.id,
            version=state.query_version,
            submitted=submitted,
            error=state.query_error,
        )
    key = _does_key(shown)
    if key not in st.session_state:
        st.session_state[key] = "dim" if state.dims else "select"
    st.segmented_control(
        t("map_page.query_does"),
        ["select", "dim"],
        required=True,
        format_func=lambda which: t(f"map_page.query_{which}"),
        key=key,
        label_visibility="collapsed",
    )
    _hear_what_it_does(shown)


def _does_key(shown: Shown) -> str:
    return f"map_query_does:{shown.id}"


def _hear_what_it_does(shown: Shown) -> None:
    """Take over the switch, which may have been pressed since the page last ran to its end."""
    does = st.session_state.get(_does_key(shown))
    if does is not None:
        shown.state.dims = does == "dim"


def answer(shown: Shown, text: str) -> None:
    """Do what the field is set to with a query; an empty one selects nothing, or dims nothing.

    Raises QueryError.
    """
    state = shown.state
    _hear_what_it_does(shown)
    if state.dims:
        found = shown.found(text)
        state.focus = text
        state.all_images = False
        if text:
            # What is dimmed cannot be selected, so it does not stay so either.
            kept = combined(shown.work.selected, found, "intersect")
            shown.select(kept, **shown.work.selection.provenance)
        return
    found = shown.found(text) if text else np.empty(0, dtype=np.int64)
    state.all_images = False
    mode = state.mode if text else "replace"
    if state.focus:
        found = found[np.isin(found, shown.loaded.image_ids[shown.bright])]
    shown.select(combined(shown.work.selected, found, mode), kind="query", query=text)
    state.asked = (len(found), int(np.isin(found, shown.loaded.image_ids, invert=True).sum()))


def say(shown: Shown) -> None:
    """What is wrong with the query, what it found, and what is dimmed."""
    state = shown.state
    if state.query_error is not None:
        wrong = state.query_error
        where = t("search_bar.at_column", column=wrong.column)
        st.error(f"{where} {plain(wrong)} {plain(wrong.hint)}", icon=":material/error:")
    elif state.asked and shown.work.selection.provenance.get("kind") == "query":
        found, elsewhere = state.asked
        text = t("map_page.query_found", n=f"{found:,}")
        if elsewhere:
            text += " " + t("map_page.query_elsewhere", n=f"{elsewhere:,}")
        st.caption(text)
    if state.focus:
        n, total = int(shown.bright.sum()), len(shown.points)
        text = t("map_page.dimmed", query=plain(state.focus), n=f"{n:,}", total=f"{total:,}")
        st.button(
            text,
            icon=":material/close:",
            type="tertiary",
            key="map_undim",
            on_click=_undim,
            args=(shown,),
        )


def _undim(shown: Shown) -> None:
    shown.state.focus = ""
    if shown.state.dims:
        shown.state.query, shown.state.query_error = "", None
        shown.state.query_version += 1
