"""From a query's text to its syntax tree, with errors that say where and what to write instead."""

import dataclasses
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from core.curation.names import is_printable
from core.search import clauses
from core.search.ast import (
    And,
    Expression,
    Key,
    Not,
    Operator,
    Or,
    Query,
    Sample,
    Term,
    terms,
    to_text,
)
from core.search.errors import QueryError
from core.search.terms import Literal, bare_term, field_term, similar_term, tag_term

MAX_LENGTH = 10_000
MAX_DEPTH = 200
#: Terms and listed values in one query: SQLite limits the height of a condition to 1,000.
MAX_VALUES = 500

_FIELD = re.compile(r'(?P<name>meta\."(?:\\.|[^"\\])*"|[\w.-]+)(?P<operator>.*)', re.I | re.S)
_QUOTES_AND_BRACKETS = re.compile(r'"(?:\\.|[^"\\])*("?)|[()]', re.S)


def parse(text: str) -> Expression | None:
    """The condition of a query; None, which stands for every image, when it has none.

    Its sample, order and limit are left out: see `parse_query`. Raises QueryError, and nothing
    else, for a text that is no query.
    """
    return parse_query(text).where


def parse_tags(text: str) -> Expression | None:
    """The condition of a text in which every word is a tag, save AND, OR, NOT and brackets.

    Words side by side are all meant; a tag with spaces or brackets stands in quotes. None when
    there is none. Raises QueryError, and nothing else.
    """
    return _read(text, "tags.lark").where


@lru_cache(maxsize=256)
def parse_query(text: str) -> Query:
    """A whole query. Raises QueryError, and nothing else, for a text that is none."""
    return _read(text, "grammar.lark")


def _read(text: str, grammar: str) -> Query:
    _check_characters(text)
    if not text.strip():
        return Query()
    _check_quotes_and_brackets(text)
    try:
        query: Query = _parser(grammar).parse(text)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise _syntax_error(text, error) from None
    if query.where is not None:
        _check_size(text, query.where)
    return query


def rewritten(text: str, change: Callable[[Expression | None], Expression | None]) -> str:
    """The canonical text of a query with another condition; its sample, order and limit stay.

    `change` gets the condition in force and gives the new one; None stands for every image. Raises
    QueryError.
    """
    query = parse_query(text)
    return to_text(dataclasses.replace(query, where=change(query.where)))


def _check_size(text: str, expression: Expression) -> None:
    found = terms(expression)
    deepest, depth = max(found, key=lambda pair: pair[1])
    if depth > MAX_DEPTH:
        raise QueryError("too_deep", deepest.column, most=MAX_DEPTH)
    if sum(len(each.values) for term, _ in found for each in (term, *term.qualifiers)) > MAX_VALUES:
        raise QueryError("too_many_terms", 1, len(text), most=MAX_VALUES)


@lru_cache
def _parser(grammar: str) -> Lark:
    rules = Path(__file__).with_name(grammar).read_text(encoding="utf-8")
    return Lark(rules, parser="lalr", transformer=_Builder())


def _check_characters(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise QueryError("too_long", MAX_LENGTH + 1, n=len(text), most=MAX_LENGTH)
    for index, char in enumerate(text):
        if not is_printable(char) and not char.isspace():
            raise QueryError("character", index + 1, character=repr(char).strip("'"))


def _check_quotes_and_brackets(text: str) -> None:
    open_brackets: list[int] = []
    for match in _QUOTES_AND_BRACKETS.finditer(text):
        column = match.start() + 1
        if match[0] == "(":
            open_brackets.append(column)
            if len(open_brackets) > MAX_DEPTH:
                raise QueryError("too_deep", column, most=MAX_DEPTH)
        elif match[0] == ")":
            if not open_brackets:
                raise QueryError("unmatched_bracket", column)
            open_brackets.pop()
        elif len(match[0]) == 1 or not match[1]:
            raise QueryError("open_quote", column, len(match[0]))
    if open_brackets:
        raise QueryError("open_bracket", open_brackets[-1])


def _syntax_error(text: str, error: UnexpectedInput) -> QueryError:
    expected: set[str] = set()
    position = error.pos_in_stream or 0
    length = 1
    if isinstance(error, UnexpectedToken):
        expected = set(error.expected)
        length = len(error.token)
        if error.token.type == "$END":
            position, length = len(text.rstrip()), 1
    elif isinstance(error, UnexpectedCharacters):
        expected = set(error.allowed or ())
    column = position + 1
    if isinstance(error, UnexpectedToken) and error.token.type in ("ORDER", "LIMIT", "SAMPLE"):
        return QueryError("clause_place", column, length)
    if "KEY" in expected or "COUNT" in expected:
        return QueryError("missing_key" if "KEY" in expected else "missing_seed", column, length)
    if "LIMIT" in expected and not expected & {"_AND", "WORD"}:
        return QueryError("clause_end", column, length)
    if "VALUE" in expected:
        return QueryError("missing_value", column, length)
    if "COMMA" in expected:
        return QueryError("list", column, length)
    found = text[position : position + length]
    if "_AND" not in expected:
        return QueryError("missing_term", column, length)
    if found == ",":
        return QueryError("comma", column)
    return QueryError("unexpected", column, length, found=found)


def _literal(token: Token) -> Literal:
    quoted = token.type == "STRING"
    text = str(token)
    if quoted:
        text = re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.S)
    column = (token.start_pos or 0) + 1
    return Literal(unicodedata.normalize("NFC", text), quoted, column, len(token))


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Builds the tree from the leaves up, so that depth costs no recursion."""

    def start(self, *parts: Any) -> Query:
        where = None if not parts or isinstance(parts[0], tuple) else parts[0]
        return clauses.assembled(where, [part for part in parts if part is not where])

    def ordered(self, word: Token, *keys: Key) -> tuple[Literal, tuple[Key, ...]]:
        return _literal(word), keys

    def limited(self, word: Token, count: Token) -> tuple[Literal, int]:
        return _literal(word), clauses.limit(_literal(count))

    def sampled(self, word: Token, count: Token, *more: Token) -> tuple[Literal, Sample]:
        said = {token.type: _literal(token) for token in more}
        return _literal(word), clauses.sample(_literal(count), said.get("KEY"), said.get("COUNT"))

    def key(self, field: Token, *more: Token) -> Key:
        said = {token.type: _literal(token) for token in more}
        return clauses.key(_literal(field), said.get("COUNT"), said.get("DIRECTION"))

    def bare(self, value: Token) -> Term:
        return bare_term(_literal(value))

    def tag(self, value: Token) -> Term:
        return tag_term(_literal(value))

    def single(self, field: Token, value: Token) -> Term:
        return self._field_term(field, (value,), listed=False)

    def boxes(self, field: Token, value: Token, *qualifiers: Term) -> Term:
        term = self._field_term(field, (value,), listed=False)
        return dataclasses.replace(term, qualifiers=qualifiers)

    def alike(self, field: Token, image: Token, least: Token | None = None) -> Term:
        column = (field.start_pos or 0) + 1
        return similar_term(_literal(image), None if least is None else _literal(least), column)

    def likeness(self, field: Token, image: Token, direction: Token | None = None) -> Key:
        said = None if direction is None else _literal(direction)
        return clauses.likeness(_literal(field), _literal(image), said)

    def several(self, field: Token, *values: Token) -> Term:
        return self._field_term(field, values, listed=True)

    def _field_term(self, field: Token, values: tuple[Token, ...], *, listed: bool) -> Term:
        match = _FIELD.fullmatch(field)
        assert match is not None
        symbol = match["operator"].removeprefix(":")
        operator = Operator.IS if symbol in ("", "=") else Operator(f":{symbol}")
        column = (field.start_pos or 0) + 1
        return field_term(match["name"], operator, [_literal(v) for v in values], column, listed)

    def negated(self, part: Expression) -> Not:
        return Not(part)

    def conjunction(self, *parts: Expression) -> And:
        return And(_flat(parts, And))

    def disjunction(self, *parts: Expression) -> Or:
        return Or(_flat(parts, Or))


def _flat(parts: tuple[Expression, ...], kind: type[And] | type[Or]) -> tuple[Expression, ...]:
    """The parts, where a part of the same kind is replaced by its own parts."""
    flat: list[Expression] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return tuple(flat)
