"""One draft: the worker's look at it, the form, the trial, and saving it."""

from typing import Any

import streamlit as st

from components.amounts import file_size
from components.context import open_project, plain, viewer
from components.jobs import job_panel
from components.moments import local
from components.own_model.form import ask
from components.own_model.pictures import show_pictures
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.jobs.store import ACTIVE
from core.jobs.tables import Job, JobState
from core.models.drafts import begin_trial, discard_draft, kept_until, last_job, look_again
from core.models.finished import finish
from core.models.settings import OwnSettings, check
from core.models.tables import UserModel
from core.projects.tables import Project
from models.architectures import names


def show_draft(project: Project, model: UserModel, images: int) -> None:
    """Show a draft and whatever comes next for it.

    Args:
        images: of the project, on some of which it can be tried.
    """
    assert project.id is not None
    with reading() as session:
        job = last_job(session, viewer(), model.id or 0)
    busy = job is not None and job.state in ACTIVE
    with st.container(border=True, key=f"draft_{model.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(plain(model.file_name), anchor=False, width="stretch")
            _discard(model)
        st.caption(" · ".join(_facts(model)))
        if model.facts is not None:
            _show_known(project.id, model, job, images)
        elif busy:
            _show_progress(job)
        else:
            _show_problem(project.id, model, job)


def _facts(model: UserModel) -> list[str]:
    facts: dict[str, Any] | None = model.facts
    said = [file_size(model.byte_size)]
    if facts is not None:
        parameters = t("own_models.parameters", n=f"{facts['parameters'] / 1e6:.1f}")
        said = [t(f"models.task.{facts['task']}"), parameters, *said]
    return [*said, t("own_models.kept_until", date=f"{local(kept_until(model)):%Y-%m-%d}")]


def _show_progress(job: Job | None) -> None:
    if job is not None:
        job_panel(job.project_id, ("model",), lambda each: each.id == job.id, place=job.id)


def _show_problem(project_id: int, model: UserModel, job: Job | None) -> None:
    if job is not None and job.error:
        st.error(plain(t(job.error, **job.error_params)))
        return
    st.info(t("own_models.not_looked"))
    again = t("own_models.architecture_look")
    if st.button(again, key=f"look_again_{model.id}", icon=":material/search:"):
        look_again(viewer(), project_id, model.id or 0)
        st.rerun()


def _discard(model: UserModel) -> None:
    if st.button(t("own_models.discard"), key=f"discard_{model.id}", icon=":material/delete:"):
        discard_draft(viewer(), model.id or 0)
        st.rerun()


def _show_known(project_id: int, model: UserModel, job: Job | None, images: int) -> None:
    assert model.id is not None and model.facts is not None
    facts: dict[str, Any] = model.facts
    busy = job is not None and job.state in ACTIVE
    if model.suffix != ".onnx":
        _choose_architecture(project_id, model)
    if facts["head"] is None:
        _show_end(job)
        return
    wanted, problem = None, None
    try:
        wanted = ask(model)
        check(wanted, facts)
    except UserError as error:
        problem = error
        st.warning(plain(error))
    # Not closed while something is wrong: what was typed last is only heard with the click.
    asked = _ask_for_trial(project_id, model, images, _changed(model, wanted), busy)
    if asked and wanted is not None and problem is None:
        begin_trial(viewer(), project_id, model.id, wanted)
        st.rerun()
    _show_end(job)
    if model.trial is not None and not busy:
        _show_trial(model.trial)
        if wanted is not None and problem is None:
            _save(project_id, model, wanted)


def _show_end(job: Job | None) -> None:
    """How far the newest job about a draft is, or why it failed."""
    if job is not None and job.state in ACTIVE:
        _show_progress(job)
    elif job is not None and job.state == JobState.FAILED and job.error:
        st.error(plain(t(job.error, **job.error_params)))


def _changed(model: UserModel, wanted: OwnSettings | None) -> bool:
    return wanted is not None and wanted.to_json() != model.settings


def _ask_for_trial(
    project_id: int, model: UserModel, images: int, changed: bool, busy: bool
) -> bool:
    if images:
        return st.button(
            t("own_models.try"),
            key=f"try_{model.id}",
            type="primary" if model.trial is None or changed else "secondary",
            icon=":material/science:",
            help=t("own_models.try_help"),
            disabled=busy,
        )
    st.info(t("own_models.no_images"), icon=":material/photo_library:")
    label, key = t("own_models.add_images"), f"images_for_{model.id}"
    if st.button(label, key=key, type="primary", icon=":material/upload:"):
        open_project(project_id, "upload.py")
    return False


def _choose_architecture(project_id: int, model: UserModel) -> None:
    facts: dict[str, Any] = model.facts or {}
    fitting = facts["fitting"]
    if not facts["architecture"]:
        st.warning(t("own_models.architecture_ask"))
    options = [*fitting, *(name for name in names() if name not in fitting)]
    current = facts["architecture"]
    chosen = st.selectbox(
        t("own_models.architecture"),
        options,
        index=options.index(current) if current else None,
        key=f"own_architecture_{model.id}",
        help=t("own_models.architecture_help"),
    )
    if chosen and chosen != current:
        look = t("own_models.architecture_look")
        if st.button(look, key=f"look_{model.id}", icon=":material/search:"):
            look_again(viewer(), project_id, model.id or 0, chosen)
            st.rerun()


def _show_trial(trial: dict[str, Any]) -> None:
    st.markdown(
        t(
            "own_models.tried",
            n=len(trial["images"]),
            ms=f"{trial['image_milliseconds']:.0f}",
            seconds=f"{trial['load_seconds']:.1f}",
            features=f"{trial['feature_size']:,}",
            device=trial["device"],
        )
    )
    show_pictures(trial)


def _save(project_id: int, model: UserModel, wanted: OwnSettings) -> None:
    if _changed(model, wanted):
        st.caption(t("own_models.changed"))
        return
    with st.form(f"save_model_{model.id}", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(
                t("own_models.name"), model.name, max_chars=100, key=f"own_name_{model.id}"
            )
            saving = st.form_submit_button(t("own_models.save"), type="primary")
        if saving:
            try:
                saved = finish(viewer(), project_id, model.id or 0, name)
            except UserError as error:
                st.error(plain(error))
                return
            st.session_state.own_models_said = t("own_models.saved", name=saved.name)
            st.rerun()
