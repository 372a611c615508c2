"""Names that stand once in a report."""

from collections.abc import Iterable


class UniqueNames:
    """Gives every name once: `a.jpg`, then `a.jpg (2)`, `a.jpg (3)`."""

    def __init__(self, used: Iterable[str] = ()) -> None:
        self._used = set(used)
        self._next: dict[str, int] = {}

    def __contains__(self, name: object) -> bool:
        return name in self._used

    def take(self, name: str) -> str:
        """`name`, or with a number behind it where it was taken before."""
        free = name
        if name in self._used:
            number = self._next.get(name, 2)
            while (free := f"{name} ({number})") in self._used:
                number += 1
            # A million files of one name are to be no slower than a million others.
            self._next[name] = number + 1
        self._used.add(free)
        return free
