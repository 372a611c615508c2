"""Writing down what each transaction changes, within it and just before it is committed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlmodel import SQLModel

from core.changes.names import EVERYTHING
from core.changes.tables import Change

#: Execution option of a statement that changes rows of one tag alone, and the like: its number.
PART = "changes_part"
#: Execution option of a connection whose changes are not written down: migrations.
UNRECORDED = "changes_unrecorded"
_PENDING = "datag_changes"
# Any number, the same everywhere.
_LOCK = 0x0DA7A6
_KEPT = 20_000
_CLEARED_EVERY = 1_000


@dataclass(frozen=True)
class _Changed:
    """A row of `Change` that is not written yet."""

    name: str
    part: int | None = None
    added: bool = False


_Range = tuple[int, int] | None


def watch(engine: sa.Engine) -> None:
    """Write down what transactions over `engine` change."""
    event.listen(engine, "before_execute", _before_execute)
    event.listen(engine, "begin", _forget)
    event.listen(engine, "rollback", _forget)
    event.listen(engine, "commit", _before_commit)


def _forget(connection: sa.Connection) -> None:
    # What a lost connection had noted went with it, and there is nothing left to ask.
    if not connection.invalidated:
        connection.info.pop(_PENDING, None)


def _before_execute(
    connection: sa.Connection,
    statement: Any,
    multiparams: Sequence[Mapping[str, Any]],
    params: Mapping[str, Any],
    options: Mapping[str, Any],
) -> None:
    if isinstance(statement, sa.Insert | sa.Update | sa.Delete):
        if statement.table is sa.inspect(Change).local_table:
            return
        rows = multiparams or ([params] if params else [])
        for changed in _changed(statement, rows, options):
            _add(connection, changed, _range(statement, rows))
    elif isinstance(statement, sa.TextClause) and not _only_reads(statement.text):
        _add(connection, _Changed(EVERYTHING), None)


def _only_reads(text: str) -> bool:
    return text.lstrip().split(None, 1)[0].upper() in ("SELECT", "PRAGMA", "WITH", "ANALYZE")


def _add(connection: sa.Connection, changed: _Changed, images: _Range) -> None:
    pending: dict[_Changed, _Range] = connection.info.setdefault(_PENDING, {})
    if changed not in pending:
        pending[changed] = images
        return
    before = pending[changed]
    both = before is not None and images is not None
    pending[changed] = (
        (min(before[0], images[0]), max(before[1], images[1])) if both else None  # type: ignore[index]
    )


def _changed(
    statement: Any, rows: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
) -> list[_Changed]:
    table, part = statement.table, options.get(PART)
    if isinstance(statement, sa.Insert):
        return [_Changed(table.name, part, added=True)]
    if isinstance(statement, sa.Delete):
        # Of what goes with the rows nothing more is known.
        return [_Changed(table.name, part), *map(_Changed, _cascaded(table.name))]
    columns = {str(getattr(key, "key", key)) for key in (statement._values or ())}
    for row in rows[:1]:
        columns |= row.keys() & set(table.columns.keys())
    named = [_Changed(f"{table.name}.{column}") for column in sorted(columns)]
    return named or [_Changed(table.name)]


@lru_cache
def _cascaded(name: str) -> tuple[str, ...]:
    """The tables whose rows go when rows of a table do."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        gone = waiting.pop()
        for table in SQLModel.metadata.tables.values():
            for key in table.foreign_keys:
                refers = key.column.table.name == gone and key.ondelete is not None
                if refers and table.name not in found:
                    found.append(table.name)
                    waiting.append(table.name)
    return tuple(found)


def _range(statement: Any, rows: Sequence[Mapping[str, Any]]) -> _Range:
    """The lowest and the highest image of rows that come."""
    if not isinstance(statement, sa.Insert) or not rows:
        return None
    images = [row.get("image_id") for row in rows]
    known = [image_id for image_id in images if image_id is not None]
    return (min(known), max(known)) if known and len(known) == len(images) else None


def _before_commit(connection: sa.Connection) -> None:
    pending: dict[_Changed, _Range] = connection.info.pop(_PENDING, {})
    if not pending or connection.get_execution_options().get(UNRECORDED, False):
        return
    if connection.dialect.name == "postgresql":
        # Held until the commit is visible: so ids ascend in the order of commits.
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    rows = [
        {
            "name": changed.name, "part": changed.part, "added": changed.added,
            "low": images and images[0], "high": images and images[1],
        }
        for changed, images in pending.items()
    ]  # fmt: skip
    if rows[1:]:
        connection.execute(sa.insert(Change), rows[1:])
    key = connection.execute(sa.insert(Change), rows[0]).inserted_primary_key
    newest: int = key[0] if key else 0
    # Remove what nobody needs any more, now and then.
    if newest % _CLEARED_EVERY < len(rows):
        connection.execute(sa.delete(Change).where(Change.id <= newest - _KEPT))  # type: ignore[operator, arg-type]
