"""One change back or forth; what cannot be taken back is said, and passed over from then on."""

from typing import Literal

import streamlit as st

import core.annotations
import core.bin
import core.curation
import core.models.finished
import core.search.saved  # noqa: F401 - all register how their changes are undone
from components.changes.notices import say, say_refused
from components.context import viewer
from components.workspace import workspace
from core.database import reading
from core.errors import UserError
from core.history import last_redoable, last_undoable, undo
from core.history.tables import Event
from core.i18n import t
from core.projects.tables import Project

Step = Literal["undo", "redo"]


def next_step(project: Project, name: Step) -> Event | None:
    """The event that an Undo or Redo of the visitor takes back."""
    find = last_undoable if name == "undo" else last_redoable
    with reading() as session:
        return find(session, viewer(), project, _passed_over(project.id or 0))


def step(project: Project, name: Step) -> None:
    """Take back the visitor's last change, or do again what was taken back last."""
    event = next_step(project, name)
    if event is None:
        say_refused(project.id or 0, t(f"changes.nothing_to_{name}"))
    else:
        take_back(project.id or 0, event.id or 0)


def take_back(project_id: int, event_id: int) -> None:
    """Take back one event, an undo too; the visitor is told what that did."""
    try:
        done = undo(viewer(), event_id)
    except UserError as error:
        _passed_over(project_id).add(event_id)
        say_refused(project_id, t("changes.passed_over", reason=error))
    else:
        say(project_id, done)
    workspace(project_id).changed()


def _passed_over(project_id: int) -> set[int]:
    passed: set[int] = st.session_state.setdefault(f"passed_over:{project_id}", set())
    return passed
