"""The models: those that a project uses, and bringing one's own."""

from collections.abc import Sequence

import streamlit as st
from streamlit.elements.lib.mutable_tab_container import TabContainer

from components.context import plain, require_project, viewer
from components.jobs import job_panel
from components.model_upload import model_upload
from components.official_weights import official_weights
from components.own_model import show_draft, show_finished
from components.project_models import compare_models, show_models
from core.database import reading
from core.i18n import current_language, t
from core.models.drafts import drafts
from core.models.finished import own_models
from core.projects.tables import Project
from core.search import count

_TABS = ("project_models.title", "project_models.compare", "own_models.bring")


def _bring(project: Project) -> None:
    """Upload, drafts, and the finished models of one's own."""
    assert project.id is not None
    st.markdown(t("own_models.bring_text"))
    if said := st.session_state.pop("own_models_said", None):
        st.success(plain(said))
    arrived = model_upload(project.id, key=f"model_upload_{project.id}")
    if arrived is not None and arrived != st.session_state.get("model_arrived"):
        st.session_state.model_arrived = arrived
        st.rerun()
    with reading() as session:
        waiting, finished = drafts(session, viewer()), own_models(session, viewer())
        images = count(session, viewer(), project, "")
    for model in waiting:
        show_draft(project, model, images)
    official_weights(project.id)
    fetches = ("model",)
    job_panel(project.id, fetches, lambda job: job.params["do"] == "fetch", place="fetch")
    show_finished(project.id, finished)


def _tabs() -> Sequence[TabContainer]:
    """The page's tabs; the one that was looked at last is open when somebody comes back."""
    titles = [t(f"{key}") for key in _TABS]
    widget = f"models_tabs_{current_language()}"
    kept = "models_tab"  # a widget's own value goes with its page

    def chosen() -> None:
        st.session_state[kept] = _TABS[titles.index(st.session_state[widget])]

    last = st.session_state.get(kept, _TABS[0])
    return st.tabs(titles, default=t(last), key=widget, on_change=chosen)


def main() -> None:
    """Draw the page."""
    project = require_project()
    assert project.id is not None
    st.title(t("own_models.title"), anchor=False)
    used, compared, own = _tabs()
    with used:
        show_models(project)
        job_panel(project.id, ("analyse",))
    with compared:
        compare_models(project)
    with own:
        _bring(project)


main()
