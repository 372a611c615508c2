"""SQL that SQLite and PostgreSQL write differently."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlalchemy.sql.functions import FunctionElement

#: A column or another SQL expression with a value.
Value = SQLCoreOperations[Any]


class matches_pattern(FunctionElement[bool]):  # noqa: N801 - named like the SQL it stands for
    """`column` matches a pattern whatever its case: (column, GLOB pattern, LIKE pattern).

    SQLite folds the case of ASCII letters only, so its pattern names both cases of every letter.
    """

    type = sa.Boolean()
    inherit_cache = True


@compiles(matches_pattern)
def _glob(element: matches_pattern, compiler: SQLCompiler, **kw: Any) -> str:
    column, glob, _like = element.clauses
    return f"({compiler.process(column, **kw)} GLOB {compiler.process(glob, **kw)})"


@compiles(matches_pattern, "postgresql")
def _ilike(element: matches_pattern, compiler: SQLCompiler, **kw: Any) -> str:
    column, _glob_pattern, like = element.clauses
    return f"({compiler.process(column, **kw)} ILIKE {compiler.process(like, **kw)})"


class json_kind(FunctionElement[str]):  # noqa: N801
    """Kind of a JSON object's member: (column, SQLite path, member's name).

    `string`, `number`, `true` or `false`; NULL for any other and when there is no such member.
    """

    type = sa.String()
    inherit_cache = True


@compiles(json_kind)
def _json_type(element: json_kind, compiler: SQLCompiler, **kw: Any) -> str:
    column, path, _name = element.clauses
    kind = f"json_type({compiler.process(column, **kw)}, {compiler.process(path, **kw)})"
    return (
        f"(CASE {kind} WHEN 'text' THEN 'string' WHEN 'integer' THEN 'number' "
        f"WHEN 'real' THEN 'number' WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' END)"
    )


@compiles(json_kind, "postgresql")
def _json_typeof(element: json_kind, compiler: SQLCompiler, **kw: Any) -> str:
    column, _path, name = (compiler.process(clause, **kw) for clause in element.clauses)
    kind = f"json_typeof({column} -> {name})"
    return (
        f"(CASE {kind} WHEN 'string' THEN 'string' WHEN 'number' THEN 'number' "
        f"WHEN 'boolean' THEN {column} ->> {name} END)"
    )


class json_value(FunctionElement[Any]):  # noqa: N801
    """A JSON object's member, text or number: (column, SQLite path, member's name)."""

    inherit_cache = True


class json_text(json_value):  # noqa: N801
    """A member that is text."""

    type = sa.String()
    inherit_cache = True


class json_number(json_value):  # noqa: N801
    """A member that is a number."""

    type = sa.Double()
    inherit_cache = True


@compiles(json_value)
def _json_extract(element: json_value, compiler: SQLCompiler, **kw: Any) -> str:
    column, path, _name = element.clauses
    return f"json_extract({compiler.process(column, **kw)}, {compiler.process(path, **kw)})"


@compiles(json_value, "postgresql")
def _json_member(element: json_value, compiler: SQLCompiler, **kw: Any) -> str:
    column, _path, name = element.clauses
    text = f"({compiler.process(column, **kw)} ->> {compiler.process(name, **kw)})"
    return f"CAST({text} AS DOUBLE PRECISION)" if isinstance(element, json_number) else text


def json_member(column: Value, name: str) -> tuple[Value, Value, Value]:
    """What the three functions above are called with."""
    # Before 3.45 SQLite compares names as they are stored: escaped.
    return column, sa.literal(f"$.{json.dumps(name)}"), sa.literal(name)


def members(column: Value) -> sa.TableValuedAlias:
    """A JSON object's members as rows with their `key`, for a join with the object's table."""
    return sa.func.json_each(column).table_valued("key", "value")


class stored_moment(FunctionElement[str]):  # noqa: N801
    """A moment as the database hands it out fastest: microseconds since 1970, one without a zone
    taken for UTC, or, from SQLite, its text."""

    type = sa.String()
    inherit_cache = True


@compiles(stored_moment)
def _as_it_is(element: stored_moment, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(stored_moment, "postgresql")
def _epoch(element: stored_moment, compiler: SQLCompiler, **kw: Any) -> str:
    moment = compiler.process(element.clauses, **kw)
    return f"CAST(extract(epoch FROM {moment}) * 1000000 AS BIGINT)"


class by_code_points(FunctionElement[str]):  # noqa: N801
    """Text that is ordered by its code points, whatever the database's own collation."""

    type = sa.String()
    inherit_cache = True


@compiles(by_code_points)
def _binary(element: by_code_points, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} COLLATE BINARY)"


@compiles(by_code_points, "postgresql")
def _c(element: by_code_points, compiler: SQLCompiler, **kw: Any) -> str:
    return f'({compiler.process(element.clauses, **kw)} COLLATE "C")'


class in_parts(sa.ColumnElement[bool]):  # noqa: N801
    """A condition too deep for one SQL expression, as a chain of named sets of image ids.

    `parts` are conditions on `image`; each may refer by `part_reference` to those before it, and
    the last one is the whole. Databases limit how deep an expression nests, not how many sets
    stand side by side.
    """

    type = sa.Boolean()
    inherit_cache = False

    def __init__(self, parts: Sequence[sa.ColumnElement[bool]]) -> None:
        self.parts = tuple(parts)


def part_reference(index: int) -> sa.ColumnElement[bool]:
    """A condition inside `in_parts`: the image satisfies part `index`."""
    return sa.literal_column(f"(image.id IN (SELECT id FROM part_{index}))", sa.Boolean())  # noqa: S608


@compiles(in_parts)
def _with(element: in_parts, compiler: SQLCompiler, **kw: Any) -> str:
    sets = [
        f"part_{index} AS (SELECT image.id FROM image WHERE {compiler.process(part, **kw)})"  # noqa: S608
        for index, part in enumerate(element.parts)
    ]
    return f"(image.id IN (WITH {', '.join(sets)} SELECT id FROM part_{len(sets) - 1}))"  # noqa: S608
