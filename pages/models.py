"""The models: those that a project uses, and bringing one's own."""

import streamlit as st

from components.amounts import file_size
from components.context import plain, require_project, viewer
from components.jobs import job_panel
from components.model_upload import model_upload
from components.official_weights import official_weights
from components.own_model import show_draft
from components.project_models import compare_models, show_models
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.models.cards import own_card
from core.models.store import delete_model, drafts, own_models
from core.models.tables import UserModel
from core.projects.tables import Project


def _bring(project: Project) -> None:
    """Upload, drafts, and the finished models of one's own."""
    assert project.id is not None
    st.subheader(t("own_models.bring"), anchor=False)
    st.markdown(t("own_models.bring_text"))
    if saved := st.session_state.pop("saved_model", None):
        st.success(t("own_models.saved", name=plain(saved)))
    arrived = model_upload(project.id, key=f"model_upload_{project.id}")
    official_weights(project.id)
    if arrived is not None and arrived != st.session_state.get("model_arrived"):
        st.session_state.model_arrived = arrived
        st.rerun()
    with reading() as session:
        waiting, finished = drafts(session, viewer()), own_models(session, viewer())
    for model in waiting:
        show_draft(project, model)
    for model in finished:
        _show_finished(project.id, model)


def _show_finished(project_id: int, model: UserModel) -> None:
    card = own_card(model)
    height, width = card.input_size
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        facts = t(
            "home.model.facts",
            task=t(f"models.task.{card.task}"),
            classes=f"{len(card.classes):,}",
            width=width,
            height=height,
            licence=file_size(model.byte_size),
        )
        st.markdown(f"**{plain(model.name)}** · {facts} · `{model.key}`", width="stretch")
        if st.button(t("own_models.delete"), key=f"delete_{model.key}", type="tertiary"):
            try:
                delete_model(viewer(), project_id, model.key or "")
            except UserError as error:
                st.error(plain(error))
            else:
                st.rerun()


def main() -> None:
    """Draw the page."""
    project = require_project()
    assert project.id is not None
    st.title(t("own_models.title"), anchor=False)
    job_panel(project.id, ("model", "analyse"))
    show_models(project)
    compare_models(project)
    _bring(project)


main()
