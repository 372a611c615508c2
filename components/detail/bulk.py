"""One field of metadata set for many images at once."""

import streamlit as st

from components.context import plain, viewer
from components.detail.inputs import draw, input_of
from components.workspace import Ids, workspace
from core.curation.attributes import set_attribute
from core.curation.fields import declared_fields
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.projects.tables import Project
from core.search import attributes


def bulk_metadata(project: Project, image_ids: Ids) -> None:
    """Draw a popover that sets a field of these images, or takes it from them.

    Args:
        image_ids: int64 (N,), at least one.
    """
    project_id = project.id or 0
    work = workspace(project_id)
    # Another key after a change: the popover closes.
    popover = st.popover(
        t("detail.bulk"),
        icon=":material/edit_note:",
        width="stretch",
        key=f"bulk_metadata:{work.data_version}",
    )
    with popover:
        if not _draw_bulk(project, image_ids):
            return
    work.changed()
    st.rerun()


def _draw_bulk(project: Project, image_ids: Ids) -> bool:
    """Draw what is in the popover; whether something was set."""
    with reading() as session:
        types = declared_fields(session, viewer(), project)
        known = dict(attributes(session, viewer(), project))
    name = st.selectbox(
        t("detail.field"),
        list(dict.fromkeys([*types, *known])),
        index=None,
        key="bulk_field",
        placeholder=t("fields.placeholder"),
        accept_new_options=True,
    )
    if name is None:
        return False
    field = input_of(name, types.get(name), None)
    # A value stays for the next images, but not for a field of another type.
    raw = draw(field, key=f"bulk_value:{name}:{field.form}")
    n = f"{len(image_ids):,}"
    with st.container(horizontal=True):
        sets = st.button(
            t("detail.bulk_set", n=n),
            type="primary",
            disabled=raw in (None, ""),
            key="bulk_metadata_set",
        )
        removes = st.button(t("detail.bulk_remove"), key="bulk_metadata_remove")
    if not sets and not removes:
        return False
    try:
        value = field.read(raw) if sets else None
        set_attribute(viewer(), project.id or 0, name, value, image_ids)
    except UserError as error:
        st.error(plain(error))
        return False
    return True
