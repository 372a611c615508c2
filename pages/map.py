"""The map page: which map, a new one, what is missing for one, and the map that was chosen."""

import streamlit as st

from components.context import open_project, plain, require_project, viewer
from components.copy_link import copy_link
from components.jobs import job_panel
from components.map_form import map_form
from components.map_page import MapState, explore, map_state
from components.workspace import Workspace, workspace
from core.analysis.missing import count_unseen
from core.database import reading
from core.i18n import t
from core.jobs.store import load_job
from core.jobs.tables import JobState
from core.maps import delete_map, maps
from core.maps.methods import MIN_IMAGES
from core.maps.tables import Map
from core.media.images import project_image_ids
from core.projects.tables import Project

_ALONE = 0  # in place of a second map's id


def main() -> None:
    """Draw the page."""
    project = require_project()
    assert project.id is not None
    work, state = workspace(project.id), map_state(project.id)
    job_panel(project.id, ("map", "ingest", "analyse", "demo"))
    with reading() as session:
        all_maps = maps(session, viewer(), project)
    if not all_maps:
        _empty(project, work)
        return
    if st.session_state.get("new_map"):
        st.button(
            t("map_page.back"), icon=":material/arrow_back:", type="tertiary", on_click=_close_form
        )
        st.subheader(t("map_form.title"), anchor=False)
        _new_map(project, work)
        return
    chosen, beside = _head(all_maps, state)
    if chosen.finished_at is None:
        _waiting(chosen)
    else:
        explore(project, work, state, chosen, beside)


def _head(all_maps: list[Map], state: MapState) -> tuple[Map, Map | None]:
    """The line above the map: which one, which beside it, a new one, a link to all this."""
    choice, second, new, link, more = st.columns(
        [4, 3, 1.6, 1.4, 0.7], vertical_alignment="top", gap="small"
    )
    with choice:
        chosen = _choose_map(all_maps, state)
    with second:
        beside = _choose_beside(all_maps, chosen, state)
    new.button(t("map_form.title"), icon=":material/add:", width="stretch", on_click=_open_form)
    with link:
        copy_link(key="map_link")
    with more.popover("", icon=":material/more_vert:", width="stretch"):
        _about(chosen)
    return chosen, beside


def _choose_map(all_maps: list[Map], state: MapState) -> Map:
    """The map to show: of the address, or the newest; the choice goes into the address."""
    by_id = {m.id: m for m in all_maps}
    asked = st.query_params.get("map", "")
    known = asked.isdigit() and int(asked) in by_id
    if asked and not known:
        state.amiss("map_page.link_map")
    if st.session_state.get("map_choice") not in by_id or asked != st.session_state.get("map_seen"):
        last = state.map_id if state.map_id in by_id else all_maps[0].id
        st.session_state.map_choice = int(asked) if known else last
    chosen = by_id[
        st.selectbox(
            t("map_page.map"),
            list(by_id),
            format_func=lambda i: _map_label(by_id[i]),
            key="map_choice",
            label_visibility="collapsed",
        )
    ]
    state.map_id = chosen.id
    st.session_state.map_seen = str(chosen.id)
    if asked != st.session_state.map_seen:
        st.query_params["map"] = st.session_state.map_seen
    return chosen


def _choose_beside(all_maps: list[Map], chosen: Map, state: MapState) -> Map | None:
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
        format_func=lambda i: _map_label(others[i]) if i in others else t("map_page.alone"),
        key=key,
        on_change=chosen_beside,
        label_visibility="collapsed",
    )
    return others.get(state.beside)


def _map_label(found: Map) -> str:
    return f"{found.name} · {found.created_at.astimezone():%Y-%m-%d %H:%M}"


def _new_map(project: Project, work: Workspace) -> None:
    new_id = map_form(project, work)
    if new_id is not None:
        st.query_params["map"] = str(new_id)
        st.session_state.new_map = False
        st.rerun()


def _open_form() -> None:
    st.session_state.new_map = True


def _close_form() -> None:
    st.session_state.new_map = False


def _empty(project: Project, work: Workspace) -> None:
    """The page without a map: the form, or what is missing for one."""
    assert project.id is not None
    with reading() as session:
        count = len(project_image_ids(session, viewer(), project.id))
        unseen = count_unseen(session, viewer(), project.id, project.model_key)
    if count - unseen < MIN_IMAGES:
        st.info(t("map_page.needs_images", n=count - unseen, least=MIN_IMAGES))
        if st.button(t("map_page.add_images"), type="primary"):
            open_project(project.id, "upload.py")
        return
    st.subheader(t("map_page.first_title"), anchor=False)
    st.markdown(t("map_page.first_text"))
    _new_map(project, work)


def _waiting(found: Map) -> None:
    """An unfinished map: what its job says."""
    with reading() as session:
        job = load_job(session, viewer(), found.job_id)
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        st.info(t("map_page.not_finished"))
    else:
        st.info(t("map_page.being_made"), icon=":material/hourglass:")


def _about(chosen: Map) -> None:
    """How the map was made, and the way to delete it."""
    st.markdown(f"**{plain(chosen.name)}**")
    lines = [f"{key}: {value:g}" for key, value in chosen.params.items()]
    st.text("\n".join([*lines, f"{t('map_form.seed')}: {chosen.seed}"]))
    if left_out := chosen.source.get("left_out"):
        st.caption(t("map_page.left_out", n=f"{left_out:,}"))
    if st.button(t("map_page.delete"), icon=":material/delete:") and chosen.id is not None:
        delete_map(viewer(), chosen.id)
        st.query_params.pop("map", None)
        st.rerun()


main()
