"""One map of the page: its colours, and what the visitor does on it."""

import streamlit as st

from components.context import put_blob, viewer
from components.detail import close
from components.map import MapEvent, MapLink, Mode, dimmed, scatter_map
from components.map_page.columns import colourings, fields_of, first_colouring, map_colours
from components.map_page.fields import FIELD, column_label
from components.map_page.selecting import after_map, same
from components.map_page.shown import Shown
from components.map_page.state import BROWSER_PARAMETERS, Start, link_parameters
from components.window_height import WindowHeight
from core.database import reading
from core.i18n import t
from core.maps.extend import unplaced
from core.maps.run import begin_extension
from core.maps.tables import Map


def choose_colour(shown: Shown) -> None:
    """The widget that says what the points are coloured by."""
    state, project = shown.state, shown.project
    names = (*colourings(shown.loaded), *fields_of(project, shown.work.data_version))
    if state.colour and state.colour not in names:
        state.amiss("map_page.link_colour")
        state.colour = ""
    key = f"map_colour:{shown.id}"
    if st.session_state.get(key) not in names:
        st.session_state[key] = state.colour or first_colouring(project)
    state.colour = st.selectbox(
        t("map_page.colour_by"),
        names,
        format_func=column_label,
        key=key,
        icon=":material/palette:",
        width=185,
        label_visibility="collapsed",
    )


def draw_map(shown: Shown, place: int, height: WindowHeight) -> None:
    """Draw a map.

    Args:
        place: 0 for the page's map, 1 for the one beside it.
        height: of the map with its toolbar.
    """
    state, work = shown.state, shown.work
    colours = map_colours(shown.project, shown.loaded, _colouring_here(shown), work.data_version)
    scatter_map(
        shown.points,
        dimmed(colours, shown.bright) if state.focus else colours,
        key=f"map_{place}_{shown.map_id}",
        view=f"map-{place}-{shown.map_id}",
        put=put_blob,
        selection=work.selected,
        selection_version=str(work.version),
        height=height,
        link=_link(shown, place),
    )


def _colouring_here(shown: Shown) -> str:
    """The page's colouring, or for a map that lacks it the prediction."""
    known = shown.state.colour in colourings(shown.loaded)
    return shown.state.colour if known or shown.state.colour.startswith(FIELD) else "prediction"


def _link(shown: Shown, place: int) -> MapLink:
    """What a map shares with the page, and how a link to the page wants it to be at first."""
    state, work = shown.state, shown.work

    def heard(event: MapEvent) -> None:
        chosen = after_map(work.selected, event, shown.loaded.image_ids)
        if event.kind == "open":
            work.opened, state.opened_on = event.image_id, place
        elif event.kind == "close" or not same(chosen, work.selected):
            # What is selected now is to be seen in the gallery.
            close(shown.id)
        state.all_images = state.all_images and event.kind != "select"
        shown.select(chosen, kind="lasso", map=shown.map_id)

    def mode_heard(mode: Mode) -> None:
        state.mode = mode

    start = state.starts.get(shown.map_id, Start())
    camera_as, hidden_as = BROWSER_PARAMETERS[place]
    parameters = link_parameters(state, work) if place == 0 else {}
    return MapLink(
        heard,
        state.mode,
        mode_heard,
        camera_as,
        hidden_as,
        start.camera,
        start.hidden,
        parameters,
        work.opened,
    )


def quality(shown: Map) -> None:
    """How far a map can be trusted, in one line."""
    if shown.trustworthiness is None or shown.continuity is None:
        return
    text = t(
        "map_page.quality", trust=f"{shown.trustworthiness:.3f}", kept=f"{shown.continuity:.3f}"
    )
    if shown.recall is not None and shown.recall < 1:
        text += " · " + t("map_page.recall", share=f"{shown.recall:.1%}")
    st.caption(text, help=t("map_page.quality_help"), width="content")


def offer_new(shown: Shown) -> None:
    """The way to bring images to a map that were analysed after it was made."""
    with reading() as session:
        missing = len(unplaced(session, viewer(), shown.loaded.map, shown.loaded.image_ids))
    text = t("map_page.add_new", n=f"{missing:,}")
    if missing and st.button(text, icon=":material/add_location_alt:"):
        begin_extension(viewer(), shown.map_id)
        st.rerun()
