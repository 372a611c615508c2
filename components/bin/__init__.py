"""Widgets of the bin: putting images in, going there, taking images out again."""

import streamlit as st

from components.context import open_project, plain, viewer
from components.detail import leave
from components.workspace import Ids, workspace
from core.bin import bin_size, delete_images, restore_images
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.ingest.batches import still_binned
from core.projects.tables import Project

__all__ = ["bin_button", "delete_button", "restore", "restore_button"]


def delete_button(project: Project, image_ids: Ids) -> None:
    """Draw the button that puts these images into the bin; the view goes on without them.

    Args:
        image_ids: int64 (N,), at least one.
    """
    project_id = project.id or 0

    def delete() -> None:
        work = workspace(project_id)
        delete_images(viewer(), project_id, image_ids)
        if work.opened is not None:
            leave(project_id, work.opened)
        work.deselect(image_ids)
        work.changed()

    st.button(
        t("bin.delete"),
        icon=":material/delete:",
        key=f"delete_images:{project_id}",
        help=t("bin.delete_help"),
        width="stretch",
        on_click=delete,
    )


def bin_button(project: Project) -> None:
    """Draw the way to the bin, unless it is empty."""
    with reading() as session:
        n = bin_size(session, viewer(), project)
    if n and st.button(
        t("bin.open", n=f"{n:,}"), icon=":material/delete:", width="stretch", key="open_bin"
    ):
        open_project(project.id or 0, "bin.py")


def restore_button(project_id: int, batch_id: int) -> None:
    """Draw the button that takes out of the bin what a batch has brought again, if it is there."""
    with reading() as session:
        image_ids = still_binned(session, viewer(), batch_id)
    if image_ids:
        st.button(
            t("bin.restore", n=f"{len(image_ids):,}"),
            icon=":material/restore_from_trash:",
            key=f"restore_batch:{batch_id}",
            help=t("bin.restore_batch_help"),
            on_click=restore,
            args=(project_id, image_ids),
        )


def restore(project_id: int, image_ids: Ids | list[int]) -> None:
    """Take images out of the bin; every view shows them again."""
    try:
        restore_images(viewer(), project_id, image_ids)
    except UserError as error:
        st.error(plain(error))
    workspace(project_id).changed()
