"""Conditions that compare text whatever its case and its Unicode composition."""

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
    return _any_composition(column, text, wild=False, around="*")


def fits(column: Value, text: str) -> sa.ColumnElement[bool]:
    """`column` is `text`, in which `*` stands for any text and `?` for any character."""
    return _any_composition(column, text, wild=True)


def _any_composition(
    column: Value, text: str, *, wild: bool, around: str = ""
) -> sa.ColumnElement[bool]:
    # Names stand in the database as uploaded: composed mostly, decomposed from macOS.
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")}
    return sa.or_(
        *(
            matches_pattern(
                column,
                sa.literal(around + "".join(_glob(char, wild) for char in form) + around),
                sa.literal(
                    around.replace("*", "%")
                    + "".join(_like(char, wild) for char in form)
                    + around.replace("*", "%")
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
    cases = sorted({char, char.lower(), char.upper(), char.casefold()})
    single = [case for case in cases if len(case) == 1]
    return f"[{''.join(single)}]" if len(single) > 1 else char


def _like(char: str, wild: bool) -> str:
    if wild and char in "*?":
        return "%" if char == "*" else "_"
    return f"\\{char}" if char in "\\%_" else char
