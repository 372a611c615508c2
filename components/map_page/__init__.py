"""What the map page shows of a finished map: linked views that share one selection."""

import streamlit as st

from components.context import open_project, plain
from components.map_page.asking import ask
from components.map_page.bars import show_bars
from components.map_page.drawing import choose_colour, draw_map, offer_new, quality
from components.map_page.picked import show_gallery
from components.map_page.shown import Shown, drop_wrong_focus, keep_selection, show_map
from components.map_page.state import MapState, map_state
from components.workspace import Workspace
from core.i18n import t
from core.maps.tables import Map
from core.projects.tables import Project

__all__ = ["MapState", "explore", "map_state"]

_HEIGHT = 600  # CSS px, of a map with its toolbar
_HEIGHT_BESIDE = 540
_GALLERY = 520


@st.fragment
def explore(
    project: Project, work: Workspace, state: MapState, chosen: Map, beside: Map | None
) -> None:
    """Maps, query, bars and gallery; what is done in one shows in the others in the same run.

    Args:
        chosen: the map, finished.
        beside: a second one, finished, to be seen beside it.
    """
    assert chosen.id is not None
    if state.opening is not None:
        work.opened, state.opening = state.opening, None
        open_project(project.id or 0, "images.py")
    shown = show_map(project, work, state, chosen.id, chosen.image_count)
    drop_wrong_focus(shown)
    if beside is None:
        left, right = st.columns([3, 2], gap="small")
        with left:
            choose_colour(shown)
            ask(shown)
            draw_map(shown, 0, _HEIGHT)
            _below(shown)
            show_bars(shown)
        with right:
            show_gallery(shown, _GALLERY)
    else:
        _side_by_side(shown, beside)
    for key in state.troubles:
        st.toast(t(key), icon=":material/link_off:", duration="long")
    state.troubles.clear()
    keep_selection(shown)


def _side_by_side(shown: Shown, beside: Map) -> None:
    assert beside.id is not None
    colour, query = st.columns(2, gap="small")
    with colour:
        choose_colour(shown)
    with query:
        ask(shown)
    other = show_map(shown.project, shown.work, shown.state, beside.id, beside.image_count)
    for place, (column, each) in enumerate(
        zip(st.columns(2, gap="small"), (shown, other), strict=True)
    ):
        with column:
            st.caption(plain(each.loaded.map.name))
            draw_map(each, place, _HEIGHT_BESIDE)
            _below(each)
    left, right = st.columns([3, 2], gap="small")
    with left:
        show_bars(shown)
    with right:
        show_gallery(shown, _GALLERY)


def _below(shown: Shown) -> None:
    quality(shown.loaded.map)
    offer_new(shown)
