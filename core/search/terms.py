"""Checking one term: does the field exist, does it take this operator, can its values be read."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.curation.attributes import is_attribute_name
from core.search import literals
from core.search.ast import Operator, Term
from core.search.errors import QueryError
from core.search.fields import PRESENCES, Field, FieldType, field_of, nearest

MAX_VALUE_LENGTH = 500
#: Models that `differs:(a, b)` compares.
_MOST_MODELS = 2
#: An image with how similar: `a.jpg>0.8`.
_COMPARED_IMAGE = re.compile(r"(?P<image>.+?)(?P<least>[<>]=?[^<>=]*)")

#: How the values of each comparable type are read; ValueError means that they cannot be.
READERS: dict[FieldType, Callable[[str], Any]] = {
    FieldType.NUMBER: literals.number,
    FieldType.SHARE: literals.share,
    FieldType.RATIO: literals.ratio,
    FieldType.SIZE: literals.size,
    FieldType.DATE: literals.period,
    FieldType.ATTRIBUTE: literals.number,
}


def reader_of(type_: FieldType, texts: Sequence[str]) -> Callable[[str], Any] | None:
    """What reads all of `texts`, the values of one comparison or range; None: nothing does.

    What is compared with an attribute is a number or else a day, a month or a year.
    """
    readers = [READERS[type_]]
    if type_ is FieldType.ATTRIBUTE:
        readers.append(literals.period)
    for read in readers:
        try:
            for text in texts:
                read(text)
        except ValueError:
            continue
        return read
    return None


@dataclass(frozen=True)
class Literal:
    """A value as it stands in the query."""

    text: str
    quoted: bool
    #: 1-based.
    column: int
    length: int


def bare_term(value: Literal) -> Term:
    """The term of a word without a field. Raises QueryError for what cannot be looked for."""
    check_text(value)
    if not value.quoted and (value.text.startswith("..") or value.text.endswith("..")):
        raise QueryError("spaced_range", value.column, value.length)
    return Term("text", Operator.IS, (value.text,), value.column)


def tag_term(value: Literal) -> Term:
    """The term of a tag's name alone. Raises QueryError for what cannot be looked for."""
    check_text(value)
    return Term("tag", Operator.IS, (value.text,), value.column)


def similar_term(image: Literal, least: Literal | None, column: int) -> Term:
    """The term of `similar:IMAGE>0.8`; without a comparison 0.8 is meant. Raises QueryError."""
    match = None if image.quoted or least else _COMPARED_IMAGE.fullmatch(image.text)
    if match:
        at = image.column + match.start("least")
        least = Literal(match["least"], False, at, len(match["least"]))
        image = Literal(match["image"], False, image.column, len(match["image"]))
    check_text(image)
    if least is None:
        return Term("similar", Operator.IS, (image.text,), column)
    symbol = "".join(char for char in least.text[:2] if char in "<>=")
    number = least.text[len(symbol) :].strip()
    at = least.column + len(least.text) - len(number)
    field = field_of("similar")
    assert field is not None
    try:
        literals.share(number)
    except ValueError:
        raise QueryError(
            "not_a_share", at, len(number), value=number, example=field.example
        ) from None
    qualifier = Term("similar", Operator(f":{symbol}"), (number,), least.column)
    return Term("similar", Operator.IS, (image.text,), column, (qualifier,))


def field_term(
    written: str, operator: Operator, values: Sequence[Literal], column: int, listed: bool
) -> Term:
    """The term of a field and its values. Raises QueryError when they do not fit."""
    field, name = resolve(written, column)
    if operator not in field.operators:
        raise QueryError("no_comparison", column, len(written), field=name, example=field.example)
    if listed and (operator is not Operator.IS or Operator.ONE_OF not in field.operators):
        raise QueryError("no_list", values[0].column, field=name, example=field.example)
    for value in values:
        check_text(value)
    if listed and len(values) > 1:
        operator = Operator.ONE_OF
    elif _is_range(field, values[0]):
        return _range_term(field, name, operator, values[0], column)
    if name == "differs" and len(values) > _MOST_MODELS:
        raise QueryError("two_models", values[_MOST_MODELS].column, values[_MOST_MODELS].length)
    for value in values:
        _check_value(field, operator, value)
    return Term(name, operator, tuple(value.text for value in values), column)


def resolve(written: str, column: int) -> tuple[Field, str]:
    """The field and the name under which the term stores it."""
    field = field_of(written)
    if field is None:
        prefix = written.partition(".")[0].lower()
        if prefix in ("meta", "exif"):
            raise QueryError(f"{prefix}_name", column, len(written))
        suggestion = nearest(written)
        if suggestion is None:
            raise QueryError("unknown_field_far", column, len(written), field=written)
        raise QueryError(
            "unknown_field", column, len(written), field=written, suggestion=suggestion
        )
    if field.type is not FieldType.ATTRIBUTE:
        return field, field.name
    return field, f"{field.name}.{_attribute(written.partition('.')[2], column, len(written))}"


def _attribute(written: str, column: int, length: int) -> str:
    name = written.strip('"')
    if not is_attribute_name(name):
        raise QueryError("attribute_name", column, length, name=name)
    return name


def check_text(value: Literal) -> None:
    """Raises QueryError for a text that cannot be looked for."""
    if not value.text.strip():
        raise QueryError("empty_value", value.column, value.length)
    if len(value.text) > MAX_VALUE_LENGTH:
        raise QueryError("long_value", value.column, value.length, most=MAX_VALUE_LENGTH)


def _check_value(field: Field, operator: Operator, value: Literal) -> None:
    if field.type is FieldType.PRESENCE:
        _check_presence(value)
    elif field.choices and value.text.lower() not in field.choices:
        suggestion = nearest(value.text, field.choices) or field.choices[0]
        raise QueryError(
            "choice", value.column, value.length, value=value.text, field=field.name,
            suggestion=suggestion, choices=", ".join(field.choices),
        )  # fmt: skip
    elif field.type is FieldType.ATTRIBUTE and operator in (Operator.IS, Operator.ONE_OF):
        return
    elif field.type in READERS and reader_of(field.type, [value.text]) is None:
        raise QueryError(
            f"not_a_{field.type}", value.column, value.length,
            value=value.text, example=field.example,
        )  # fmt: skip


def _check_presence(value: Literal) -> None:
    prefix, _, attribute = value.text.partition(".")
    if prefix in ("meta", "exif") and attribute:
        _attribute(attribute, value.column, value.length)
    elif value.text not in PRESENCES:
        suggestion = nearest(value.text, PRESENCES) or PRESENCES[0]
        raise QueryError(
            "presence", value.column, value.length,
            value=value.text, suggestion=suggestion, choices=", ".join(PRESENCES),
        )  # fmt: skip


def _is_range(field: Field, value: Literal) -> bool:
    if value.quoted or ".." not in value.text or Operator.RANGE not in field.operators:
        return False
    # An attribute may hold any text: `1..5` is a range, `a..b` a word.
    if field.type is FieldType.ATTRIBUTE:
        return reader_of(field.type, [end for end in _ends(value.text) if end]) is not None
    return True


def _ends(text: str) -> tuple[str, str]:
    low, _, high = text.partition("..")
    return low, high


def _range_term(field: Field, name: str, operator: Operator, value: Literal, column: int) -> Term:
    low, high = _ends(value.text)
    if operator is not Operator.IS:
        raise QueryError("compared_range", value.column, value.length, example=field.example)
    if not low and not high:
        raise QueryError("empty_range", value.column, value.length, example=field.example)
    high_column = value.column + len(low) + 2
    for text, at in ((low, value.column), (high, high_column)):
        if text:
            _check_value(field, Operator.RANGE, Literal(text, False, at, len(text)))
    read = reader_of(field.type, [end for end in (low, high) if end])
    assert read is not None
    if low and high and read(low) > read(high):
        raise QueryError("reversed_range", value.column, value.length, low=low, high=high)
    return Term(name, Operator.RANGE, (low, high), column)
