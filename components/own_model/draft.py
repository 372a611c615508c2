"""One draft: the worker's look at it, the form, the trial, and saving it."""

from typing import Any

import streamlit as st

from components.amounts import file_size
from components.assets import base_path
from components.context import plain, viewer
from components.moments import local
from components.own_model.form import ask
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.jobs.store import ACTIVE, project_jobs
from core.jobs.tables import Job, JobState
from core.models.settings import OwnSettings, check
from core.models.store import begin_trial, discard_draft, finish, kept_until, look_again
from core.models.tables import UserModel
from core.projects.tables import Project
from models.architectures import names

_COLUMNS = 5


def show_draft(project: Project, model: UserModel) -> None:
    """Show a draft and whatever comes next for it."""
    assert project.id is not None
    with st.container(border=True, key=f"draft_{model.id}"):
        st.subheader(plain(model.file_name), anchor=False)
        st.caption(t("own_models.kept_until", date=f"{local(kept_until(model)):%Y-%m-%d}"))
        job = _last_job(project.id, model)
        if job is not None and job.state in ACTIVE and model.facts is None:
            st.info(t("own_models.looking", name=plain(model.file_name)))
        elif model.facts is None or _looked_in_vain(job):
            _show_problem(model, job)
            _discard(model)
        else:
            _show_known(project, model, job)


def _last_job(project_id: int, model: UserModel) -> Job | None:
    with reading() as session:
        jobs = project_jobs(session, viewer(), project_id, list(JobState), ("model",), limit=50)
    return next((job for job in jobs if job.params.get("model_id") == model.id), None)


def _looked_in_vain(job: Job | None) -> bool:
    return job is not None and job.params["do"] == "inspect" and job.state == JobState.FAILED


def _show_problem(model: UserModel, job: Job | None) -> None:
    st.markdown(f"**{t('own_models.unusable', name=plain(model.file_name))}**")
    if job is not None and job.error:
        st.error(plain(t(job.error, **job.error_params)))


def _discard(model: UserModel) -> None:
    if st.button(t("own_models.discard"), key=f"discard_{model.id}", icon=":material/delete:"):
        discard_draft(viewer(), model.id or 0)
        st.rerun()


def _show_known(project: Project, model: UserModel, job: Job | None) -> None:
    assert project.id is not None and model.id is not None and model.facts is not None
    facts: dict[str, Any] = model.facts
    parameters = t("own_models.parameters", n=f"{facts['parameters'] / 1e6:.1f}")
    task = t(f"models.task.{facts['task']}")
    st.caption(f"{task} · {parameters} · {file_size(model.byte_size)}")
    if model.suffix != ".onnx":
        _choose_architecture(project.id, model)
    if facts["head"] is None:
        _discard(model)
        return
    try:
        wanted = ask(model)
        problem = ""
        check(wanted, facts)
    except UserError as error:
        problem = str(error)
        st.warning(plain(problem))
    busy = job is not None and job.state in ACTIVE
    with st.container(horizontal=True):
        if st.button(
            t("own_models.try"),
            key=f"try_{model.id}",
            type="primary" if model.trial is None else "secondary",
            icon=":material/science:",
            help=t("own_models.try_help"),
            disabled=bool(problem) or busy,
        ):
            begin_trial(viewer(), project.id, model.id, wanted)
            st.rerun()
        _discard(model)
    if job is not None and job.params["do"] == "try" and job.state == JobState.FAILED and job.error:
        st.error(plain(t(job.error, **job.error_params)))
    if model.trial is not None and not busy:
        _show_trial(model.trial)
        if not problem:
            _save(project.id, model, wanted)


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
    answers = list(zip(trial["images"], trial["answers"], strict=True))
    for start in range(0, len(answers), _COLUMNS):
        for column, (image_id, answer) in zip(
            st.columns(_COLUMNS), answers[start : start + _COLUMNS], strict=False
        ):
            with column:
                _picture(image_id, answer)


def _picture(image_id: int, answer: dict[str, Any]) -> None:
    """A thumbnail with the boxes over it; nothing in the markup comes from a person."""
    boxes = "".join(
        f'<rect x="{100 * x0:.2f}%" y="{100 * y0:.2f}%" width="{100 * (x1 - x0):.2f}%" '
        f'height="{100 * (y1 - y0):.2f}%" fill="none" stroke="#ff4b4b" stroke-width="2"/>'
        for x0, y0, x1, y1 in (found["box"] for found in answer["detections"])
    )
    st.html(
        '<div style="position: relative; display: inline-block; max-width: 100%">'
        f'<img src="{base_path()}/api/images/{int(image_id)}/thumbnail" alt="" '
        'style="display: block; max-width: 100%; max-height: 150px; border-radius: 4px">'
        '<svg style="position: absolute; inset: 0; width: 100%; height: 100%">'
        f"{boxes}</svg></div>"
    )
    if answer["label"] is None:
        st.caption(t("own_models.nothing"))
    else:
        st.caption(f"{plain(answer['label'])} · {answer['confidence']:.0%}")


def _save(project_id: int, model: UserModel, wanted: OwnSettings) -> None:
    if wanted.to_json() != model.settings:
        st.caption(t("own_models.changed"))
        return
    with st.form(f"save_model_{model.id}", border=False):
        name = st.text_input(
            t("own_models.name"), model.name, max_chars=100, key=f"own_name_{model.id}"
        )
        if st.form_submit_button(t("own_models.save"), type="primary"):
            try:
                saved = finish(viewer(), project_id, model.id or 0, name)
            except UserError as error:
                st.error(plain(error))
                return
            st.session_state.saved_model = saved.name
            st.rerun()
