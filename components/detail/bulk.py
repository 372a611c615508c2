"""One field of metadata set for many images at once."""

import streamlit as st

from components.context import plain, viewer
from components.detail.metadata import KINDS, from_rows
from components.workspace import Ids, workspace
from core.curation.attributes import Value, set_attribute
from core.errors import UserError
from core.i18n import t
from core.projects.tables import Project


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
    with popover, st.form("bulk_metadata", border=False):
        field = st.text_input(t("detail.field"), max_chars=64, key="bulk_field")
        kind = st.selectbox(
            t("detail.kind"),
            KINDS,
            format_func=lambda each: t(f"detail.kinds.{each}"),
            key="bulk_kind",
        )
        text = st.text_input(t("detail.value"), key="bulk_value")
        removes = st.checkbox(t("detail.bulk_remove"), key="bulk_remove")
        n = f"{len(image_ids):,}"
        if not st.form_submit_button(
            t("detail.bulk_set", n=n), type="primary", key="bulk_metadata_set"
        ):
            return
        try:
            value = None if removes else _value(field, kind, text)
            set_attribute(viewer(), project_id, field, value, image_ids)
        except UserError as error:
            st.error(plain(error))
            return
    work.changed()
    st.rerun()


def _value(field: str, kind: str, text: str) -> Value:
    """What a row of the metadata table with these cells holds; raises UserError."""
    rows = from_rows([{"field": field, "kind": kind, "value": text}])
    return next(iter(rows.values()), None)
