"""Things made once and kept as long as there is room and what they were made from stays."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar


class _Sized(Protocol):
    @property
    def nbytes(self) -> int: ...


Made = TypeVar("Made", bound=_Sized)


@dataclass
class _Entry:
    made: Any
    #: What it was made from.
    sources: frozenset[str]


class Kept:
    """What was made, the least used first; what is made from others has their sources too."""

    def __init__(self) -> None:
        #: Bytes that may be kept.
        self.room = 0
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        #: Sources of what is being made at the moment, the innermost last.
        self._making: list[set[str]] = []

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives, made once and then kept; the least used goes when there is no room."""
        entry = self._entries.get(key)
        if entry is None:
            self._making.append(set())
            try:
                made = make()
            finally:
                sources = frozenset(self._making.pop())
            entry = self._entries[key] = _Entry(made, sources)
            self._make_room()
        else:
            self._entries.move_to_end(key)
        self.uses(entry.sources)
        found: Made = entry.made
        return found

    def uses(self, sources: Iterable[str]) -> None:
        """What is being made at the moment is made from these."""
        if self._making:
            self._making[-1].update(sources)

    def forget(self, changed: set[str]) -> None:
        """Keep no longer what was made from any of these."""
        for key in [key for key, each in self._entries.items() if each.sources & changed]:
            del self._entries[key]

    def _make_room(self) -> None:
        while sum(each.made.nbytes for each in self._entries.values()) > self.room:
            if len(self._entries) == 1:
                return
            self._entries.popitem(last=False)
