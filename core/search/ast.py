"""Syntax trees of queries, and their canonical text."""

import dataclasses
import re
from dataclasses import dataclass
from enum import StrEnum


class Operator(StrEnum):
    """How a term compares; the value is how it is written behind the field."""

    IS = ":"
    ABOVE = ":>"
    AT_LEAST = ":>="
    BELOW = ":<"
    AT_MOST = ":<="
    #: Two values, inclusive; an empty one is an open end.
    RANGE = ".."
    ONE_OF = ":()"


@dataclass(frozen=True)
class Term:
    """One comparison. `field` is `text` for a bare word, `meta.<name>` for an attribute."""

    field: str
    operator: Operator
    #: As written, without quotes; the field's type says how they are read.
    values: tuple[str, ...]
    #: 1-based; where the term begins.
    column: int = dataclasses.field(default=1, compare=False)
    #: What else each box of a `box` term has to satisfy: terms of `conf`, `area` and `count`.
    qualifiers: tuple["Term", ...] = ()


@dataclass(frozen=True)
class And:
    """All of at least two parts."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Or:
    """Any of at least two parts."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Not:
    """All images but those of one part."""

    part: "Expression"


Expression = Term | And | Or | Not


def children(expression: Expression) -> tuple[Expression, ...]:
    """The parts that an expression combines; none for a term."""
    if isinstance(expression, Term):
        return ()
    return (expression.part,) if isinstance(expression, Not) else expression.parts


def terms(expression: Expression) -> list[tuple[Term, int]]:
    """All terms with the number of AND, OR and NOT around each, in no particular order."""
    found, waiting = [], [(expression, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, Term):
            found.append((node, depth))
        waiting.extend((child, depth + 1) for child in children(node))
    return found


def to_text(expression: Expression | None) -> str:
    """Canonical text of a query: `parse` of it gives an equal expression."""
    if expression is None:
        return ""
    if isinstance(expression, Term):
        return _term_text(expression)
    if isinstance(expression, Not):
        return f"NOT {_bracketed(expression.part, (And, Or))}"
    if isinstance(expression, And):
        return " AND ".join(_bracketed(part, (And, Or)) for part in expression.parts)
    return " OR ".join(_bracketed(part, (Or,)) for part in expression.parts)


def to_tag_text(expression: Expression | None) -> str | None:
    """The text by which `parse_tags` reads a condition; None where it says more than tags."""
    if expression is None:
        return ""
    if isinstance(expression, Term):
        if expression.field != "tag":
            return None
        names = " OR ".join(map(tag_quoted, expression.values))
        return f"({names})" if len(expression.values) > 1 else names
    if isinstance(expression, Not):
        inner = to_tag_text(expression.part)
        tight = isinstance(expression.part, Term | Not)
        return None if inner is None else f"NOT {inner}" if tight else f"NOT ({inner})"
    looser = (And, Or) if isinstance(expression, And) else (Or,)
    parts = [(isinstance(part, looser), to_tag_text(part)) for part in expression.parts]
    texts = [f"({text})" if bracketed else text for bracketed, text in parts if text is not None]
    joiner = " AND " if isinstance(expression, And) else " OR "
    return joiner.join(texts) if len(texts) == len(parts) else None


def tag_quoted(name: str) -> str:
    """A tag as `parse_tags` reads it: in quotes where it needs them."""
    plain = re.fullmatch(r'[^\s()"]+', name) and name.lower() not in ("and", "or", "not")
    return name if plain else _in_quotes(name)


def _bracketed(expression: Expression, looser: tuple[type, ...]) -> str:
    text = to_text(expression)
    return f"({text})" if isinstance(expression, looser) else text


def _term_text(term: Term) -> str:
    return " ".join([_bare_text(term), *map(_bare_text, term.qualifiers)])


def _bare_text(term: Term) -> str:
    if term.field == "text" and term.operator is Operator.IS:
        return quoted(term.values[0])
    prefix, _, attribute = term.field.partition(".")
    name = f"{prefix}.{_attribute_text(attribute)}" if attribute else prefix
    if term.operator is Operator.RANGE:
        return f"{name}:{'..'.join(term.values)}"
    values = ", ".join(map(quoted, term.values))
    if term.operator is Operator.ONE_OF:
        return f"{name}:({values})"
    return f"{name}{term.operator}{values}"


def _attribute_text(attribute: str) -> str:
    return attribute if re.fullmatch(r"[\w-]+", attribute) else f'"{attribute}"'


def quoted(value: str) -> str:
    """A value as it stands in a query: in quotes where it needs them."""
    plain = re.fullmatch(r"\w[\w.*?/%+-]*", value) and ".." not in value
    if plain and value.lower() not in ("and", "or", "not"):
        return value
    return _in_quotes(value)


def _in_quotes(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
