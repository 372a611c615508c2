"""The names of what changes and of what statements read."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

#: What a statement reads whose parts cannot be seen.
EVERYTHING = "*"


def part_sources(table: str, part: int) -> frozenset[str]:
    """What somebody reads who reads the rows of one tag alone, and the like."""
    return frozenset((table, f"{table}#{part}"))


def changed_part(table: str, part: int) -> set[str]:
    """What is old when rows of one part of a table changed."""
    return {f"{table}#{part}", f"{table}#"}


def _rows(table: str) -> set[str]:
    """Rows of any part, and those of which no part is said."""
    return {table, f"{table}#"}


def _column(column: Any) -> set[str]:
    table = getattr(column, "table", None)
    if not isinstance(table, sa.Table):
        return set()
    return _rows(table.name) | {f"{table.name}.{column.name}"}


def sources(statement: Any) -> frozenset[str]:
    """What a statement reads: rows of tables, and columns as `table.column`."""
    found: set[str] = set()
    for element in visitors.iterate(statement):
        if isinstance(element, sa.Table):
            found |= _rows(element.name)
        elif isinstance(element, sa.Column):
            found |= _column(element)
        elif isinstance(element, sa.Select):
            # The columns of a whole table do not show in the statement.
            found |= {name for column in element.selected_columns for name in _column(column)}
        elif isinstance(element, sa.Alias) and isinstance(element.element, sa.Table):
            # Which columns of an alias are read does not show.
            table = element.element
            found |= _rows(table.name) | {f"{table.name}.{c.name}" for c in table.columns}
        elif isinstance(element, sa.TextClause):
            found.add(EVERYTHING)
    return frozenset(found)
