"""Where a visit begins: the demo, a new project, and the projects there are."""

import streamlit as st

from components.assets import base_path
from components.context import open_project, plain, viewer
from components.moments import ago
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.ingest.demo import NOTICE, load_demo
from core.media.covers import cover_image_ids
from core.models.cards import all_cards, model_name
from core.projects.store import (
    ProjectSummary,
    create_project,
    delete_project,
    list_projects,
    restore_project,
)
from core.projects.tables import Project, Visibility
from core.search.saved import watched_news
from core.settings import settings
from models.card import ModelCard
from models.catalogue import DEFAULT_MODEL
from models.weights import weights_path

_COLUMNS = 3
_COVER_HEIGHT = 88  # CSS px
_MOST_NEWS = 4  # watched queries with something new, on a project's card


def _show_choices(has_demo: bool) -> None:
    """The two ways to begin, large, for a workbench without projects."""
    demo, new = st.columns(2, gap="medium")
    with demo.container(border=True, height="stretch"):
        st.subheader(f":material/texture: {t('home.demo.title')}", anchor=False)
        st.markdown(t("home.demo.text"))
        st.space("stretch")
        _demo_button(has_demo, primary=True)
    with new.container(border=True, height="stretch"):
        st.subheader(f":material/create_new_folder: {t('home.new.title')}", anchor=False)
        st.markdown(t("home.new.text"))
        st.space("stretch")
        _new_button(primary=True)


def _demo_button(has_demo: bool, primary: bool = False) -> None:
    if has_demo:
        return
    if st.button(
        t("home.demo.button"), key="load_demo", type="primary" if primary else "secondary"
    ):
        try:
            project, _job = load_demo(viewer())
        except UserError as error:
            st.error(plain(error))
        else:
            assert project.id is not None
            open_project(project.id, "upload.py")


def _new_button(primary: bool = False) -> None:
    label = t("home.new.button")
    if st.button(label, key="new_project", type="primary" if primary else "secondary"):
        st.session_state.creating_project = True
        st.rerun()


def _show_form() -> None:
    st.header(t("home.form.title"), anchor=False)
    with st.form("project_form", enter_to_submit=False):
        about, choice = st.columns([1, 2], gap="large")
        with about:
            name, description, visibility = _ask_about()
        with choice:
            model_key = _ask_model()
        problem = st.empty()
        with st.container(horizontal=True):
            create = st.form_submit_button(t("home.form.create"), type="primary")
            cancel = st.form_submit_button(t("home.form.cancel"), type="tertiary")
    if create:
        try:
            project = create_project(viewer(), name, model_key, description, visibility)
        except UserError as error:
            problem.error(plain(error))
            return
        assert project.id is not None
        st.session_state.creating_project = False
        open_project(project.id, "upload.py")
    if cancel:
        st.session_state.creating_project = False
        st.rerun()


def _ask_about() -> tuple[str, str, Visibility]:
    name = st.text_input(
        t("home.form.name"),
        key="project_name",
        placeholder=t("home.form.name_hint"),
        max_chars=100,
    )
    description = st.text_area(
        t("home.form.description"),
        key="project_description",
        placeholder=t("home.form.description_hint"),
    )
    visibility = st.radio(
        t("home.form.visibility"),
        list(Visibility),
        format_func=lambda value: t(f"projects.visibility.{value}"),
        captions=[t(f"home.visibility.{value}") for value in Visibility],
        key="project_visibility",
        help=t("home.visibility.note"),
    )
    return name, description, visibility


def _ask_model() -> str:
    with reading() as session:
        cards = all_cards(session)
    return st.radio(
        t("home.form.model"),
        list(cards),
        index=list(cards).index(DEFAULT_MODEL),
        format_func=lambda key: f"{plain(cards[key].name)} {_readiness(cards[key])}",
        captions=[_model_caption(card) for card in cards.values()],
        key="project_model",
        help=t("home.form.model_help"),
    )


def _readiness(card: ModelCard) -> str:
    """Whether the weights are on this machine already, and how much has to be fetched if not."""
    megabytes = f"{card.source.bytes / 1e6:.0f}"
    if weights_path(card, settings().resolved_weights_dir):
        return f":green-badge[:material/check: {t('home.model.ready', megabytes=megabytes)}]"
    return f":gray-badge[:material/download: {t('home.model.fetched', megabytes=megabytes)}]"


def _model_caption(card: ModelCard) -> str:
    """What tells one model from another."""
    height, width = card.input_size
    key = "home.model.facts" if card.licence else "home.model.own_facts"
    facts = t(
        key,
        task=t(f"models.task.{card.task}"),
        classes=f"{card.class_count:,}",
        width=width,
        height=height,
        licence=card.licence,
    )
    return f"{facts}  \n{t(card.description)}"


def _show_projects(projects: list[ProjectSummary]) -> None:
    for start in range(0, len(projects), _COLUMNS):
        for column, summary in zip(
            st.columns(_COLUMNS), projects[start : start + _COLUMNS], strict=False
        ):
            with column.container(border=True, height="stretch"):
                _show_card(summary)


def _show_card(summary: ProjectSummary) -> None:
    project = summary.project
    assert project.id is not None
    _show_cover(project.id)
    st.markdown(f"**{plain(project.name)}**")
    st.caption(_facts(summary))
    if project.description:
        st.markdown(plain(project.description))
    _show_news(project)
    st.space("stretch")
    with st.container(horizontal=True, vertical_alignment="center"):
        page = "images.py" if summary.image_count else "upload.py"
        if st.button(t("home.projects.open"), key=f"open_{project.id}", width="stretch"):
            open_project(project.id, page)
        chosen = st.menu_button(
            t("home.projects.more"),
            ["delete"],
            key=f"more_{project.id}",
            format_func=lambda _option: t("home.projects.delete"),
            type="tertiary",
        )
    if chosen == "delete":
        _delete(project.id, project.name)


def _show_news(project: Project) -> None:
    """What the queries that the visitor watches newly find, each a way to it."""
    with reading() as session:
        told = watched_news(session, viewer(), project)
    for saved, found in told[:_MOST_NEWS]:
        text = t(
            "home.projects.news",
            name=plain(saved.name),
            n=f"{found.new:,}",
            since="" if found.since is None else ago(found.since),
        )
        if st.button(
            text, icon=":material/notifications_active:", type="tertiary", key=f"news_{saved.id}"
        ):
            open_project(project.id or 0, "images.py", saved=str(saved.id))
    if len(told) > _MOST_NEWS:
        st.caption(t("home.projects.more_news", n=len(told) - _MOST_NEWS))


def _show_cover(project_id: int) -> None:
    """A strip of the project's pictures; its addresses hold nothing but our own numbers."""
    with reading() as session:
        image_ids = cover_image_ids(session, viewer(), project_id)
    style = f"width: 100%; height: {_COVER_HEIGHT}px; object-fit: cover; border-radius: 4px"
    pictures = "".join(
        f'<img src="{base_path()}/api/images/{image_id}/thumbnail" alt="" style="{style}">'
        for image_id in image_ids
    )
    st.html(
        f'<div style="display: grid; grid-template-columns: repeat(4, 1fr); gap: 4px; '
        f"height: {_COVER_HEIGHT}px; border-radius: 4px; "
        f'background: rgba(128, 128, 128, 0.12)">{pictures}</div>'
    )


def _facts(summary: ProjectSummary) -> str:
    count, project = summary.image_count, summary.project
    with reading() as session:
        model = model_name(session, project.model_key)
    if count == 0:
        images = t("home.projects.empty")
    else:
        key = "home.projects.one" if count == 1 else "home.projects.count"
        images = t(key, n=f"{count:,}")
    return t(
        "home.projects.facts",
        count=images,
        model=plain(model),
        visibility=t(f"projects.visibility.{project.visibility}"),
        when=ago(project.created_at),
    )


def _delete(project_id: int, name: str) -> None:
    try:
        delete_project(viewer(), project_id)
    except UserError as error:
        st.error(plain(error))
        return
    st.session_state.deleted_project = (project_id, name)
    st.rerun()


def _show_deleted() -> None:
    """What was deleted last, and the way back."""
    if "deleted_project" not in st.session_state:
        return
    project_id, name = st.session_state.deleted_project
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(t("home.projects.deleted", name=plain(name)), width="stretch")
        undo = st.button(t("home.projects.undo"), key="undo_delete", icon=":material/undo:")
        close = st.button(t("home.projects.dismiss"), key="close_deleted", type="tertiary")
    if undo:
        restore_project(viewer(), project_id)
    if undo or close:
        del st.session_state.deleted_project
        st.rerun()


def _show() -> None:
    if st.session_state.get("creating_project"):
        _show_form()
        return
    st.title("DATAG", anchor=False)
    st.markdown(t("home.tagline"))
    with reading() as session:
        projects = list_projects(session, viewer())
    has_demo = any(summary.project.notice == NOTICE for summary in projects)
    _show_deleted()
    if not projects:
        _show_choices(has_demo)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("home.projects.title"), anchor=False, width="stretch")
        _demo_button(has_demo)
        _new_button(primary=True)
    _show_projects(projects)


_show()
