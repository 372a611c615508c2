"""Tags, class and metadata of everything a query finds, however much, without selecting it."""

import streamlit as st

from components.context import plain, viewer
from components.detail import bulk_class, bulk_metadata
from components.tagging.acts import give, take
from components.workspace import Ids
from core.curation.tags import tag_counts, tags
from core.database import reading
from core.i18n import t
from core.projects.tables import Project

__all__ = ["change_all_button", "changes"]


def change_all_button(project: Project, image_ids: Ids, *, asked: bool) -> None:
    """Draw the button that opens the changes of all these images.

    Args:
        image_ids: int64 (N,), what the query finds.
        asked: whether there is a query; without one these are all of the project.
    """
    key = "whole_result.results" if asked else "whole_result.images"
    what = t(key, n=f"{len(image_ids):,}")
    if len(image_ids) and st.button(
        t("whole_result.open", what=what),
        icon=":material/edit:",
        width="stretch",
        key=f"change_all:{project.id}",
        help=t("whole_result.help"),
    ):
        st.dialog(t("whole_result.title", what=what), width="medium")(changes)(project, image_ids)


def changes(project: Project, image_ids: Ids) -> None:
    """Draw the changes, each for all these images at once; the dialog's content."""
    with reading() as session:
        known = [tag.name for tag, _ in tags(session, viewer(), project)]
        present = tag_counts(session, image_ids)
    n = f"{len(image_ids):,}"
    offered = [name for name in known if present.get(name, 0) < len(image_ids)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        added = st.selectbox(
            t("whole_result.add"),
            offered,
            index=None,
            key="whole_result:add",
            placeholder=t("tagging.add_placeholder"),
            accept_new_options=True,
        )
        label = t("whole_result.add_button", n=n)
        adds = st.button(label, type="primary", disabled=not added, key="whole_result:add_button")
    removed = None
    takes = False
    if present:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            removed = st.selectbox(
                t("whole_result.remove"),
                list(present),
                index=None,
                format_func=lambda name: f"{name} ({present[name]:,})",
                key="whole_result:remove",
                placeholder=t("tagging.choose"),
            )
            label = t("whole_result.remove_button", n=f"{present.get(removed or '', 0):,}")
            takes = st.button(label, disabled=removed is None, key="whole_result:remove_button")
    bulk_class(project, image_ids)
    bulk_metadata(project, image_ids)
    st.caption(t("whole_result.undo"))
    if not adds and not takes:
        return
    with st.spinner(t("whole_result.working")):
        if adds:
            done = give(project.id or 0, added or "", image_ids)
        else:
            done = take(project.id or 0, removed or "", image_ids)
    if done:
        st.rerun()
    st.error(plain(t("whole_result.refused")))
