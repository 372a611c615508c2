"""The dialog that takes images out: a table, or a zip of their originals."""

from typing import get_args

import numpy as np
import numpy.typing as npt
import streamlit as st

from components.amounts import file_size
from components.assets import base_path
from components.context import plain, viewer
from components.download_link import download_link
from core.database import reading
from core.errors import UserError
from core.formats.archive import Folders
from core.formats.export import ExportFormat, begin_export
from core.i18n import t
from core.jobs import queue
from core.jobs.store import ACTIVE, load_job
from core.jobs.tables import Job, JobState
from core.projects.tables import Project

_REFRESH = 0.7  # seconds


def export_dialog(
    project: Project, image_ids: npt.NDArray[np.int64], map_id: int | None = None
) -> None:
    """Open the dialog for these images.

    Args:
        image_ids: int64 (N,), in the order the table is to have.
        map_id: the map whose coordinates a table takes along.
    """
    st.session_state.pop("export_job", None)

    @st.dialog(t("export.title"), width="medium")
    def dialog() -> None:
        job_id = st.session_state.get("export_job")
        if job_id is None:
            _form(project, image_ids, map_id)
        else:
            _progress(job_id)

    dialog()


def _form(project: Project, image_ids: npt.NDArray[np.int64], map_id: int | None) -> None:
    st.markdown(t("export.count", n=f"{len(image_ids):,}"))
    file_format: ExportFormat = st.radio(
        t("export.format"),
        get_args(ExportFormat),
        format_func=lambda key: t(f"export.formats.{key}"),
        captions=[t(f"export.captions.{key}") for key in get_args(ExportFormat)],
        key="export_format",
    )
    features = False
    folders: Folders = "prediction"
    if file_format == "zip":
        folders = st.radio(
            t("export.folders"),
            get_args(Folders),
            format_func=lambda key: t(f"export.folder_names.{key}"),
            horizontal=True,
            key="export_folders",
        )
    else:
        features = st.checkbox(
            t("export.features"), help=t("export.features_help"), key="export_features"
        )
    if st.button(t("export.start"), type="primary", disabled=len(image_ids) == 0):
        assert project.id is not None
        try:
            job = begin_export(
                viewer(),
                project.id,
                image_ids,
                file_format,
                map_id=map_id,
                features=features,
                folders=folders,
            )
        except UserError as error:
            st.error(plain(error))
            return
        st.session_state.export_job = job.id
        st.rerun(scope="fragment")


@st.fragment(run_every=_REFRESH)
def _progress(job_id: str) -> None:
    with reading() as session:
        job = load_job(session, viewer(), job_id)
    if job.state in ACTIVE:
        share = job.done / job.total if job.total else 0.0
        st.progress(min(share, 1.0), text=t("export.writing", n=f"{job.done:,}"))
        if st.button(t("jobs.cancel")):
            queue.cancel(viewer(), job.id)
    elif job.state == JobState.DONE:
        _download_link(job)
    else:
        st.error(plain(t(job.error or "jobs.state.cancelled", **job.error_params)))


def _download_link(job: Job) -> None:
    size = file_size(job.result["bytes"])
    st.success(t("export.ready", file=plain(job.result["file"]), size=size))
    download_link(
        t("export.download"), f"{base_path()}/api/exports/{job.id}", key=f"download_{job.id}"
    )
