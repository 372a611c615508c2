"""The images beside the map, and what can be done with them."""

import numpy as np
import streamlit as st

from components.changes import undo_bar
from components.context import open_project, plain, put_blob, viewer
from components.export import export_dialog
from components.gallery import GalleryEvent, gallery
from components.map_page.alike import more_like_this
from components.map_page.selecting import Ids
from components.map_page.shown import Shown
from components.page_keys.on_map import map_keys
from components.tagging import tag_bar
from components.window_height import WindowHeight
from core.curation.selections import save_selection
from core.database import now
from core.errors import UserError
from core.i18n import t
from core.search import quoted


def show_gallery(shown: Shown, height: int | WindowHeight) -> None:
    """The selected images, or all of the map's, the oddest first.

    Among all of them a click selects, in every view; among the selected ones it picks some to act
    on.

    Args:
        height: greatest height of the gallery, CSS px.
    """
    state, work = shown.state, shown.work
    on_map = shown.on_map
    state.all_images = state.all_images and len(on_map) > 0
    everything = state.all_images or not len(on_map)
    images = _all(shown) if everything else _selected(shown)
    picked_key = f"map_picked_{shown.map_id}_{work.version}"
    picked: Ids = st.session_state.get(picked_key, np.empty(0, np.int64))
    target = picked if len(picked) and not everything else on_map
    gallery_key = f"map_gallery_{shown.map_id}"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        _headline(shown, len(images), len(on_map))
        with st.container(width="content"):
            map_keys(shown.project, shown.points, gallery_key, target)
    _actions(shown, target, len(picked))
    undo_bar(shown.project, key="undo_map")
    event = gallery(
        images,
        key=gallery_key,
        view=f"map-{shown.map_id}",
        put=put_blob,
        selection=on_map if everything else picked,
        selection_version=str(work.version),
        data_version=str(work.data_version),
        height=height,
        thumb_size="small",
    )
    if event is not None:
        _answer(shown, event, everything, picked_key, picked)


def _answer(
    shown: Shown, event: GalleryEvent, everything: bool, picked_key: str, picked: Ids
) -> None:
    if event.kind == "open":
        shown.work.opened, shown.state.opened_on = event.image_id, 0
        st.rerun(scope="fragment")
    if everything:
        shown.state.all_images = True  # or the gallery would shrink to what was clicked
        version = shown.work.version
        elsewhere = shown.work.selected[~np.isin(shown.work.selected, shown.loaded.image_ids)]
        chosen = np.concatenate([event.image_ids, elsewhere])
        shown.select(chosen, kind="gallery", map=shown.map_id)
        if shown.work.version != version:
            st.rerun(scope="fragment")
    elif not np.array_equal(event.image_ids, picked):
        st.session_state[picked_key] = event.image_ids
        st.rerun(scope="fragment")


def among(shown: Shown, image_id: int) -> Ids:
    """The images that an opened one stands among: the gallery's, or all where it is not there."""
    everything = shown.state.all_images or not np.any(shown.on_map == image_id)
    return _all(shown) if everything else _selected(shown)


def _all(shown: Shown) -> Ids:
    return _oddest_first(shown, shown.loaded.image_ids[shown.bright])


def _selected(shown: Shown) -> Ids:
    if shown.work.selection.provenance.get("kind") == "alike":
        return shown.on_map  # the most alike first
    return _oddest_first(shown, shown.on_map)


def _oddest_first(shown: Shown, image_ids: Ids) -> Ids:
    """Those of `image_ids` that are on the map, the highest outlier score first."""
    loaded = shown.loaded
    place = np.flatnonzero(np.isin(loaded.image_ids, image_ids))
    return loaded.image_ids[place[np.argsort(-loaded.outlier_scores[place], kind="stable")]]


def _headline(shown: Shown, images: int, selected: int) -> None:
    """How many images are shown, and the choice between all and the selected ones."""
    state = shown.state
    if not selected:
        st.markdown(t("map_page.nothing_selected", n=f"{images:,}"), width="stretch")
        return
    key = f"map_gallery_of:{shown.id}"
    st.session_state[key] = "all" if state.all_images else "selected"

    def chosen() -> None:
        state.all_images = st.session_state[key] == "all"

    st.markdown(t("map_page.selected", n=f"{selected:,}"), width="stretch")
    st.segmented_control(
        t("map_page.gallery_of"),
        ["selected", "all"],
        required=True,
        format_func=lambda which: t(f"map_page.gallery_{which}"),
        key=key,
        on_change=chosen,
        label_visibility="collapsed",
    )


def _actions(shown: Shown, target: Ids, picked: int) -> None:
    """What can be done with the chosen images: tag, ask for them, find more, take out."""
    if len(target) == 0:
        st.caption(t("map_page.hint"))
        return
    if picked and not shown.state.all_images:
        st.caption(t("map_page.picked", n=f"{picked:,}"))
    tag_bar(shown.project, target, key="map_tags")
    query, like, out = st.columns(3)
    if query.button(t("map_page.as_query"), icon=":material/search:", width="stretch"):
        _show_as_query(shown, target)
    with like:
        more_like_this(shown, target)
    if out.button(t("export.open"), icon=":material/download:", width="stretch"):
        export_dialog(shown.project, target, shown.map_id)


def _show_as_query(shown: Shown, target: Ids) -> None:
    """Keep the images under a name and show what `in:"name"` finds."""
    map_name, time = shown.loaded.map.name, f"{now().astimezone():%H:%M:%S}"
    name = t("map_page.selection_name", map=map_name, time=time)
    provenance = shown.work.selection.provenance or {"kind": "lasso", "map": shown.map_id}
    try:
        saved = save_selection(viewer(), shown.id, name, target, provenance)
    except UserError as error:
        st.error(plain(error))
        return
    shown.work.query = f"in:{quoted(saved.name)}"
    open_project(shown.id, "images.py", q=shown.work.query)
