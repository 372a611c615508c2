"""The map: images as points, lassoed, looked at beside it, tagged and taken out."""

import numpy as np
import numpy.typing as npt
import streamlit as st

from components.context import open_project, plain, put_blob, require_project, viewer
from components.export import export_dialog
from components.gallery import gallery
from components.jobs import job_panel
from components.map import MapColours, MapPoints, categorical, continuous, scatter_map
from components.map_form import map_form
from components.map_page import field_colours, field_label
from components.tagging import tag_bar
from components.workspace import Workspace, workspace
from core.analysis.missing import count_unseen
from core.bin import last_change
from core.curation.columns import prediction_columns, tag_column
from core.curation.field_columns import field_column, field_names
from core.curation.selections import save_selection
from core.curation.tags import tags
from core.database import now, reading
from core.errors import UserError
from core.i18n import t
from core.jobs.store import load_job
from core.jobs.tables import JobState
from core.maps import LoadedMap, delete_map, load_map, maps
from core.maps.extend import unplaced
from core.maps.methods import MIN_IMAGES
from core.maps.run import begin_extension
from core.maps.tables import Map
from core.media.images import project_image_ids
from core.projects.tables import Project
from core.search import quoted

_COLOURS = ("prediction", "tags", "confidence", "outlier")
_STORED_COLOURS = ("cluster", "neighbours")  # maps made before they were stored have none
_MAP_HEIGHT = 640


def _choose_map(all_maps: list[Map]) -> Map:
    """The map to show: of the address, or the newest; the choice goes into the address."""
    by_id = {m.id: m for m in all_maps}
    asked = st.query_params.get("map", "")
    wanted = int(asked) if asked.isdigit() and int(asked) in by_id else all_maps[0].id
    if st.session_state.get("map_choice") not in by_id or asked != st.session_state.get("map_seen"):
        st.session_state.map_choice = wanted
    chosen = by_id[
        st.selectbox(
            t("map_page.map"),
            list(by_id),
            format_func=lambda i: _map_label(by_id[i]),
            key="map_choice",
            label_visibility="collapsed",
        )
    ]
    st.query_params["map"] = st.session_state.map_seen = str(chosen.id)
    return chosen


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


def _first_colour(project: Project) -> str:
    """What a map shows before anybody chose: people's tags where there are some."""
    with reading() as session:
        return "tags" if any(n for _, n in tags(session, viewer(), project)) else "prediction"


def _colours(project: Project, loaded: LoadedMap, data_version: int) -> MapColours:
    """The chosen colouring of the map's points."""
    kind = st.session_state.map_colour
    field = st.session_state.get("map_field") if kind == "field" else None
    key = (loaded.map.id, len(loaded.image_ids), kind, field, data_version)
    kept = st.session_state.get("map_colours")
    if kept is not None and kept[0] == key:
        found: MapColours = kept[1]
        return found
    title = t(f"map_page.colours.{kind}")
    if field is not None:
        with reading() as session:
            column = field_column(session, viewer(), project, field, loaded.image_ids)
        made = field_colours(field, column)
    elif kind == "outlier":
        made = continuous(loaded.outlier_scores, title=title)
    elif kind == "neighbours" and loaded.neighbour_shares is not None:
        made = continuous(loaded.neighbour_shares * 100, unit="%", title=title)
    elif kind == "added":
        names = np.where(loaded.added, t("map_page.added"), t("map_page.before"))
        made = categorical(names.tolist(), title)
    elif kind == "cluster" and loaded.clusters is not None:
        made = categorical(_cluster_names(loaded.clusters), title)
    else:
        with reading() as session:
            if kind == "tags":
                made = categorical(tag_column(session, viewer(), project, loaded.image_ids), title)
            else:
                labels, confidences = prediction_columns(
                    session, viewer(), project, loaded.image_ids
                )
                made = (
                    categorical(labels, title)
                    if kind == "prediction"
                    else continuous(confidences * 100, unit="%", title=title)
                )
    st.session_state.map_colours = (key, made)
    return made


def _choose_field(project: Project) -> None:
    """Which field to colour by."""
    with reading() as session:
        names = field_names(session, viewer(), project)
    if st.session_state.get("map_field") not in names:
        st.session_state.map_field = names[0]
    st.selectbox(
        t("map_page.field"),
        names,
        format_func=field_label,
        key="map_field",
        label_visibility="collapsed",
    )


def _cluster_names(clusters: npt.NDArray[np.int32]) -> list[str | None]:
    names: list[str | None] = [
        t("map_page.cluster", n=number) for number in range(1, int(clusters.max(initial=-1)) + 2)
    ]
    names.append(None)  # what -1 stands for
    return [names[cluster] for cluster in clusters]


def _loaded(project: Project, map_id: int, count: int) -> LoadedMap:
    """The map's arrays, read once a visit and again when it has other images than before."""
    with reading() as session:
        state = (map_id, count, last_change(session, project))
        kept: tuple[object, LoadedMap] | None = st.session_state.get("map_loaded")
        if kept is None or kept[0] != state:
            kept = (state, load_map(session, viewer(), map_id))
            st.session_state.map_loaded = kept
            st.session_state.map_points = MapPoints(kept[1].coordinates, kept[1].image_ids)
    return kept[1]


def _oddest_first(loaded: LoadedMap, image_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Those of `image_ids` that are on the map, the highest outlier score first."""
    place = np.flatnonzero(np.isin(loaded.image_ids, image_ids))
    return loaded.image_ids[place[np.argsort(-loaded.outlier_scores[place], kind="stable")]]


@st.fragment
def _explore(project: Project, work: Workspace, map_id: int, count: int) -> None:
    """Map and gallery side by side; what is done in one shows in the other."""
    loaded = _loaded(project, map_id, count)
    left, right = st.columns([3, 2], gap="small")
    with left:
        _show_map(project, work, loaded)
    with right:
        _show_gallery(project, work, loaded)


def _show_map(project: Project, work: Workspace, loaded: LoadedMap) -> None:
    st.session_state.setdefault("map_colour", _first_colour(project))
    stored = () if loaded.clusters is None else _STORED_COLOURS
    added = ("added",) if loaded.added.any() else ()
    choices = (*_COLOURS, *stored, *added, "field")
    if st.session_state.map_colour not in choices:
        st.session_state.map_colour = _first_colour(project)
    st.segmented_control(
        t("map_page.colour_by"),
        choices,
        required=True,
        format_func=lambda kind: t(f"map_page.colours.{kind}"),
        key="map_colour",
        label_visibility="collapsed",
    )
    if st.session_state.map_colour == "field":
        _choose_field(project)
    event = scatter_map(
        st.session_state.map_points,
        _colours(project, loaded, work.data_version),
        key=f"map_{loaded.map.id}",
        view=f"map-{loaded.map.id}",
        put=put_blob,
        selection=work.selected,
        selection_version=str(work.version),
        height=_MAP_HEIGHT,
    )
    _quality(loaded.map)
    _offer_new(loaded)
    if event is None:
        return
    if event.kind == "open":
        _open(project, work, event.image_id)
    elif not np.array_equal(event.image_ids, np.sort(work.selected)):
        work.select(event.image_ids, kind="lasso", map=loaded.map.id)
        st.rerun(scope="fragment")


def _quality(shown: Map) -> None:
    """How far the map can be trusted, in one line."""
    if shown.trustworthiness is None or shown.continuity is None:
        return
    text = t(
        "map_page.quality", trust=f"{shown.trustworthiness:.3f}", kept=f"{shown.continuity:.3f}"
    )
    if shown.recall is not None and shown.recall < 1:
        text += " · " + t("map_page.recall", share=f"{shown.recall:.1%}")
    st.caption(text, help=t("map_page.quality_help"))


def _offer_new(loaded: LoadedMap) -> None:
    """The way to bring images to the map that were analysed after it was made."""
    with reading() as session:
        missing = len(unplaced(session, viewer(), loaded.map, loaded.image_ids))
    text = t("map_page.add_new", n=f"{missing:,}")
    if missing and loaded.map.id and st.button(text, icon=":material/add_location_alt:"):
        begin_extension(viewer(), loaded.map.id)
        st.rerun()


def _show_gallery(project: Project, work: Workspace, loaded: LoadedMap) -> None:
    """The lassoed images, or all of the map's, the oddest first."""
    on_map = work.selected[np.isin(work.selected, loaded.image_ids)]
    shown = _oddest_first(loaded, on_map if len(on_map) else loaded.image_ids)
    picked_key = f"map_picked_{loaded.map.id}_{work.version}"
    picked: npt.NDArray[np.int64] = st.session_state.get(picked_key, np.empty(0, np.int64))
    key = "map_page.selected" if len(on_map) else "map_page.nothing_selected"
    st.markdown(t(key, n=f"{len(shown):,}"))
    target = picked if len(picked) else on_map
    _actions(project, work, loaded, target, len(picked))
    event = gallery(
        shown,
        key=f"map_gallery_{loaded.map.id}",
        view=f"map-{loaded.map.id}",
        put=put_blob,
        selection=picked,
        selection_version=f"{work.version}",
        data_version=str(work.data_version),
        height=_MAP_HEIGHT - 150,
        thumb_size="small",
    )
    if event is None:
        return
    if event.kind == "open":
        _open(project, work, event.image_id)
    elif not np.array_equal(event.image_ids, picked):
        st.session_state[picked_key] = event.image_ids
        st.rerun(scope="fragment")


def _actions(
    project: Project,
    work: Workspace,
    loaded: LoadedMap,
    target: npt.NDArray[np.int64],
    picked: int,
) -> None:
    """What can be done with the chosen images: tag, ask for them in a query, take out."""
    if len(target) == 0:
        st.caption(t("map_page.hint"))
        return
    if picked:
        st.caption(t("map_page.picked", n=f"{picked:,}"))
    tag_bar(project, target, key="map_tags")
    query, out = st.columns(2)
    if query.button(t("map_page.as_query"), icon=":material/search:", width="stretch"):
        _show_as_query(project, work, loaded, target)
    if out.button(t("export.open"), icon=":material/download:", width="stretch"):
        export_dialog(project, target, loaded.map.id)


def _show_as_query(
    project: Project, work: Workspace, loaded: LoadedMap, target: npt.NDArray[np.int64]
) -> None:
    """Keep the images under a name and show what `in:"name"` finds."""
    assert project.id is not None
    name = t("map_page.selection_name", map=loaded.map.name, time=f"{now().astimezone():%H:%M:%S}")
    try:
        saved = save_selection(
            viewer(), project.id, name, target, {"kind": "lasso", "map": loaded.map.id}
        )
    except UserError as error:
        st.error(plain(error))
        return
    work.query = f"in:{quoted(saved.name)}"
    open_project(project.id, "images.py", q=work.query)


def _open(project: Project, work: Workspace, image_id: int | None) -> None:
    work.opened = image_id
    assert project.id is not None
    open_project(project.id, "images.py")


def _waiting(found: Map) -> None:
    """An unfinished map: what its job says."""
    with reading() as session:
        job = load_job(session, viewer(), found.job_id)
    if job.state in (JobState.FAILED, JobState.CANCELLED):
        st.info(t("map_page.not_finished"))
    else:
        st.info(t("map_page.being_made"), icon=":material/hourglass:")


def main() -> None:
    """Draw the page."""
    project = require_project()
    assert project.id is not None
    work = workspace(project.id)
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
    choice, new, more = st.columns([6, 1.4, 0.6], vertical_alignment="bottom")
    with choice:
        chosen = _choose_map(all_maps)
    new.button(t("map_form.title"), icon=":material/add:", width="stretch", on_click=_open_form)
    with more.popover("", icon=":material/more_vert:", width="stretch"):
        _about(chosen)
    if chosen.finished_at is None or chosen.id is None:
        _waiting(chosen)
    else:
        _explore(project, work, chosen.id, chosen.image_count)


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
