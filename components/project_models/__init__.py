"""The models that look at a project's images: a second one, the main one, where they differ."""

import streamlit as st

from components.confusion import show_confusion, show_images
from components.context import plain, viewer
from components.workspace import workspace
from core.analysis.device import last_device
from core.analysis.formats import format_check, good_enough
from core.analysis.missing import add_analysis_job, count_unseen
from core.analysis.tables import FormatCheck
from core.database import reading, writing
from core.errors import UserError
from core.evaluation.classification import accuracy, confusion
from core.evaluation.truth import project_models, two_models
from core.i18n import t
from core.imports.report import imported_vectors
from core.jobs import queue
from core.jobs.store import ACTIVE, project_jobs
from core.models.cards import all_cards, model_name
from core.projects.store import choose_model
from core.projects.tables import Project
from core.scores.run import begin_if_enough
from core.search import quoted
from core.settings import settings
from models.card import ModelCard
from models.formats import MIN_AGREEMENT, MIN_RECALL


def show_models(project: Project) -> None:
    """The models of the project, each with how far it is, and the way to one more."""
    assert project.id is not None
    with reading() as session:
        used = project_models(session, viewer(), project)
        cards = all_cards(session)
        names = {key: model_name(session, key) for key in used}
        unseen = {key: count_unseen(session, viewer(), project.id, key) for key in used}
        checks = {key: format_check(session, viewer(), project.id, key) for key in used}
        busy = project_jobs(session, viewer(), project.id, ACTIVE, ("analyse",))
    for key, analysed in used.items():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            main = f" :green-badge[{t('project_models.main')}]" if key == project.model_key else ""
            counted = t("project_models.analysed", n=f"{analysed:,}")
            chosen, why = _format(checks[key])
            facts = [f"**{plain(names[key])}**{main}", counted, *chosen]
            st.markdown(" · ".join(facts), width="stretch", help=why)
            if unseen[key] and key in cards:
                label = t("project_models.rest", n=f"{unseen[key]:,}")
                if st.button(label, key=f"analyse_{key}", disabled=bool(busy)):
                    _analyse(project.id, key)
            if key != project.model_key and key in cards:
                choose = t("project_models.make_main")
                if st.button(choose, key=f"main_{key}", help=t("project_models.main_help")):
                    _make_main(project.id, key)
    _add(project.id, {key: card for key, card in cards.items() if key not in used}, bool(busy))
    _show_device(project.id)


def _show_device(project_id: int) -> None:
    """On what the models run here, who chose that, and what overrules it."""
    with reading() as session:
        device = last_device(session, viewer(), project_id)
    said = [] if device is None else [t("project_models.device", device=plain(device))]
    chosen = (settings().device, settings().inference_precision)
    if chosen == ("auto", "auto"):
        said.append(t("project_models.device_auto"))
    else:
        said.append(t("project_models.device_set", device=chosen[0], precision=chosen[1]))
    st.caption(" ".join(said))


def _format(found: FormatCheck | None) -> tuple[list[str], str | None]:
    """In which number format a project's images are analysed, and why; nothing while none is known.

    A setting that names a format overrules what the images allow.
    """
    if found is None or settings().inference_precision != "auto":
        return [], None
    fast = good_enough(found)
    figures = {
        "format": found.format,
        "n": f"{found.images:,}",
        "neighbours": f"{found.recall:.1%}",
        "same": f"{found.agreement:.1%}",
    }
    if not fast:
        figures |= {"min_neighbours": f"{MIN_RECALL:.0%}", "min_same": f"{MIN_AGREEMENT:.0%}"}
    chosen = t("project_models.format", format=found.format if fast else "f32")
    return [chosen], t("project_models.fast" if fast else "project_models.exact", **figures)


def choose_used_model(project: Project, label: str, key: str, *, vectors: bool = False) -> str:
    """Ask for one of the models that have looked at a project's images; not where there is one.

    `vectors` offers the feature vectors that people brought, too.
    """
    with reading() as session:
        used = project_models(session, viewer(), project)
        names = {found: model_name(session, found) for found in used}
        if vectors:
            names |= imported_vectors(session, viewer(), project)
    if len(names) == 1:
        return next(iter(names))
    chosen: str = st.selectbox(label, list(names), format_func=names.__getitem__, key=key)
    return chosen


def _add(project_id: int, others: dict[str, ModelCard], busy: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            t("project_models.another"),
            list(others),
            index=None,
            format_func=lambda key: f"{others[key].name} · {t(f'models.task.{others[key].task}')}",
            key="another_model",
            placeholder=t("project_models.another_hint"),
        )
        if st.button(
            t("project_models.start"),
            key="start_another",
            icon=":material/model_training:",
            disabled=chosen is None or busy,
        ):
            _analyse(project_id, str(chosen))


def _analyse(project_id: int, key: str) -> None:
    with writing() as session:
        job = add_analysis_job(session, viewer(), project_id, key)
    queue.enqueue(job)
    st.rerun()


def _make_main(project_id: int, key: str) -> None:
    try:
        choose_model(viewer(), project_id, key)
        begin_if_enough(viewer(), project_id)
    except UserError as error:
        st.error(plain(error))
        return
    workspace(project_id).changed()
    st.rerun()


def compare_models(project: Project) -> None:
    """How far two models say the same, and the images on which they differ."""
    with reading() as session:
        used = project_models(session, viewer(), project)
        names = {key: model_name(session, key) for key in used}
    if len(used) < 2:
        st.info(t("project_models.needs_two"))
        return
    left, right = st.columns(2)
    keys = list(used)
    first = left.selectbox(
        t("project_models.first"), keys, format_func=names.__getitem__, key="compare_first"
    )
    others = [key for key in keys if key != first]
    second = right.selectbox(
        t("project_models.second"), others, format_func=names.__getitem__, key="compare_second"
    )
    with reading() as session:
        labels = two_models(session, viewer(), project, first, second)
    if len(labels.image_ids) == 0:
        st.info(t("project_models.no_common"))
        return
    agreement = accuracy(confusion(labels.rows, labels.columns, len(labels.names)))
    differ = labels.image_ids[labels.rows != labels.columns]
    differing = f"differs:({quoted(first)}, {quoted(second)})"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.metric(
            t("project_models.agreement"), f"{agreement:.1%}", help=t("project_models.same_class")
        )
        see = t("project_models.see_differ", n=f"{len(differ):,}")
        if st.button(see, key="see_differ", disabled=len(differ) == 0):
            show_images(project, differ, f"{names[first]} ≠ {names[second]}", differing)
    show_confusion(
        project, labels, names[first], names[second], "compare", lambda _one, _other: differing
    )
