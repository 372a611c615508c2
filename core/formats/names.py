"""Names for files in an archive that every system can unpack."""

import re
import unicodedata
from pathlib import PurePosixPath

# Not allowed in names on Windows.
_FORBIDDEN = set('<>:"/\\|?*')
# Control and invisible characters, lone surrogates, line separators.
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.I)
_LONGEST_SUFFIX = 16  # bytes; what is longer is no file type


def safe_name(text: str, limit: int) -> str:
    """`text` as a name for one file or folder, at most `limit` bytes of UTF-8, never empty.

    Composed Unicode (NFC), so that Korean names look the same everywhere. Characters that Windows
    forbids, and those that cannot be seen, become `_`; so does the front of names that Windows
    reserves (`CON`, `nul.txt`) and of those without anything left (`..`).
    """
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(
        "_" if char in _FORBIDDEN or unicodedata.category(char) in _INVISIBLE else char
        for char in composed
    )
    name = visible.strip(" ").rstrip(". ")
    if not name or _RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name, limit)


def _shortened(name: str, limit: int, mark: str = "") -> str:
    """`name` with `mark` before its suffix, its stem cut so that all fits in `limit` bytes."""
    suffix = PurePosixPath(name).suffix
    if len(suffix.encode()) > _LONGEST_SUFFIX:
        suffix = ""
    stem = name.removesuffix(suffix).encode()
    room = limit - len((mark + suffix).encode())
    if len(stem) > room:
        # Cutting may end within a character, whose rest is dropped.
        stem = stem[:room].decode(errors="ignore").rstrip(". ").encode()
    return stem.decode() + mark + suffix


class Names:
    """The names in one folder: each safe, no two alike where case does not count."""

    def __init__(self, limit: int, taken: tuple[str, ...] = ()) -> None:
        self._limit = limit
        self._taken = {name.casefold() for name in taken}
        self._next: dict[str, int] = {}

    def add(self, wanted: str) -> str:
        """A name like `wanted`; the second of the same name gets ` (2)` before its suffix."""
        first = safe_name(wanted, self._limit)
        name, key = first, first.casefold()
        while name.casefold() in self._taken:
            number = self._next.get(key, 2)
            self._next[key] = number + 1
            name = _shortened(first, self._limit, f" ({number})")
        self._taken.add(name.casefold())
        return name
