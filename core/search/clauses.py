"""Checking what stands behind the terms of a query: its sample, its order and its limit."""

from collections.abc import Callable, Sequence
from typing import Any

from core.search.ast import Expression, Key, Query, Sample
from core.search.errors import QueryError
from core.search.fields import Field, FieldType, field_of, fields, nearest
from core.search.terms import Literal, check_text, resolve

MAX_KEYS = 8
_MOST = 1_000_000_000
_LARGEST_SEED = 2**32 - 1
_UNORDERED = ("text", "note", "has", "no")
#: Numbers that stand for groups of images.
_GROUPS = ("duplicate", "cluster")
RANDOM = "random"


def is_ordered(field: Field) -> bool:
    """Whether results can be ordered by a field."""
    return field.name not in _UNORDERED


def has_values(field: Field) -> bool:
    """Whether a sample can be taken of each value of a field."""
    return field.type in (FieldType.CHOICE, FieldType.ATTRIBUTE) or field.name in _GROUPS


def assembled(where: Expression | None, clauses: Sequence[tuple[Literal, Any]]) -> Query:
    """A query of its condition and its clauses, each the word that it begins with and what it says.

    Raises QueryError for a clause that stands there twice.
    """
    said: dict[str, Any] = {}
    for word, value in clauses:
        name = word.text.split()[0].lower()
        if name in said:
            raise QueryError("clause_twice", word.column, word.length, clause=name)
        said[name] = value
        if name == "order" and len(value) > MAX_KEYS:
            raise QueryError("too_many_keys", word.column, word.length, most=MAX_KEYS)
    return Query(where, said.get("sample"), said.get("order", ()), said.get("limit"))


def limit(count: Literal) -> int:
    """The number of `limit 100`. Raises QueryError."""
    return _number(count, 1, _MOST)


def sample(count: Literal, per: Literal | None, seed: Literal | None) -> Sample:
    """What `sample 50 per pred seed 1` says. Raises QueryError."""
    field = "" if per is None else _field(per, has_values, "per_field")
    return Sample(_number(count, 1, _MOST), field, _seed(seed))


def key(field: Literal, seed: Literal | None, direction: Literal | None) -> Key:
    """One key of an order: `conf desc`, `-conf` or `random seed 7`. Raises QueryError."""
    minus = field.text.startswith("-")
    descending = minus or (direction is not None and direction.text.lower() == "desc")
    if minus and direction is not None:
        raise QueryError("two_directions", direction.column, direction.length)
    if field.text.lower().removeprefix("-") == RANDOM:
        if minus or direction is not None:
            raise QueryError("random_direction", field.column, field.length)
        return Key(RANDOM, seed=_seed(seed))
    if seed is not None:
        raise QueryError("seed_place", seed.column, seed.length)
    if minus:
        field = Literal(field.text[1:], field.quoted, field.column + 1, field.length - 1)
    name = _field(field, is_ordered, "order_field")
    if name == "similar":
        raise QueryError("order_similar", field.column, field.length)
    return Key(name, descending)


def likeness(field: Literal, image: Literal, direction: Literal | None) -> Key:
    """The key `similar:#17 desc`. Raises QueryError."""
    minus = field.text.startswith("-")
    if minus and direction is not None:
        raise QueryError("two_directions", direction.column, direction.length)
    check_text(image)
    descending = minus or (direction is not None and direction.text.lower() == "desc")
    return Key("similar", descending, image=image.text)


def _field(written: Literal, fits: Callable[[Field], bool], reason: str) -> str:
    """The name of a field that fits this place. Raises QueryError."""
    field = field_of(written.text)
    choices = [each.name for each in fields() if fits(each)]
    if field is not None and not fits(field):
        raise QueryError(
            reason, written.column, written.length, field=written.text, choices=", ".join(choices)
        )
    known = [name for each in fields() if fits(each) for name in (each.name, *each.aliases)]
    meant = nearest(written.text, tuple(known)) if field is None else None
    if meant is not None and "." not in written.text and meant not in ("meta", "exif"):
        raise QueryError(
            "unknown_key", written.column, written.length, field=written.text, suggestion=meant
        )
    return resolve(written.text, written.column)[1]


def _seed(written: Literal | None) -> int:
    return 0 if written is None else _number(written, 0, _LARGEST_SEED)


def _number(written: Literal, least: int, most: int) -> int:
    text = written.text
    # Digits are counted first: numbers of any length may stand here.
    fits = text.isascii() and text.isdigit() and len(text.lstrip("0")) <= len(str(most))
    if not fits or not least <= int(text) <= most:
        raise QueryError(
            "clause_number", written.column, written.length, least=least, most=f"{most:,}"
        )
    return int(text)
