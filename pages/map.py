"""The map page: which map, a new one, what is missing for one, and the map that was chosen."""

import streamlit as st

from components.context import open_project, require_project, viewer
from components.jobs import job_panel
from components.map_form import map_form
from components.map_page import explore, map_state
from components.workspace import Workspace, workspace
from core.analysis.missing import count_unseen
from core.database import reading
from core.i18n import t
from core.maps import maps
from core.maps.methods import MIN_IMAGES
from core.media.images import project_image_ids
from core.projects.tables import Project


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
    elif st.session_state.get("new_map"):
        st.button(
            t("map_page.back"), icon=":material/arrow_back:", type="tertiary", on_click=_close_form
        )
        st.subheader(t("map_form.title"), anchor=False)
        _new_map(project, work)
    else:
        explore(project, work, state, all_maps)


def _new_map(project: Project, work: Workspace) -> None:
    new_id = map_form(project, work)
    if new_id is not None:
        st.query_params["map"] = str(new_id)
        st.session_state.new_map = False
        st.rerun()


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


main()
