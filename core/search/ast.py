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
    #: What else each box of a `box` term has to satisfy: terms of `conf`, `area` and `count`; of a
    #: `similar` term how similar.
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


@dataclass(frozen=True)
class Taken:
    """The images that a whole query takes, by its sample and its limit too."""

    query: "Query"


#: `parse` gives terms and what combines them; a saved query's sample or limit makes a `Taken`.
Expression = Term | And | Or | Not | Taken


@dataclass(frozen=True)
class Key:
    """One key of an order. Images that lack the field come last, whichever way it runs."""

    #: As of a term; `random` is an order by chance.
    field: str
    descending: bool = False
    #: Of `random`: the same seed gives the same order.
    seed: int = 0
    #: Of `similar`: to which image.
    image: str = ""


@dataclass(frozen=True)
class Sample:
    """Some images by chance, always the same ones for a seed."""

    count: int
    #: A field, of each of whose values so many are taken; empty: of all together.
    per: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Query:
    """A whole query: which images, how many of them, in which order."""

    where: Expression | None = None
    sample: Sample | None = None
    #: The first key decides; empty: the order is the reader's choice.
    order: tuple[Key, ...] = ()
    #: The first so many in that order, or by name.
    limit: int | None = None


def children(expression: Expression) -> tuple[Expression, ...]:
    """The parts that an expression combines; none for a term."""
    if isinstance(expression, Taken):
        return () if expression.query.where is None else (expression.query.where,)
    if isinstance(expression, Not):
        return (expression.part,)
    return () if isinstance(expression, Term) else expression.parts


def terms(expression: Expression) -> list[tuple[Term, int]]:
    """All terms with the number of AND, OR and NOT around each, in no particular order."""
    found, waiting = [], [(expression, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, Term):
            found.append((node, depth))
        waiting.extend((child, depth + 1) for child in children(node))
    return found


def to_text(query: Query | Expression | None) -> str:
    """Canonical text of a query: `parse_query`, or `parse` for a condition, gives an equal one.

    Raises TypeError for what a saved query takes, which has no text.
    """
    if query is None:
        return ""
    if isinstance(query, Query):
        return " ".join(filter(None, (to_text(query.where), *_clauses(query))))
    if isinstance(query, Term):
        return _term_text(query)
    if isinstance(query, Not):
        return f"NOT {_bracketed(query.part, (And, Or))}"
    if isinstance(query, And):
        return " AND ".join(_bracketed(part, (And, Or)) for part in query.parts)
    if isinstance(query, Or):
        return " OR ".join(_bracketed(part, (Or,)) for part in query.parts)
    raise TypeError(f"{type(query).__name__} has no text")


def _clauses(query: Query) -> list[str]:
    texts = []
    if query.sample:
        per = f" per {field_text(query.sample.per)}" if query.sample.per else ""
        texts.append(f"sample {query.sample.count}{per}{_seed_text(query.sample.seed)}")
    if query.order:
        texts.append(f"order by {', '.join(map(_key_text, query.order))}")
    if query.limit is not None:
        texts.append(f"limit {query.limit}")
    return texts


def _key_text(key: Key) -> str:
    if key.field == "random":
        return f"random{_seed_text(key.seed)}"
    image = f":{quoted(key.image)}" if key.image else ""
    return f"{field_text(key.field)}{image}{' desc' if key.descending else ''}"


def _seed_text(seed: int) -> str:
    return f" seed {seed}" if seed else ""


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
    if isinstance(expression, Taken):
        return None
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
    if term.field == "similar":
        least = (f"{each.operator[1:]}{each.values[0]}" for each in term.qualifiers)
        return f"similar:{quoted(term.values[0])}{''.join(least)}"
    return " ".join([_bare_text(term), *map(_bare_text, term.qualifiers)])


def _bare_text(term: Term) -> str:
    if term.field == "text" and term.operator is Operator.IS:
        return quoted(term.values[0])
    name = field_text(term.field)
    if term.operator is Operator.RANGE:
        return f"{name}:{'..'.join(term.values)}"
    values = ", ".join(map(quoted, term.values))
    if term.operator is Operator.ONE_OF:
        return f"{name}:({values})"
    return f"{name}{term.operator}{values}"


def field_text(field: str) -> str:
    """A field as it stands in a query: `meta."line 3"`."""
    prefix, _, attribute = field.partition(".")
    if not attribute:
        return prefix
    return f"{prefix}.{_attribute_text(attribute)}"


def _attribute_text(attribute: str) -> str:
    return attribute if re.fullmatch(r"[\w-]+", attribute) else f'"{attribute}"'


def quoted(value: str) -> str:
    """A value as it stands in a query: in quotes where it needs them."""
    plain = re.fullmatch(r"#?\w[\w.*?/%+-]*", value) and ".." not in value
    if plain and value.lower() not in ("and", "or", "not"):
        return value
    return _in_quotes(value)


def _in_quotes(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
