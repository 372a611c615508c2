"""Messages of what was just done, kept until the page's keys show them."""

import secrets
from typing import Literal

import streamlit as st

from components.shortcuts import Notice
from core.errors import UserError
from core.history import sentence
from core.history.tables import Event


def say(project_id: int, event: Event, text: str | None = None) -> None:
    """Tell the visitor what an event did, with a button that takes it back.

    Args:
        text: in other words than the history's.
    """
    action: Literal["undo", "redo"] = "redo" if event.details.get("step") == "undo" else "undo"
    shown = sentence(event) if text is None else text
    _keep(project_id, Notice(_number(), shown, action=action, event=event.id))


def say_refused(project_id: int, reason: UserError | str) -> None:
    """Tell the visitor why nothing was done."""
    _keep(project_id, Notice(_number(), str(reason), refused=True))


def last_notice(project_id: int) -> Notice | None:
    """The newest message; its number says whether it was shown."""
    notice: Notice | None = st.session_state.get(_key(project_id))
    return notice


def _number() -> str:
    return secrets.token_hex(8)


def _keep(project_id: int, notice: Notice) -> None:
    st.session_state[_key(project_id)] = notice


def _key(project_id: int) -> str:
    return f"notice:{project_id}"
