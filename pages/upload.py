"""Bringing images into a project, and what became of each batch."""

import streamlit as st

from components.bin import restore_button
from components.context import open_project, plain, require_project, viewer
from components.jobs import job_panel
from components.moments import show_moment
from components.sidecars import folders_as_classes, left_out_badge, show_sidecars
from components.sources import source_form, watch_panel
from components.uploader import uploader
from components.workspace import workspace
from core.analysis.missing import add_analysis_job, count_unseen
from core.database import reading, writing
from core.errors import UserError
from core.i18n import current_language, t, use_language
from core.ingest.batches import BatchReport, batch_reports, discard_rest, refused_files
from core.ingest.report import refused_csv
from core.jobs import queue
from core.jobs.store import ACTIVE, project_jobs
from core.jobs.tables import Job, JobState
from core.media.places import Place
from core.projects.tables import Project
from core.search import count
from core.sources.tables import Source

_KINDS = ("source", "ingest", "demo", "analyse")
_STOPPED = (JobState.CANCELLED, JobState.FAILED)
_BATCHES = 20  # shown at first, and more at a time
_REFUSED = 200  # shown of each batch
_MANY_JOBS = 1000


def _show_unseen(project: Project) -> None:
    """What the model has not seen, why, and the button that mends it."""
    assert project.id is not None
    with reading() as session:
        if project_jobs(session, viewer(), project.id, ACTIVE, _KINDS, limit=1):
            return
        n = count_unseen(session, viewer(), project.id, project.model_key)
        ended = (JobState.DONE, *_STOPPED)
        last = next(iter(project_jobs(session, viewer(), project.id, ended, _KINDS, limit=1)), None)
    if n == 0:
        return
    key = "upload.unseen.one" if n == 1 else "upload.unseen.many"
    sentences = [t(key, n=f"{n:,}")]
    # An analysis that failed tells its own reason, and is gone on with instead of a second one.
    stopped = last if last and last.kind == "analyse" and last.state in _STOPPED else None
    reason = last.result.get("model_error") if last and not stopped else None
    if reason:
        sentences.append(t("upload.unseen.why", reason=t(reason["key"], **reason["params"])))
    st.warning(plain(" ".join(sentences)), icon=":material/model_training:")
    if st.button(t("upload.unseen.button"), key="analyse_now", type="primary"):
        if stopped:
            queue.resume(viewer(), stopped.id)
        else:
            with writing() as session:
                job = add_analysis_job(session, viewer(), project.id)
            queue.enqueue(job)
        st.rerun()


@st.fragment
def _show_batches(project_id: int) -> None:
    with reading() as session:
        reports = batch_reports(session, viewer(), project_id)
        unfinished = (*ACTIVE, *_STOPPED)
        jobs = project_jobs(session, viewer(), project_id, unfinished, _KINDS, limit=_MANY_JOBS)
    if not reports:
        if not any(job.state in ACTIVE for job in jobs):
            st.markdown(t("upload.batches.empty"))
        return
    st.subheader(t("upload.batches.title"), anchor=False)
    by_batch = {job.params.get("batch_id"): job for job in jobs}
    shown_key = f"batches_shown:{project_id}"
    shown = st.session_state.setdefault(shown_key, _BATCHES)
    for report in reports[:shown]:
        _show_batch(report, by_batch.get(report.batch.id))
    if len(reports) > shown:
        more = {shown_key: shown + _BATCHES}
        label = t("upload.batches.older")
        st.button(label, key="older_batches", on_click=st.session_state.update, args=(more,))


def _show_batch(report: BatchReport, job: Job | None) -> None:
    batch = report.batch
    with st.container(border=True, key=f"batch_{batch.id}"):
        columns = st.columns([3, 1.5, 1.5, 5, 5], vertical_alignment="center")
        name, who, when, counts, action = columns
        name.markdown(f"**{plain(batch.name)}**")
        who.caption(plain(report.user_name))
        with when:
            show_moment(batch.created_at)
        counts.markdown(_counts(report, job))
        with action, st.container(horizontal=True, horizontal_alignment="right"):
            if batch.finished_at is None and job is not None and job.state in _STOPPED:
                _show_ways_on(report, job)
            elif report.accepted or report.unread:
                if batch.id is not None:
                    folders_as_classes(batch.id, finished=batch.finished_at is not None)
                _show_link(report)
            if report.binned and batch.id is not None:
                restore_button(batch.project_id, batch.id)
        if report.source is not None:
            _show_source(report.source)
        if report.applied and batch.id is not None:
            show_sidecars(batch.id, report.applied, finished=batch.finished_at is not None)
        if report.refused:
            _show_refused(report)


def _counts(report: BatchReport, job: Job | None) -> str:
    """The number of files by outcome, and the batch's state unless it is finished."""
    parts = []
    for colour, key, n in (
        ("green", "accepted", report.accepted),
        ("gray", "duplicates", report.duplicates),
        ("gray", "binned", report.binned),
        ("violet", "applied", report.applied),
        ("orange", "refused", report.refused),
        ("blue", "unread", report.unread),
    ):
        if n:
            parts.append(f":{colour}-badge[{t(f'upload.batches.{key}', n=f'{n:,}')}]")
    if report.applied and report.batch.finished_at is not None:
        parts.append(left_out_badge(report.batch.id or 0))
    if report.batch.finished_at is None and job is not None:
        state = job.state if job.state in _STOPPED else "running"
        parts.append(f":blue-badge[{t(f'upload.batches.{state}')}]")
    elif report.batch.open:
        parts.append(f":blue-badge[{t('upload.batches.open')}]")
    elif not parts:
        parts.append(f":gray-badge[{t('upload.batches.nothing')}]")
    return " ".join(parts)


def _show_source(source: Source) -> None:
    how = t("upload.batches.in_place" if source.in_place else "upload.batches.copied")
    st.caption(plain(f"{Place(source.url)} · {how}"))


def _show_link(report: BatchReport) -> None:
    batch = report.batch
    label, hint = t("upload.batches.look"), t("upload.batches.look_help")
    if st.button(label, key=f"look_{batch.id}", icon=":material/photo_library:", help=hint):
        _open_images(batch.project_id, f"batch:{batch.id}")


def _show_ways_on(report: BatchReport, job: Job) -> None:
    """A batch that was stopped: go on with it, or give up what is left of it."""
    assert report.batch.id is not None
    label = "resume" if job.state == JobState.CANCELLED else "retry"
    if st.button(t(f"upload.batches.{label}"), key=f"go_on_{report.batch.id}"):
        queue.resume(viewer(), job.id)
        st.rerun()
    with st.popover(t("upload.batches.discard"), key=f"discard_{report.batch.id}"):
        key = "discard_text" if report.source is None else "discard_listed"
        st.markdown(t(f"upload.batches.{key}"))
        confirm = t("upload.batches.discard_confirm")
        if st.button(confirm, key=f"discard_now_{report.batch.id}", type="primary"):
            try:
                discard_rest(viewer(), report.batch.id)
            except UserError as error:
                st.error(plain(error))
            else:
                st.rerun()


def _show_refused(report: BatchReport) -> None:
    """The refused files with their reasons; read only when someone opens the list."""
    batch_id = report.batch.id
    assert batch_id is not None
    title = t("upload.refused.title", n=f"{report.refused:,}")
    section = st.expander(title, key=f"refused_{batch_id}", on_change="rerun")
    if not section.open:
        return
    with section:
        with reading() as session:
            files = refused_files(session, viewer(), batch_id, _REFUSED)
        st.dataframe(
            {
                t("upload.refused.file"): [file.path for file in files],
                t("upload.refused.reason"): [file.reason for file in files],
            },
            hide_index=True,
            key=f"refused_files_{batch_id}",
        )
        if report.refused > len(files):
            st.caption(t("upload.refused.first", shown=len(files), n=f"{report.refused:,}"))
        language, who = current_language(), viewer()

        def all_refused() -> bytes:
            # Called outside the page's run, where nobody has said the visitor's language.
            use_language(language)
            with reading() as session:
                return refused_csv(refused_files(session, who, batch_id))

        st.download_button(
            t("upload.refused.download"),
            all_refused,
            file_name=f"refused-{batch_id}.csv",
            mime="text/csv",
            key=f"refused_csv_{batch_id}",
            icon=":material/download:",
        )


def _open_images(project_id: int, query: str) -> None:
    workspace(project_id).query = query
    open_project(project_id, "images.py", q=query)


def _show() -> None:
    project = require_project()
    assert project.id is not None
    with reading() as session:
        n = count(session, viewer(), project, "")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(t("upload.title"), anchor=False, width="stretch")
        label = t("upload.look", n=f"{n:,}")
        icon = ":material/photo_library:"
        if n and st.button(label, key="look_at_images", icon=icon, type="primary"):
            _open_images(project.id, "")
    uploader(key=f"uploader_{project.id}", view=f"upload:{project.id}", project_id=project.id)
    source_form(project.id)
    job_panel(project.id, _KINDS)
    _show_unseen(project)
    watch_panel(project.id)
    _show_batches(project.id)


_show()
