"""What the values of a metadata field must be like, and values brought into that form."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Literal, get_args

from core.curation.names import checked_name, fold
from core.errors import UserError

#: A value of a field; None: the image does not have it.
Value = str | int | float | bool | None

Kind = Literal["text", "number", "date", "boolean", "choice"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_CHOICES = 200
MAX_UNIT = 20

_TRUE = ("true", "yes", "y", "1", "예", "네", "참")
_FALSE = ("false", "no", "n", "0", "아니요", "아니오", "거짓")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
# 2024-10-14, 2024/10/14, 2024. 10. 14., each with a time or without.
_DATE = re.compile(
    r"(\d{4})(?:-|/|\.\s*)(\d{1,2})(?:-|/|\.\s*)(\d{1,2})\.?"
    r"(?:(?:\s+|[Tt])(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d*)?)?)?",
    re.ASCII,
)
_NAMED = 8  # choices that a message names


@dataclass(frozen=True)
class FieldType:
    """The type that a project has declared for a field.

    Attributes:
        unit: of a number, empty for none; it is only written beside the values.
        choices: of a choice, in the order they are offered.
    """

    kind: Kind
    unit: str = ""
    choices: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For a column or an event."""
        return {"kind": self.kind, "unit": self.unit, "choices": list(self.choices)}

    @staticmethod
    def from_json(stored: dict[str, Any]) -> "FieldType":
        """Inverse of `as_json`."""
        return FieldType(stored["kind"], stored["unit"], tuple(stored["choices"]))


def checked_type(type_: FieldType) -> FieldType:
    """A type as it is stored: only what its kind has. Raises UserError for an unfit one."""
    unit = type_.unit.strip()
    if len(unit) > MAX_UNIT:
        raise UserError("fields.unit_too_long", n=len(unit), most=MAX_UNIT)
    if type_.kind == "number":
        return FieldType("number", checked_name(unit) if unit else "")
    if type_.kind != "choice":
        return FieldType(type_.kind)
    choices = {fold(choice): checked_name(choice) for choice in reversed(type_.choices)}
    if not choices:
        raise UserError("fields.no_choices")
    if len(choices) > MAX_CHOICES:
        raise UserError("fields.too_many_choices", n=len(choices), most=MAX_CHOICES)
    return FieldType("choice", choices=tuple(reversed(choices.values())))


def fit(type_: FieldType | None, field: str, value: Value) -> Value:
    """A value in the form that the type wants: numbers as numbers, dates as ISO 8601 text, choices
    as they are declared. Without a type, and where there is no value, it stays as it is.

    Raises UserError for a value that does not fit, with what to write instead.
    """
    if type_ is None or value is None:
        return value
    return _READERS[type_.kind](type_, field, value)


def shown(value: Value) -> str:
    """A value as people read and write it; empty where there is none."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else str(value)


def written(type_: FieldType | None, field: str, text: str) -> Value:
    """What a person means who writes this; None: the field is to be empty. Raises as `fit` does.

    Without a type, numbers, `true` and `false` are taken as such, as when a table is brought.
    """
    text = text.strip()
    if not text:
        return None
    if type_ is not None:
        return fit(type_, field, text)
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    # What begins with zeros is a name.
    plain = _NUMBER.fullmatch(text) and not re.match(r"[+-]?0\d|\+", text)
    return _finite(text) if plain and _finite(text) is not None else text


def _text(_type: FieldType, _field: str, value: Value) -> Value:
    if isinstance(value, str):
        return value
    # As the value is written in a query.
    return json.dumps(value)


def _number(type_: FieldType, field: str, value: Value) -> Value:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if type_.unit and text.casefold().endswith(type_.unit.casefold()):
        text = text[: -len(type_.unit)].strip()
    number = _finite(text)
    if number is None:
        key = "fields.not_a_number" if not type_.unit else "fields.not_a_number_in"
        raise UserError(key, field=field, value=shown(value), unit=type_.unit)
    return number


def _finite(text: str) -> int | float | None:
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text) if re.search(r"[.eE]", text) else int(text)
    return number if math.isfinite(number) and abs(number) < 2**63 else None


def _boolean(_type: FieldType, field: str, value: Value) -> Value:
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word in _TRUE + _FALSE:
        return word in _TRUE
    raise UserError("fields.not_boolean", field=field, value=shown(value))


def _date(_type: FieldType, field: str, value: Value) -> Value:
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is not None:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        try:
            if found[4] is None:
                return date(year, month, day).isoformat()
            return datetime(year, month, day, hour, minute, second).isoformat()
        except ValueError:
            pass
    raise UserError("fields.not_a_date", field=field, value=shown(value))


def _choice(type_: FieldType, field: str, value: Value) -> Value:
    known = {fold(choice): choice for choice in type_.choices}
    meant = fold(value if isinstance(value, str) else json.dumps(value))
    if meant in known:
        return known[meant]
    near = get_close_matches(meant, known, n=1)
    offered = ", ".join(type_.choices[:_NAMED]) + (", …" if len(known) > _NAMED else "")
    if near:
        raise UserError(
            "fields.no_choice_near", field=field, value=shown(value), near=known[near[0]],
            choices=offered,
        )  # fmt: skip
    raise UserError("fields.no_choice", field=field, value=shown(value), choices=offered)


_READERS: dict[str, Callable[[FieldType, str, Value], Value]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "boolean": _boolean,
    "choice": _choice,
}
