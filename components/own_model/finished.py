"""The finished models of one's own: what each is, another name, deleting it."""

import streamlit as st

from components.amounts import file_size
from components.context import plain, viewer
from core.errors import UserError
from core.i18n import t
from core.models.cards import own_card
from core.models.finished import delete_model, rename_model
from core.models.tables import UserModel


def show_finished(project_id: int, models: list[UserModel]) -> None:
    """List the models; whoever brought one may call it otherwise or delete it."""
    if not models:
        return
    st.subheader(t("own_models.finished"), anchor=False)
    for model in models:
        _show(project_id, model)


def _show(project_id: int, model: UserModel) -> None:
    card = own_card(model)
    height, width = card.input_size
    with st.container(border=True, key=f"finished_{model.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            facts = t(
                "home.model.facts",
                task=t(f"models.task.{card.task}"),
                classes=f"{card.class_count:,}",
                width=width,
                height=height,
                licence=file_size(model.byte_size),
            )
            hint = t("own_models.key_help", key=model.key)
            st.markdown(f"**{plain(model.name)}** · {facts}", width="stretch", help=hint)
            mine = model.created_by == viewer().user_id
            if mine:
                # Another name is another popover, so that it closes with the renaming.
                key = f"rename_of_{model.id}_{model.name}"
                with st.popover(t("own_models.rename"), icon=":material/edit:", key=key):
                    _rename(project_id, model)
            label, key = t("own_models.delete"), f"delete_{model.key}"
            delete = mine and st.button(label, key=key, icon=":material/delete:")
        if delete:
            _delete(project_id, model)


def _rename(project_id: int, model: UserModel) -> None:
    with st.form(f"rename_{model.id}", border=False):
        name = st.text_input(
            t("own_models.name"), model.name, max_chars=100, key=f"rename_name_{model.id}"
        )
        if st.form_submit_button(t("own_models.rename"), type="primary"):
            try:
                rename_model(viewer(), project_id, model.key or "", name)
            except UserError as error:
                st.error(plain(error))
            else:
                st.rerun()


def _delete(project_id: int, model: UserModel) -> None:
    try:
        delete_model(viewer(), project_id, model.key or "")
    except UserError as error:
        st.error(plain(error))
    else:
        st.session_state.own_models_said = t("own_models.deleted", name=model.name)
        st.rerun()
