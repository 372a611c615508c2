"""Conditions that compare text whatever its case and its Unicode composition."""

import re
import unicodedata

import sqlalchemy as sa

from core.search.sql import Value, matches_pattern


def is_wild(text: str) -> bool:
    """Whether text holds a wildcard."""
    return "*" in text or "?" in text


def equals(column: Value, text: str) -> sa.ColumnElement[bool]:
    """`column` is `text`. NULL where the column is."""
    return _any_composition(column, text, wild=False)


def contains(column: Value, text: str) -> sa.ColumnElement[bool]:
    """`text` stands somewhere in `column`. NULL where the column is."""
    return _any_composition(column, text, wild=False, before="*", after="*")


def fits(column: Value, text: str) -> sa.ColumnElement[bool]:
    """`column` is `text`, in which `*` stands for any text and `?` for any character."""
    return _any_composition(column, text, wild=True)


def behind_folder(column: Value, text: str) -> sa.ColumnElement[bool]:
    """`text` is what stands in `column` behind a `/`. NULL where the column is."""
    return _any_composition(column, text, wild=False, before="*/")


def whole(text: str) -> re.Pattern[str]:
    """`equals` for Python: fits what is `text`."""
    return _pattern(text)


def inside(text: str) -> re.Pattern[str]:
    """`contains` for Python: fits what has `text` in it."""
    return _pattern(text, around=".*")


def _pattern(text: str, around: str = "") -> re.Pattern[str]:
    forms = sorted({unicodedata.normalize(form, text) for form in ("NFC", "NFD")})
    written = ("".join(f"[{re.escape(''.join(_cases(char)))}]" for char in form) for form in forms)
    return re.compile("|".join(f"{around}{each}{around}" for each in written), re.DOTALL)


def _any_composition(
    column: Value, text: str, *, wild: bool, before: str = "", after: str = ""
) -> sa.ColumnElement[bool]:
    # Names stand in the database as uploaded: composed mostly, decomposed from macOS.
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")}
    return sa.or_(
        *(
            matches_pattern(
                column,
                sa.literal(before + "".join(_glob(char, wild) for char in form) + after),
                sa.literal(
                    before.replace("*", "%")
                    + "".join(_like(char, wild) for char in form)
                    + after.replace("*", "%")
                ),
            )
            for form in sorted(forms)
        )
    )


def _glob(char: str, wild: bool) -> str:
    if char in "*?":
        return char if wild else f"[{char}]"
    if char == "[":
        return "[[]"
    single = _cases(char)
    return f"[{''.join(single)}]" if len(single) > 1 else char


def _cases(char: str) -> list[str]:
    """A character as it is written in either case."""
    cases = sorted({char, char.lower(), char.upper(), char.casefold()})
    return [case for case in cases if len(case) == 1]


def _like(char: str, wild: bool) -> str:
    if wild and char in "*?":
        return "%" if char == "*" else "_"
    return f"\\{char}" if char in "\\%_" else char
