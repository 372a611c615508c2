"""Saving what an editor saw and changed; where someone else was quicker, the editor chooses."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import streamlit as st

from components.context import plain
from components.live import done_here
from components.workspace import workspace
from core.errors import Outdated, UserError
from core.i18n import t

Value = TypeVar("Value")


@dataclass(frozen=True)
class Edit(Generic[Value]):
    """A change of one thing that is said of an image."""

    project_id: int
    image_id: int
    #: Which thing: `detail.thing.<thing>` names it.
    thing: str
    #: As the editor saw it.
    seen: Value
    #: As the editor wants it.
    wanted: Value
    #: Writes it and gives the event; gets what the editor saw and raises Outdated when it is
    #: something else by now.
    write: Callable[[Value], object]
    #: Reads it as it is now.
    read: Callable[[], Value]
    #: A value in one line for people.
    show: Callable[[Value], str]
    #: Whether other parts of the page show it, which must then be drawn anew.
    shown_elsewhere: bool = True
    #: What people call the thing, where no text does.
    name: str = ""


def save(edit: Edit[Value]) -> bool:
    """Write a change; what went wrong is kept for `show_problem`.

    Returns False where the change was refused and its editor must keep it.
    """
    key = _key(edit.image_id, edit.thing)
    asked = st.session_state.get(key)
    if isinstance(asked, Edit) and asked is not edit and _same(asked, edit):
        # The browser tells of it once more before it has heard that there is something to choose.
        return True
    st.session_state.pop(key, None)
    try:
        event = edit.write(edit.seen)
    except Outdated:
        st.session_state[key] = replace(edit, seen=edit.read())
    except UserError as error:
        st.session_state[key] = error
        return False
    else:
        done_here(edit.project_id, event)
    work = workspace(edit.project_id)
    if edit.shown_elsewhere:
        work.changed()
    else:
        work.edited()
    return True


def _same(one: Edit[Value], other: Edit[Value]) -> bool:
    return (one.seen, one.wanted) == (other.seen, other.wanted)


def follow(image_id: int, thing: str, key: str, value: object) -> None:
    """Make the widget with this key show `value`, unless it holds what could not be saved."""
    # Only where they differ: setting it at every run would overwrite what is being typed.
    refused = isinstance(unsaved(image_id, thing), UserError)
    if not refused and (key not in st.session_state or st.session_state[key] != value):
        st.session_state[key] = value


def unsaved(image_id: int, thing: str) -> object:
    """Why the last change of this was not saved; None: it was."""
    return st.session_state.get(_key(image_id, thing))


def show_problem(image_id: int, thing: str) -> None:
    """Say why the last change of this was not saved; two values are offered side by side."""
    problem = unsaved(image_id, thing)
    if isinstance(problem, UserError):
        st.error(plain(problem))
    elif isinstance(problem, Edit):
        _choose(problem)


def _choose(edit: Edit[Value]) -> None:
    key = _key(edit.image_id, edit.thing)

    def keep_theirs() -> None:
        st.session_state.pop(key, None)

    def keep_mine() -> None:
        save(edit)

    with st.container(border=True, key=f"conflict_{edit.thing}"):
        thing = plain(edit.name) if edit.name else t(f"detail.thing.{edit.thing}")
        st.markdown(t("detail.conflict", thing=thing))
        for whose, value, act in (
            ("theirs", edit.seen, keep_theirs),
            ("mine", edit.wanted, keep_mine),
        ):
            st.button(
                t(f"detail.keep_{whose}", value=plain(edit.show(value))),
                key=f"{key}:{whose}",
                width="stretch",
                on_click=act,
            )


def _key(image_id: int, thing: str) -> str:
    return f"unsaved:{thing}:{image_id}"
