"""What the map page shows of a project's maps: linked views that share one selection."""

import streamlit as st

from components.context import plain, viewer
from components.live import live, look
from components.map_page.asking import ask, say
from components.map_page.bars import choose_bars, show_bars
from components.map_page.drawing import choose_colour, draw_map, offer_new, quality
from components.map_page.head import choose_beside, choose_map, more
from components.map_page.opened import is_opened, show_opened
from components.map_page.picked import show_gallery
from components.map_page.shown import Shown, drop_wrong_focus, keep_selection, show_map
from components.map_page.state import MapState, map_state
from components.window_height import WindowHeight
from components.workspace import Workspace
from core.database import reading
from core.i18n import t
from core.jobs.store import load_job
from core.jobs.tables import JobState
from core.maps.tables import Map
from core.projects.tables import Project

__all__ = ["MapState", "explore", "map_state"]

#: Of a map with its toolbar, without bars and with them, of each of two maps, and of the gallery.
_HEIGHT = WindowHeight(around=232, least=480)
_HEIGHT_OVER_BARS = WindowHeight(around=438, least=420)
_HEIGHT_BESIDE = WindowHeight(around=276, least=480)
_HEIGHT_BESIDE_OVER_BARS = WindowHeight(around=472, least=360)
_GALLERY = WindowHeight(around=330, least=480)


@st.fragment
def explore(project: Project, work: Workspace, state: MapState, all_maps: list[Map]) -> None:
    """Maps, query, bars and gallery; what is done in one shows in the others in the same run.

    Args:
        all_maps: the project's, the newest first, at least one.
    """
    # Within the fragment: what somebody else changes recolours the maps without a run of the page.
    look(project)
    with st.container(gap="xsmall", key="map_page"):
        head = st.container(
            horizontal=True, gap="xsmall", vertical_alignment="center", key="map_head"
        )
        with head:
            chosen = choose_map(all_maps, state)
            beside = choose_beside(all_maps, chosen, state)
        if chosen.finished_at is None:
            with head:
                more(chosen)
            _waiting(chosen)
            return
        shown = show_map(project, work, state, chosen.id or 0, chosen.image_count)
        drop_wrong_focus(shown)
        with head:
            choose_colour(shown)
            ask(shown)
            more(chosen)
        if beside is None:
            _alone(shown)
        else:
            _side_by_side(shown, beside)
    for key in state.troubles:
        st.toast(t(key), icon=":material/link_off:", duration="long")
    state.troubles.clear()
    keep_selection(shown)


def _alone(shown: Shown) -> None:
    left, right = st.columns([3, 2], gap="small")
    with left, st.container(gap="xsmall"):
        draw_map(shown, 0, _HEIGHT_OVER_BARS if shown.state.bars else _HEIGHT)
        _below(shown, bars=True)
    with right, st.container(gap="xsmall"):
        say(shown)
        if is_opened(shown):
            show_opened(shown)
        else:
            show_gallery(shown, _GALLERY)
        live(shown.project)


def _side_by_side(shown: Shown, beside: Map) -> None:
    """Two maps; an opened image stands in the place of the one that it was not opened on."""
    assert beside.id is not None
    say(shown)
    other = show_map(shown.project, shown.work, shown.state, beside.id, beside.image_count)
    opened = is_opened(shown) or is_opened(other)
    height = _HEIGHT_BESIDE_OVER_BARS if shown.state.bars else _HEIGHT_BESIDE
    places = zip(st.columns(2, gap="small"), (shown, other), strict=True)
    for place, (column, each) in enumerate(places):
        with column, st.container(gap="xsmall"):
            if opened and place != shown.state.opened_on:
                show_opened(shown if is_opened(shown) else other)
                continue
            st.caption(plain(each.loaded.map.name))
            draw_map(each, place, height)
            _below(each, bars=opened or place == 0)
    if not opened:
        show_gallery(shown, _GALLERY)
    live(shown.project)


def _below(shown: Shown, bars: bool) -> None:
    """One line below a map, and the bars of the field that is chosen in it.

    Args:
        bars: whether the field is chosen here; else it is chosen below the other map.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if bars:
            choose_bars(shown)
        quality(shown.loaded.map)
        offer_new(shown)
    show_bars(shown)


def _waiting(found: Map) -> None:
    """An unfinished map: what its job says."""
    with reading() as session:
        job = load_job(session, viewer(), found.job_id)
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        st.info(t("map_page.not_finished"))
    else:
        st.info(t("map_page.being_made"), icon=":material/hourglass:")
