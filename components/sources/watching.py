"""The watched folders of a project: what they last brought, what is wrong, pause and end."""

from collections.abc import Callable

import streamlit as st

from components.context import plain, viewer
from components.moments import show_moment
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.media.places import Place
from core.settings import settings
from core.sources.tables import Source, WatchState
from core.sources.verbs import end_watching, pause_watching, resume_watching, watched_sources

_REFRESH = 3.0  # seconds


def watch_panel(project_id: int) -> None:
    """Show a project's watched folders; the page runs again when one of them brings something."""
    sources = _sources(project_id)
    if not sources:
        return
    st.subheader(t("watching.title"), anchor=False)
    active = any(source.watch == WatchState.ACTIVE for source in sources)
    state = _state(sources)

    @st.fragment(run_every=_REFRESH if active else None)
    def show() -> None:
        found = _sources(project_id)
        if _state(found) != state:
            st.rerun()
        for source in found:
            _show(source)

    show()


def _sources(project_id: int) -> list[Source]:
    with reading() as session:
        return watched_sources(session, viewer(), project_id)


def _state(sources: list[Source]) -> list[object]:
    return [(source.id, source.watch, source.arrived_at) for source in sources]


def _show(source: Source) -> None:
    with st.container(border=True, key=f"watched_{source.id}"):
        what, seen, action = st.columns([5, 4, 4], vertical_alignment="center")
        with what:
            st.markdown(f"**{plain(Place(source.url))}**")
            st.caption(" · ".join(_facts(source)))
        with seen:
            _show_times(source)
        with action, st.container(horizontal=True, horizontal_alignment="right"):
            _show_actions(source)
        if source.error and source.watch == WatchState.ACTIVE:
            st.error(plain(t(source.error, **source.error_params)))


def _facts(source: Source) -> list[str]:
    state = "active" if source.watch == WatchState.ACTIVE else "paused"
    batches = t("watching.by_day")
    if source.quiet_minutes:
        batches = t("watching.by_quiet", n=source.quiet_minutes)
    how = t("sources_form.in_place" if source.in_place else "sources_form.copied")
    every = t("watching.every", seconds=f"{settings().watch_seconds:g}")
    return [t(f"watching.{state}"), *([every] if state == "active" else []), how, batches]


def _show_times(source: Source) -> None:
    for moment, key in ((source.looked_at, "looked"), (source.arrived_at, "arrived")):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if moment is None:
                st.caption(t(f"watching.{key}_never"))
            else:
                st.caption(t(f"watching.{key}"), width="content")
                show_moment(moment)


def _show_actions(source: Source) -> None:
    if source.watch == WatchState.ACTIVE:
        _button(source, "pause", ":material/pause:", pause_watching)
    else:
        _button(source, "resume", ":material/play_arrow:", resume_watching)
    with st.popover(t("watching.end"), key=f"watch_end_{source.id}"):
        st.markdown(t("watching.end_text"))
        _button(source, "end_confirm", None, end_watching)


def _button(source: Source, what: str, icon: str | None, act: Callable[..., None]) -> None:
    if st.button(t(f"watching.{what}"), key=f"watch_{what}_{source.id}", icon=icon):
        try:
            act(viewer(), source.id)
        except UserError as error:
            st.error(plain(error))
        else:
            st.rerun()
