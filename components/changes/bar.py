"""The visitor's last change in words, with the buttons that go back and forth."""

import streamlit as st

from components.changes.notices import last_notice
from components.changes.steps import next_step, step
from components.context import plain
from core.history import sentence
from core.i18n import t
from core.projects.tables import Project

_STEPS = {"undo": "Ctrl+Z", "redo": "Ctrl+Shift+Z"}


def undo_bar(project: Project, *, key: str) -> None:
    """Draw both buttons; nothing where there is nothing to go to.

    Args:
        key: prefix of the widgets' keys.
    """
    events = {name: next_step(project, name) for name in ("undo", "redo")}
    notice = last_notice(project.id or 0)
    refused = notice is not None and notice.refused
    if not refused and not any(events.values()):
        return
    with st.container(key=f"{key}_bar", gap="xsmall"):
        undoable = events["undo"]
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            for name, event in events.items():
                said = "" if event is None else f"{plain(sentence(event))}  \n"
                st.button(
                    t(f"tagging.{name}"),
                    icon=f":material/{name}:",
                    type="tertiary",
                    key=f"{key}:{name}",
                    disabled=event is None,
                    help=said + t("changes.key", key=_STEPS[name]),
                    on_click=step,
                    args=(project, name),
                )
            if undoable is not None:
                said = t("tagging.last_change", sentence=plain(sentence(undoable)))
                st.caption(said, width="content")
        if notice is not None and refused:
            st.error(plain(notice.text))
