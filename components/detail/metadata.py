"""Attributes of an image as rows of a table that people edit, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.curation.attributes import Value
from core.errors import UserError

#: Kinds of values; `detail.kinds.<kind>` names them.
KINDS = ("text", "number", "boolean")

_TRUE = ("true", "yes", "y", "1", "예", "네", "참")
_FALSE = ("false", "no", "n", "0", "아니요", "아니오", "거짓")

Row = Mapping[str, Any]


def to_rows(attributes: Mapping[str, Value]) -> list[dict[str, str]]:
    """Rows with the keys field, kind and value, all text, in the order of the fields' names."""
    return [
        {"field": field, "kind": _kind(value), "value": _text(value)}
        for field, value in sorted(attributes.items())
    ]


def from_rows(rows: Iterable[Row]) -> dict[str, Value]:
    """The attributes that rows stand for. Rows without field and value are passed over.

    Raises:
        UserError: a row lacks its field, a field stands twice, or a value is not of its kind.
    """
    attributes: dict[str, Value] = {}
    for row in rows:
        field, kind, text = (_cell(row[name]) for name in ("field", "kind", "value"))
        if not field and not text:
            continue
        if not field:
            raise UserError("detail.no_field", value=text)
        if field in attributes:
            raise UserError("detail.field_twice", field=field)
        attributes[field] = _value(field, kind or KINDS[0], text)
    return attributes


def changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, Value]:
    """What is to be set to get from `before` to `after`; None takes a field away."""
    gone: dict[str, Value] = {field: None for field in before if field not in after}
    changed = {
        field: value
        for field, value in after.items()
        if field not in before or (type(before[field]), before[field]) != (type(value), value)
    }
    return gone | changed


def _cell(value: object) -> str:
    """What stands in a cell; an empty one holds None or one of the table library's nulls."""
    return value.strip() if isinstance(value, str) else ""


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "text"


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _value(field: str, kind: str, text: str) -> Value:
    if kind == "number":
        return _number(field, text)
    if kind == "boolean":
        if text.casefold() in _TRUE + _FALSE:
            return text.casefold() in _TRUE
        raise UserError("detail.not_boolean", field=field, value=text)
    return text


def _number(field: str, text: str) -> int | float:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    raise UserError("detail.not_a_number", field=field, value=text)
