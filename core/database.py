"""The database: one engine a process, sessions for reading and for writing, migrations."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from core import changes
from core.settings import ROOT, settings

# PostgreSQL's codes: connection exceptions, shutting down or starting, too many connections.
_AWAY = ("08", "57P", "53300")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 15.0  # seconds between looks whether the database is back


def now() -> datetime:
    """The present moment, in UTC and aware of it."""
    return datetime.now(UTC)


@lru_cache
def engine() -> sa.Engine:
    """This process's engine on the configured database."""
    url = settings().resolved_database_url
    settings().data_dir.mkdir(parents=True, exist_ok=True)
    made = sa.create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_sqlite)
    changes.watch(made)
    return made


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction handling would start a write as a read and fail when another
    # process wrote in between; with it off, _begin_sqlite says how each transaction starts.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA busy_timeout=30000")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading() -> Iterator[Session]:
    """A session for queries. It sees one consistent state of the database."""
    with Session(engine(), expire_on_commit=False) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """A session for changes: committed when the block ends, rolled back when it raises."""
    bind = engine().execution_options(writes=True)
    with Session(bind, expire_on_commit=False) as session, session.begin():
        yield session


def connection_lost(error: DBAPIError) -> bool:
    """Whether a server's database was not there, so that the same may go well later."""
    if engine().dialect.name == "sqlite":
        return False
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None:  # the server said nothing at all
        return error.connection_invalidated or isinstance(error, OperationalError)
    return error.connection_invalidated or state.startswith(_AWAY)


def wait_until_served() -> None:
    """Return when the database answers, however long that takes."""
    pause = _FIRST_PAUSE
    while True:
        time.sleep(pause)
        try:
            with engine().connect() as connection:
                connection.execute(sa.text("SELECT 1"))
            return
        except OperationalError:
            pause = min(pause * 2, _LONGEST_PAUSE)


def upgrade() -> None:
    """Bring the database to the newest migration; a new one is made from nothing."""
    from alembic import command
    from alembic.config import Config

    engine()
    config = Config()
    config.set_main_option("script_location", str(ROOT / "core" / "migrations"))
    command.upgrade(config, "head")
