"""What was done in a project: by whom, when, and the way back."""

from datetime import datetime, timedelta

import streamlit as st

import core.annotations
import core.bin
import core.curation
import core.models.finished
import core.search.saved  # noqa: F401 - all register how changes are undone
from components.context import open_project, plain, require_project, viewer
from components.moments import show_moment, start_of
from components.workspace import workspace
from core.database import reading
from core.errors import UserError
from core.history import EventView, undo
from core.history.browse import find_events, recorded_kinds, recorded_people
from core.i18n import t
from core.projects.tables import Project

_PAGE = 50  # events shown at first, and more at a time
_ICONS = {
    "project": ":material/folder:",
    "batch": ":material/upload:",
    "analysis": ":material/model_training:",
    "model": ":material/neurology:",
    "map": ":material/scatter_plot:",
    "export": ":material/download:",
    "tag": ":material/sell:",
    "label": ":material/fact_check:",
    "box": ":material/select:",
    "note": ":material/notes:",
    "attributes": ":material/edit_note:",
    "images": ":material/delete:",
    "selection": ":material/bookmark:",
    "query": ":material/search:",
}


def _subject(kind: str) -> str:
    """What a kind of event is about: `tag.added` is about `tag`, `boxes.set` about `box`."""
    subject = kind.partition(".")[0]
    return {"boxes": "box", "bin": "images", "field": "attributes"}.get(subject, subject)


def _start_over() -> None:
    """Filters have changed: begin with the newest events again."""
    st.session_state.history_shown = _PAGE


def _clear_filters() -> None:
    st.session_state.update(
        history_text="", history_subjects=[], history_people=[], history_image=""
    )
    # A new widget: dates cannot be emptied from here.
    st.session_state.history_round = st.session_state.get("history_round", 0) + 1
    _start_over()


def _show_filters(kinds: list[str], people: list[str]) -> None:
    text, what, who = st.columns([3, 3, 2])
    text.text_input(
        t("history_page.search"),
        key="history_text",
        placeholder=t("history_page.search_hint"),
        icon=":material/search:",
        on_change=_start_over,
    )
    what.multiselect(
        t("history_page.subjects"),
        [subject for subject in _ICONS if subject in map(_subject, kinds)],
        format_func=lambda subject: t(f"history_page.subject.{subject}"),
        key="history_subjects",
        placeholder=t("history_page.subjects_hint"),
        on_change=_start_over,
    )
    if len(people) > 1:
        who.multiselect(
            t("history_page.people"),
            people,
            key="history_people",
            placeholder=t("history_page.people_hint"),
            on_change=_start_over,
        )
    image, when = st.columns([3, 3])
    image.text_input(
        t("history_page.image"),
        key="history_image",
        placeholder=t("history_page.image_hint"),
        icon=":material/image:",
        on_change=_start_over,
    )
    when.date_input(
        t("history_page.when"),
        (),
        key=_when_key(),
        format="YYYY-MM-DD",
        help=t("history_page.when_help"),
        on_change=_start_over,
    )


def _when_key() -> str:
    return f"history_when:{st.session_state.get('history_round', 0)}"


def _moments() -> tuple[datetime | None, datetime | None]:
    """The first moment that counts and the first that does not any more, by the visitor's days."""
    days = st.session_state.get(_when_key()) or ()
    if not days:
        return None, None
    return start_of(days[0]), start_of(days[-1] + timedelta(days=1))


@st.fragment
def _show_events(project: Project) -> None:
    with reading() as session:
        kinds = recorded_kinds(session, viewer(), project)
        people = recorded_people(session, viewer(), project)
    _show_filters(kinds, people)
    state = st.session_state
    subjects = state.get("history_subjects", [])
    shown = state.setdefault("history_shown", _PAGE)
    since, until = _moments()
    with reading() as session:
        found = find_events(
            session,
            viewer(),
            project,
            kinds=[kind for kind in kinds if _subject(kind) in subjects],
            people=state.get("history_people", []),
            text=state.get("history_text", ""),
            image=state.get("history_image", ""),
            since=since,
            until=until,
            limit=shown + 1,
        )
    if "history_problem" in state:
        st.error(plain(state.pop("history_problem")))
    for event in found[:shown]:
        _show_event(project, event)
    if len(found) > shown:
        more = {"history_shown": shown + _PAGE}
        label = t("history_page.older")
        st.button(label, key="history_older", on_click=state.update, args=(more,))
    elif not found:
        st.info(t("history_page.none"))
        st.button(t("history_page.clear"), key="history_clear", on_click=_clear_filters)
    elif all(_subject(kind) == "project" for kind in kinds):
        _invite(project)
    else:
        st.caption(t("history_page.all"))


def _invite(project: Project) -> None:
    """Nothing was done yet: say what comes here, and lead to the first step."""
    assert project.id is not None
    st.info(t("history_page.empty"))
    if st.button(t("history_page.add_images"), key="history_add_images", type="primary"):
        open_project(project.id, "upload.py")


def _show_event(project: Project, event: EventView) -> None:
    said, who, when, action = st.columns([7, 2, 2, 2], vertical_alignment="center")
    icon = _ICONS.get(_subject(event.kind), ":material/history:")
    sentence = plain(event.sentence)
    said.markdown(f"{icon} ~~{sentence}~~" if event.undone else f"{icon} {sentence}")
    who.caption(plain(event.user))
    with when:
        show_moment(event.at)
    if event.undone:
        action.caption(t("history_page.undone"))
    elif event.undoable:
        action.button(
            t("history_page.undo"),
            key=f"undo_{event.id}",
            icon=":material/undo:",
            type="tertiary",
            on_click=_undo,
            args=(project.id, event.id),
        )


def _undo(project_id: int, event_id: int) -> None:
    try:
        undo(viewer(), event_id)
    except UserError as error:
        st.session_state.history_problem = error
    workspace(project_id).changed()


def _show() -> None:
    project = require_project()
    assert project.id is not None
    st.title(t("history_page.title"), anchor=False)
    _show_events(project)


_show()
