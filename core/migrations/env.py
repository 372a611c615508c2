"""Alembic's entry: runs the migrations on DATAG's own engine."""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString, UTCDateTime

from core import changes
from core.database import engine
from core.tables import metadata


def _plain_types(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as SQLAlchemy's, so that a migration never depends on the code."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


# The table of changes may not be there yet.
unrecorded = {"writes": True, changes.UNRECORDED: True}
with engine().execution_options(**unrecorded).connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        # SQLite cannot alter a table in place; batch operations copy it.
        render_as_batch=True,
        render_item=_plain_types,
    )
    with context.begin_transaction():
        context.run_migrations()
