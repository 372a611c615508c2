"""The line above the map: which map, which beside it, a new one, a link to all this."""

import streamlit as st

from components.context import plain, viewer
from components.copy_link import copy_link
from components.map_page.state import MapState
from core.i18n import t
from core.maps import delete_map
from core.maps.tables import Map

_ALONE = 0  # in place of a second map's id
_WIDTH = 220  # CSS px


def choose_map(all_maps: list[Map], state: MapState) -> Map:
    """The map to show: of the address, or the newest; the choice goes into the address."""
    by_id = {m.id: m for m in all_maps}
    asked = st.query_params.get("map", "")
    known = asked.isdigit() and int(asked) in by_id
    if asked and not known:
        state.amiss("map_page.link_map")
    if st.session_state.get("map_choice") not in by_id or asked != st.session_state.get("map_seen"):
        last = state.map_id if state.map_id in by_id else all_maps[0].id
        st.session_state.map_choice = int(asked) if known else last

    def chose() -> None:
        # Before the run, which else would take the address for a new link.
        st.query_params["map"] = st.session_state.map_seen = str(st.session_state.map_choice)

    chosen = by_id[
        st.selectbox(
            t("map_page.map"),
            list(by_id),
            format_func=lambda i: _label(by_id[i], all_maps),
            key="map_choice",
            on_change=chose,
            width=_WIDTH,
            label_visibility="collapsed",
        )
    ]
    state.map_id = chosen.id
    st.session_state.map_seen = str(chosen.id)
    if asked != st.session_state.map_seen:
        st.query_params["map"] = st.session_state.map_seen
    return chosen


def choose_beside(all_maps: list[Map], chosen: Map, state: MapState) -> Map | None:
    """The map to show beside the chosen one, if any."""
    others = {m.id: m for m in all_maps if m.id != chosen.id and m.finished_at is not None}
    if state.beside is not None and state.beside not in others:
        if state.beside != chosen.id:
            state.amiss("map_page.link_map")
        state.beside = None
    if not others:
        return None
    key = f"map_beside:{chosen.project_id}"
    st.session_state[key] = state.beside or _ALONE

    def chosen_beside() -> None:
        state.beside = st.session_state[key] or None

    st.selectbox(
        t("map_page.beside"),
        [_ALONE, *others],
        format_func=lambda i: _label(others[i], all_maps) if i in others else t("map_page.alone"),
        key=key,
        on_change=chosen_beside,
        width=_WIDTH,
        label_visibility="collapsed",
    )
    return others.get(state.beside)


def _label(found: Map, all_maps: list[Map]) -> str:
    """A map's name; one of several of the same name by its time, where it is seen first."""
    if sum(each.name == found.name for each in all_maps) == 1:
        return found.name
    return f"{found.created_at.astimezone():%m-%d %H:%M} · {found.name}"


def more(chosen: Map) -> None:
    """The buttons at the end of the line: a new map, a link, what is known of this map."""
    if st.button(
        t("map_form.title"), icon=":material/add:", help=t("map_page.new_help"), key="new_map_open"
    ):
        st.session_state.new_map = True
        st.rerun()
    with st.container(width="content"):
        copy_link(key="map_link")
    with st.popover("", icon=":material/more_vert:", width="content", help=t("map_page.about")):
        _about(chosen)


def _about(chosen: Map) -> None:
    """How the map was made, and the way to delete it."""
    st.markdown(f"**{plain(chosen.name)}**")
    st.caption(f"{chosen.created_at.astimezone():%Y-%m-%d %H:%M}")
    lines = [f"{key}: {value:g}" for key, value in chosen.params.items()]
    st.text("\n".join([*lines, f"{t('map_form.seed')}: {chosen.seed}"]))
    if left_out := chosen.source.get("left_out"):
        st.caption(t("map_page.left_out", n=f"{left_out:,}"))
    if st.button(t("map_page.delete"), icon=":material/delete:") and chosen.id is not None:
        delete_map(viewer(), chosen.id)
        st.query_params.pop("map", None)
        st.rerun()
