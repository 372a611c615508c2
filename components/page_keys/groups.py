"""Which keys a page has, as its overlay lists them."""

from collections.abc import Mapping
from typing import Literal, get_args

from components.shortcuts import Key, KeyGroup
from core.i18n import t

View = Literal["gallery", "viewer", "boxes", "map"]

_ARROWS = ("←", "↑", "↓", "→")
#: Keys of each view, by the name of their text.
VIEWS: Mapping[View, Mapping[str, tuple[str, ...]]] = {
    "gallery": {
        "move": _ARROWS,
        "select": ("Space",),
        "extend": ("Shift + ←", "Shift + →"),
        "all": ("Ctrl + A",),
        "none": ("Esc",),
        "open": ("Enter",),
    },
    "viewer": {
        "neighbour": ("←", "→"),
        "zoom": ("+", "-"),
        "fit": ("0",),
        "actual": ("Z",),
        "pan": ("↑", "↓", "Shift + ←", "Shift + →"),
        "boxes": ("B",),
        "close": ("Esc",),
    },
    "boxes": {
        "edit": ("E",),
        "add": ("N",),
        "next": ("Tab", "Shift + Tab"),
        "move": _ARROWS,
        "far": ("Shift + ←", "…"),
        "size": ("Alt + ←", "…"),
        "name": ("Enter",),
        "remove": ("Delete",),
        "done": ("Esc",),
    },
    "map": {
        "navigate": ("R",),
        "lasso": ("L",),
        "rectangle": ("B",),
        "modes": ("Shift", "Alt"),
        "axes": ("1", "2", "3"),
        "fit": ("F",),
        "look": ("S",),
        "visible": ("V",),
        "names": ("N",),
        "guides": ("G",),
        "spin": ("O",),
        "turn": _ARROWS,
        "zoom": ("+", "-"),
        "open": ("Enter",),
        "none": ("Esc",),
    },
}
assert set(VIEWS) == set(get_args(View))


def key_groups(views: tuple[View, ...], favourites: Mapping[int, str]) -> list[KeyGroup]:
    """The keys that work wherever the focus is, then those of each view.

    Args:
        favourites: names of the favourite tags by their key.
    """
    tags = [Key((str(n),), name) for n, name in sorted(favourites.items())]
    if not tags:
        tags = [Key(("1", "…", "9"), t("shortcuts.tags.none"))]
    suggestion = Key(("Shift + 1", "…", "Shift + 5"), t("shortcuts.tags.suggestion"))
    changes = [
        Key(("Ctrl + Z",), t("shortcuts.changes.undo")),
        Key(("Ctrl + Shift + Z", "Ctrl + Y"), t("shortcuts.changes.redo")),
        Key(("?",), t("shortcuts.changes.help")),
    ]
    return [
        KeyGroup(t("shortcuts.tags.title"), [*tags, suggestion]),
        KeyGroup(t("shortcuts.changes.title"), changes),
        *map(_group, views),
    ]


def _group(view: View) -> KeyGroup:
    keys = [Key(keys, t(f"shortcuts.{view}.{name}")) for name, keys in VIEWS[view].items()]
    return KeyGroup(t(f"shortcuts.{view}.title"), keys)
