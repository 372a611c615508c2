"""What was changed since somebody looked."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from core.changes.names import EVERYTHING, changed_part
from core.changes.tables import Change


@dataclass(frozen=True)
class Changes:
    """What transactions changed since a moment."""

    #: Id of the newest change.
    newest: int
    rows: tuple[Change, ...] = ()
    #: Whether more changed than is known.
    all: bool = False

    def names(self, concerns: Callable[[int, int], bool] = lambda low, high: True) -> set[str]:
        """What of `sources` and `part_sources` is old.

        Args:
            concerns: whether any image from a lowest to a highest one is of interest.
        """
        found: set[str] = set()
        for row in self.rows:
            if row.low is not None and row.high is not None and not concerns(row.low, row.high):
                continue
            found |= {row.name} if row.part is None else changed_part(row.name, row.part)
        return found


def latest(connection: sa.Connection) -> int:
    """Id of the newest change; 0 for none."""
    newest: int | None = connection.execute(sa.select(sa.func.max(col(Change.id)))).scalar_one()
    return newest or 0


def changes_since(connection: sa.Connection, newest: int) -> Changes:
    """What was changed after the change `newest`."""
    first = connection.execute(sa.select(sa.func.min(col(Change.id)))).scalar_one()
    if first is None or first > newest + 1:
        return Changes(latest(connection), all=True)
    query = sa.select(*Change.__table__.columns).where(col(Change.id) > newest)  # type: ignore[attr-defined]
    rows = [Change(**row) for row in connection.execute(query.order_by("id")).mappings()]
    unknown = any(row.name == EVERYTHING for row in rows)
    return Changes(rows[-1].id or 0 if rows else newest, tuple(rows), unknown)
