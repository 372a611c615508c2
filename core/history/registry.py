"""How each kind of event is taken back. The subject that records a kind registers its inverse."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from sqlmodel import Session

from core.accounts.access import Viewer
from core.history.tables import Event


@dataclass(frozen=True)
class Change:
    """A change that was made to take an event back; it becomes an event itself."""

    kind: str
    details: dict[str, Any]
    image_ids: Iterable[int] | np.ndarray | None
    #: The event's `undo_data`.
    undo_data: bytes | None = None
    #: Images that were changed otherwise since, and are left as they are now.
    left: int = 0


#: Makes the opposite change where nothing else was changed since; raises UserError when later
#: changes stand in its way everywhere.
Inverse = Callable[[Session, Viewer, Event], Change]

_inverses: dict[str, Inverse] = {}


def inverse_of(kind: str) -> Callable[[Inverse], Inverse]:
    """A decorator: the function takes back events of this kind."""

    def register(function: Inverse) -> Inverse:
        _inverses[kind] = function
        return function

    return register


def inverses() -> Mapping[str, Inverse]:
    """The kinds that can be taken back, each with its function."""
    return MappingProxyType(_inverses)
