"""What every page needs to know: who looks, in which language, at which project."""

import re
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from components.assets import base_path
from core.accounts.access import Viewer, local_viewer
from core.blobs import store
from core.database import reading
from core.errors import NotFound
from core.i18n import LANGUAGES, look_language_up, t, use_language
from core.projects.store import load_project
from core.projects.tables import Project
from core.search import warm_up
from core.settings import settings

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&])")


def viewer() -> Viewer:
    """On whose behalf this page run reads and changes."""
    if "viewer" not in st.session_state:
        st.session_state.viewer = local_viewer()
    found: Viewer = st.session_state.viewer
    return found


def apply_language() -> None:
    """Make the visitor's language that of this page run: chosen, the browser's, or the default."""
    chosen = st.query_params.get("lang") or st.session_state.get("language")
    if chosen not in LANGUAGES:
        browser = str(st.context.locale or "").split("-")[0]
        chosen = browser if browser in LANGUAGES else settings().language
    st.session_state.language = chosen
    use_language(chosen)


def _visitor_language() -> str | None:
    """The language that an earlier run of the visitor's page has settled on."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    language: str | None = st.session_state.get("language")
    return language


# A fragment or a callback runs without the page around it, which has said the language.
look_language_up(_visitor_language)


def current_project() -> Project | None:
    """The project that this page is about; the address of the page says which."""
    asked = st.query_params.get("project") or st.session_state.get("project_id")
    if asked is None:
        return None
    try:
        with reading() as session:
            project = load_project(session, viewer(), _project_number(str(asked)))
    except NotFound:
        st.session_state.project_lost = True
        st.session_state.pop("project_id", None)
        st.query_params.pop("project", None)
        return None
    # The address keeps the project, so that a link or a reload opens the same one.
    st.session_state.project_id = project.id
    if st.query_params.get("project") != str(project.id):
        st.query_params["project"] = str(project.id)
    warm_up(project, viewer())
    return project


def _project_number(text: str) -> int:
    """The number of a project in an address; that of none where there is no number."""
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else 0


def open_project(project_id: int, page: str, **query: str) -> None:
    """Go to a page of a project.

    Args:
        page: its file in the folder of pages, e.g. `upload.py`.
        query: further parameters of the address.
    """
    st.session_state.project_id = project_id
    st.switch_page(page, query_params={"project": str(project_id), **query})


def require_project() -> Project:
    """The project that this page is about; without one, the page says where to choose one."""
    project = current_project()
    if project is None:
        if st.session_state.pop("project_lost", False):
            st.warning(t("shell.project_lost"), icon=":material/link_off:")
        st.info(t("shell.no_project"))
        if st.button(t("shell.choose_project"), type="primary"):
            st.switch_page("home.py")
        st.stop()
    return project


def put_blob(data: bytes) -> str:
    """Keep binary data for the browser and give the address that serves it."""
    return f"{base_path()}/api/blobs/{store().put(data, viewer().user_id)}"


def plain(text: Any) -> str:
    """`text` so that Markdown shows it as it is; names of files and tags may hold anything."""
    return _MARKDOWN.sub(r"\\\1", str(text))
