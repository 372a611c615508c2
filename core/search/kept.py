"""Things made once and kept as long as there is room and what they were made from stays."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from core.changes import EVERYTHING


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

    def put(self, key: Hashable, made: _Sized, sources: Iterable[str]) -> None:
        """Keep what was made elsewhere."""
        self._entries[key] = _Entry(made, frozenset(sources))
        self._make_room()

    def has(self, key: Hashable) -> bool:
        """Whether something is kept."""
        return key in self._entries

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What is read within is not what the thing that is being made is made from."""
        self._making.append(set())
        try:
            yield
        finally:
            self._making.pop()

    def uses(self, sources: Iterable[str]) -> None:
        """What is being made at the moment is made from these."""
        if self._making:
            self._making[-1].update(sources)

    def forget(self, changed: set[str]) -> None:
        """Keep no longer what was made from any of these."""
        changed = changed | {EVERYTHING}
        for key in [key for key, each in self._entries.items() if each.sources & changed]:
            del self._entries[key]

    def _make_room(self) -> None:
        while sum(each.made.nbytes for each in self._entries.values()) > self.room:
            if len(self._entries) == 1:
                return
            self._entries.popitem(last=False)
