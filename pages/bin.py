"""The bin of a project: what was deleted, to be restored or removed for good."""

import numpy as np
import streamlit as st

from components.bin import restore
from components.changes import undo_bar
from components.context import open_project, plain, put_blob, require_project, viewer
from components.gallery import gallery
from components.jobs import job_panel
from components.workspace import Ids, workspace
from core.bin import begin_emptying, binned_ids
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.projects.tables import Project

_HEIGHT = 660  # CSS px
_PANEL_WIDTH = 360


def main() -> None:
    """Draw the page."""
    project = require_project()
    assert project.id is not None
    with st.container(key="jobs"):
        job_panel(project.id, ("bin",))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(t("bin.title"), anchor=False, width="stretch")
        if st.button(t("images.back"), icon=":material/arrow_back:", key="back_to_images"):
            open_project(project.id, "images.py")
    if "bin_problem" in st.session_state:
        st.error(plain(st.session_state.pop("bin_problem")))
    with reading() as session:
        image_ids = binned_ids(session, viewer(), project)
    with st.container(horizontal=True, wrap=False, gap="medium"):
        left = st.container(width="stretch")
        right = st.container(width=_PANEL_WIDTH)
    with left:
        if len(image_ids):
            st.markdown(t("bin.content", n=f"{len(image_ids):,}"))
            _draw_gallery(project.id, image_ids)
        else:
            st.info(t("bin.empty"), icon=":material/delete:")
    with right:
        if len(image_ids):
            _draw_ways(project, image_ids)
        undo_bar(project, key="undo_bin")


def _draw_gallery(project_id: int, image_ids: Ids) -> None:
    chosen: Ids = st.session_state.get(_key(project_id), np.empty(0, dtype=np.int64))
    event = gallery(
        image_ids,
        key=f"bin:{project_id}",
        view=f"bin:{project_id}",
        put=put_blob,
        selection=chosen,
        selection_version=str(workspace(project_id).data_version),
        height=_HEIGHT,
        rows_url="/api/images/rows?bin=1",
    )
    if event is not None and not np.array_equal(event.image_ids, chosen):
        st.session_state[_key(project_id)] = event.image_ids
        st.rerun()


def _draw_ways(project: Project, image_ids: Ids) -> None:
    """Restore or remove: what is selected, or everything."""
    assert project.id is not None
    selected = st.session_state.get(_key(project.id), np.empty(0, dtype=np.int64))
    chosen = np.intersect1d(selected, image_ids)
    meant = chosen if len(chosen) else image_ids
    which = "selected" if len(chosen) else "all"
    n = f"{len(meant):,}"
    st.caption(t("bin.help"))
    st.button(
        t(f"bin.restore_{which}", n=n),
        icon=":material/restore_from_trash:",
        type="primary",
        key="restore",
        width="stretch",
        on_click=restore,
        args=(project.id, meant),
    )
    if st.button(
        t(f"bin.remove_{which}", n=n),
        icon=":material/delete_forever:",
        key="remove",
        width="stretch",
    ):
        _confirm(project.id, meant)


def _confirm(project_id: int, image_ids: Ids) -> None:
    n = f"{len(image_ids):,}"

    @st.dialog(t("bin.confirm_title", n=n))
    def dialog() -> None:
        st.markdown(t("bin.confirm_text"))
        with st.container(horizontal=True):
            remove = st.button(
                t("bin.confirm", n=n),
                type="primary",
                key="remove_now",
                on_click=_remove,
                args=(project_id, image_ids),
            )
            if remove or st.button(t("bin.keep"), key="keep_in_bin"):
                st.rerun()

    dialog()


def _remove(project_id: int, image_ids: Ids) -> None:
    try:
        begin_emptying(viewer(), project_id, image_ids)
    except UserError as error:
        st.session_state.bin_problem = error


def _key(project_id: int) -> str:
    return f"bin_chosen:{project_id}"


main()
