"""What others change in a project shows by itself, without the page running for nothing."""

from functools import cache
from typing import Any

import streamlit as st

from components.assets import base_path, module_source
from components.context import viewer
from components.workspace import workspace
from core.database import reading
from core.history import latest_events
from core.history.tables import Event
from core.i18n import t
from core.projects.tables import Project

_EVERY_MS = 3000


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component("datag_live", js=module_source("live"))


def look(project: Project) -> None:
    """Remember how far the history is before the page reads what it shows.

    A page calls this in front of all that it reads, and `live` behind it: a change in between is
    then heard, never lost.
    """
    project_id = project.id or 0
    version = workspace(project_id).data_version
    kept = st.session_state.get(_key(project_id))
    if kept is None or kept[0] != version:
        with reading() as session:
            seen = latest_events(session, viewer(), project_id)
        st.session_state[_key(project_id)] = (version, set(seen))


def done_here(project_id: int, event: object) -> None:
    """A change of the visitor's own that the page shows already needs no new run."""
    kept = st.session_state.get(_key(project_id))
    if kept is not None and isinstance(event, Event):
        kept[1].add(event.id)


def live(project: Project) -> None:
    """Let the browser ask now and then whether something was changed; then the page runs anew.

    It waits while the visitor types, drags or has a menu or a dialog open.
    """
    project_id = project.id or 0
    kept = st.session_state.get(_key(project_id))
    seen: set[int] = set() if kept is None else kept[1]
    _component()(
        key=f"live:{project_id}",
        data={
            "view": f"live:{project_id}",
            "url": f"{base_path()}/api/projects/{project_id}/latest",
            "seen": sorted(seen),
            "every_ms": _EVERY_MS,
            "text": t("images.changed_elsewhere"),
        },
        on_changed_change=workspace(project_id).refreshed,
    )


def _key(project_id: int) -> str:
    return f"history_seen:{project_id}"
