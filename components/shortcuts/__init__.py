"""Keys of a whole page, the overlay that lists them, and the message that says what was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal, cast, get_args

import streamlit as st

from components.assets import module_source
from core.i18n import texts

Kind = Literal["favourite", "suggestion", "undo", "redo", "take_back"]
_NUMBERED = ("favourite", "suggestion", "take_back")
_MOST = 100  # presses of one message


@dataclass(frozen=True)
class Press:
    """A key that was pressed, or the message's button.

    Attributes:
        number: the digit, or the event that the message was about.
        target: what was chosen in the browser when the key was pressed, unread; None: whatever
            Python knows to be chosen.
    """

    kind: Kind
    number: int = 0
    target: object = None


@dataclass(frozen=True)
class Key:
    """One or several keys that do the same, as they are written on the keyboard."""

    keys: Sequence[str]
    text: str


@dataclass(frozen=True)
class KeyGroup:
    """Keys that belong together, as the overlay lists them."""

    title: str
    keys: Sequence[Key]


@dataclass(frozen=True)
class Notice:
    """What a change did; shown once for a few seconds.

    Attributes:
        id: another one for each message.
        action: what its button does with `event`; None: it has no button.
    """

    id: str
    text: str
    refused: bool = False
    action: Literal["undo", "redo"] | None = None
    event: int | None = None


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component("datag_shortcuts", js=module_source("shortcuts"))


def shortcuts(
    groups: Sequence[KeyGroup],
    *,
    key: str,
    pressed: Callable[[Press], None],
    edited: bool,
    notice: Notice | None,
) -> None:
    """Listen to a page's keys. Each press is heard once, in order, before the page runs.

    Args:
        groups: what the overlay lists.
        edited: whether the last thing the visitor did was a change of data: then a view with an
            undo of its own, such as the map with its selections, leaves Ctrl+Z to the page.
    """
    heard_key = f"_shortcuts_heard:{key}"

    def heard() -> None:
        after = st.session_state.get(heard_key, 0)
        for stamp, press in read_presses(st.session_state[key].get("event"), after):
            # Before it acts: what fails once is not to be tried again and again.
            st.session_state[heard_key] = stamp
            pressed(press)

    _component()(
        key=key,
        data={
            "view": key,
            "heard": st.session_state.get(heard_key, 0),
            "edited": edited,
            "groups": [asdict(group) for group in groups],
            "notice": None if notice is None else asdict(notice),
            "texts": texts("shortcuts.component"),
        },
        on_event_change=heard,
    )


def read_presses(payload: object, after: int) -> list[tuple[int, Press]]:
    """What the browser sent, each press with its stamp; those up to `after` were heard before.

    Nothing about it is trusted: what is malformed is left out.
    """
    presses = payload.get("presses") if isinstance(payload, Mapping) else None
    if not isinstance(presses, Sequence) or isinstance(presses, str):
        return []
    read = filter(None, map(_read, presses[:_MOST]))
    return sorted((each for each in read if each[0] > after), key=lambda each: each[0])


def _read(payload: object) -> tuple[int, Press] | None:
    if not isinstance(payload, Mapping) or payload.get("kind") not in get_args(Kind):
        return None
    stamp, kind, number = (payload.get(name) for name in ("stamp", "kind", "number"))
    if not is_number(stamp) or (kind in _NUMBERED and not is_number(number)):
        return None
    wanted = cast(int, number) if kind in _NUMBERED else 0
    return cast(int, stamp), Press(cast(Kind, kind), wanted, payload.get("target"))


def is_number(value: object) -> bool:
    """Whether what a browser sent is a number that counts or names something."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
