"""The images of a project: found by a query, looked at, selected, tagged, taken out."""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.bin import bin_button, delete_button
from components.changes import undo_bar
from components.context import open_project, plain, put_blob, require_project, viewer
from components.detail import bulk_class, bulk_metadata, close, details, picture
from components.export import export_dialog
from components.gallery import gallery, selected_now
from components.jobs import job_panel
from components.live import live, look
from components.page_keys import View, page_keys
from components.search_bar import Result, facet_panel, search_bar, submit
from components.shortcuts import is_number
from components.table_view import table_view
from components.tagging import manage_tags, tag_bar
from components.whole_result import change_all_button
from components.workspace import Ids, Workspace, workspace
from core.curation.selections import save_selection
from core.database import reading
from core.errors import NotFound, UserError
from core.i18n import t
from core.jobs.store import project_jobs
from core.projects.tables import Project
from core.search import quoted

_HEIGHT = 660  # CSS px, of the gallery and of the opened picture
_PANEL_WIDTH = 360


def main() -> None:
    """Draw the page."""
    project = require_project()
    assert project.id is not None
    work = workspace(project.id)
    look(project)
    with st.container(key="jobs"):
        job_panel(project.id)
    result = search_bar(project)
    if result.total == 0:
        _draw_empty(project)
    else:
        _workbench(project, result, (work.query, work.data_version))


def _draw_empty(project: Project) -> None:
    """A project without images: what to do next."""
    assert project.id is not None
    with reading() as session:
        waiting = project_jobs(session, viewer(), project.id, kinds=("ingest", "demo"))
    if waiting:
        st.info(t("images.arriving"), icon=":material/hourglass:")
        return
    with st.container(horizontal_alignment="center", key="empty_project"):
        st.space("medium")
        st.subheader(t("images.empty_title"), anchor=False)
        st.markdown(t("images.empty_text"))
        if st.button(t("images.add"), type="primary", icon=":material/upload:"):
            open_project(project.id, "upload.py")


@st.fragment
def _workbench(project: Project, result: Result, shown: tuple[str, int]) -> None:
    """What is below the search bar; a click here does not run the query again.

    `shown` is what the result is about: once a click has changed it, the whole page runs.
    """
    work = workspace(project.id or 0)
    if (work.query, work.data_version) != shown:
        st.rerun()
    with st.container(horizontal=True, wrap=False, gap="medium"):
        left = st.container(width="stretch", key="images_left")
        right = st.container(width=_PANEL_WIDTH, key="images_right")
    if work.opened is not None:
        _draw_opened(project, work, result, left, right)
        return
    with left:
        if _as_table(project) and len(result.ids):
            table_view(project, result.ids, height=_HEIGHT)
        else:
            _draw_gallery(project, work, result)
    with right:
        undo_bar(project, key="undo_images")
        if len(work.selected):
            _draw_selection(project, work, result)
        else:
            st.caption(t("images.help"))
            facet_panel(project)
            change_all_button(project, result.ids, asked=bool(work.query))
            if st.button(t("tagging.manage"), icon=":material/label:", width="stretch"):
                manage_tags(project)
            bin_button(project)
        _listen(project, work)


def _as_table(project: Project) -> bool:
    """Draw the choice between gallery and table; whether it is the table."""
    views = {"gallery": ":material/grid_view:", "table": ":material/table:"}
    # Streamlit forgets a widget's value while an opened image stands in its place.
    kept = f"images_view_kept:{project.id}"
    chosen = st.segmented_control(
        t("table.view"),
        list(views),
        default=st.session_state.get(kept, "gallery"),
        required=True,
        format_func=lambda name: f"{views[name]} {t(f'table.{name}')}",
        key=f"images_view:{project.id}",
        label_visibility="collapsed",
    )
    st.session_state[kept] = chosen
    return bool(chosen == "table")


def _listen(project: Project, work: Workspace) -> None:
    """Changes of others, and keys of the page, about the opened image or the selected ones."""
    live(project)

    def chosen(target: object) -> Ids | None:
        kind = target.get("kind") if isinstance(target, Mapping) else None
        if isinstance(target, Mapping) and kind == "image":
            image_id = target.get("id")
            return np.array([image_id], dtype=np.int64) if is_number(image_id) else None
        if kind == "gallery":
            return selected_now(_gallery_key(project), target)
        return work.selected if work.opened is None else np.array([work.opened], dtype=np.int64)

    views: tuple[View, ...] = ("gallery",) if work.opened is None else ("viewer", "boxes")
    page_keys(project, key=f"images_keys:{project.id}", views=views, chosen=chosen)


def _gallery_key(project: Project) -> str:
    return f"gallery:{project.id}"


def _draw_opened(
    project: Project,
    work: Workspace,
    result: Result,
    left: DeltaGenerator,
    right: DeltaGenerator,
) -> None:
    assert project.id is not None and work.opened is not None
    with left:
        st.button(
            t("images.back"),
            icon=":material/arrow_back:",
            type="tertiary",
            key="back",
            on_click=close,
            args=(project.id,),
        )
    try:
        with left:
            picture(project, result.ids, height=_HEIGHT)
        with right:
            undo_bar(project, key="undo_image")
            details(project, work.opened)
            delete_button(project, np.array([work.opened]))
            _listen(project, work)
    except NotFound as error:
        left.error(plain(error))


def _draw_gallery(project: Project, work: Workspace, result: Result) -> None:
    if not len(result.ids):
        with st.container(horizontal_alignment="center", key="nothing_found"):
            st.space("medium")
            st.subheader(t("images.nothing_title"), anchor=False)
            st.markdown(t("images.nothing_text"))
            st.button(t("images.show_all"), type="primary", on_click=submit, args=(project.id, ""))
        return
    event = gallery(
        result.ids,
        key=_gallery_key(project),
        view=f"images:{project.id}",
        put=put_blob,
        selection=work.selected,
        selection_version=str(work.version),
        data_version=result.version,
        height=_HEIGHT,
    )
    if event is None:
        return
    if not np.array_equal(event.image_ids, work.selected):
        work.select(event.image_ids, kind="gallery", query=work.query)
    if event.kind == "open":
        work.opened = event.image_id
        st.rerun()


def _draw_selection(project: Project, work: Workspace, result: Result) -> None:
    """What can be done with the selected images."""
    assert project.id is not None
    chosen = work.selected
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {t('images.selected', n=f'{len(chosen):,}')}", width="content")
        st.space("stretch")
        st.button(
            t("images.deselect"),
            type="tertiary",
            icon=":material/close:",
            on_click=work.select,
            args=(np.empty(0, dtype=np.int64),),
        )
    outside = len(chosen) - int(np.isin(chosen, result.ids).sum())
    if outside:
        st.caption(t("images.outside", n=f"{outside:,}"))
    tag_bar(project, chosen, key=f"tags:{project.id}")
    bulk_class(project, chosen)
    bulk_metadata(project, chosen)
    if len(chosen) == 1 and st.button(
        t("images.open"), icon=":material/open_in_full:", width="stretch"
    ):
        work.opened = int(chosen[0])
        st.rerun()
    _draw_saving(project.id, work)
    if st.button(t("images.make_map"), icon=":material/scatter_plot:", width="stretch"):
        st.session_state.new_map = True
        open_project(project.id, "map.py")
    if st.button(t("export.open"), icon=":material/download:", width="stretch"):
        export_dialog(project, chosen)
    delete_button(project, chosen)


def _draw_saving(project_id: int, work: Workspace) -> None:
    """Keep the selection under a name."""
    # Another key after a change: the saved name's popover closes.
    popover = st.popover(
        t("images.save"),
        icon=":material/bookmark:",
        width="stretch",
        key=f"save_popover:{work.data_version}",
    )
    with popover, st.form("save_selection", border=False, enter_to_submit=True):
        name = st.text_input(t("images.save_name"), max_chars=100, key="selection_name")
        replace = st.checkbox(t("images.save_replace"), key="selection_replace")
        if st.form_submit_button(t("images.save_button"), type="primary"):
            try:
                saved = save_selection(
                    viewer(),
                    project_id,
                    name,
                    work.selected,
                    work.selection.provenance,
                    replace=replace,
                )
            except UserError as error:
                st.error(plain(error))
            else:
                st.session_state.saved_selection = (work.version, saved.name)
                work.changed()
                st.rerun()
    version, saved_name = st.session_state.get("saved_selection", (None, ""))
    if version == work.version:
        st.success(t("images.saved", term=plain(f"in:{quoted(saved_name)}")))


main()
