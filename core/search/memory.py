"""The bits of the projects that were asked about lately, without what changed since."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import sqlalchemy as sa

from core.changes import changes_since, latest
from core.database import engine
from core.projects.tables import Project
from core.search.bits import ProjectBits

_PROJECTS = 4  # of which bits are kept at a time


class _Memory:
    """One connection that only reads, and what was read over it and is still true."""

    def __init__(self, bind: sa.Engine) -> None:
        self._lock = threading.Lock()
        self._state: object = None
        self._newest = 0
        self._projects: OrderedDict[tuple[int | None, str], ProjectBits] = OrderedDict()
        self._connection = bind.connect()
        if bind.dialect.name == "postgresql":
            # One state for all statements of a transaction, as SQLite has it.
            self._connection.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def use(self, project: Project) -> Iterator[ProjectBits]:
        with self._lock, self._connection.begin():
            self._refresh()
            key = (project.id, project.model_key)
            if key not in self._projects:
                self._projects[key] = ProjectBits(self._connection, project)
            self._projects.move_to_end(key)
            while len(self._projects) > _PROJECTS:
                self._projects.popitem(last=False)
            yield self._projects[key]

    def _refresh(self) -> None:
        """Keep no longer what other transactions changed."""
        state = self._read_state()
        if state == self._state:
            return
        if not self._projects:
            self._state, self._newest = state, latest(self._connection)
            return
        since = changes_since(self._connection, self._newest)
        # On SQLite whoever else writes into the file says nothing of it.
        foreign = self._connection.dialect.name == "sqlite" and not since.rows
        for key, bits in list(self._projects.items()):
            if since.all or foreign or not bits.refresh(since):
                del self._projects[key]
        self._state, self._newest = state, since.newest

    def _read_state(self) -> object:
        """What differs whenever another connection committed since the last call."""
        if self._connection.dialect.name == "postgresql":
            return self._connection.exec_driver_sql(
                "SELECT CAST(pg_current_snapshot() AS TEXT)"
            ).scalar_one()
        # A transaction's state is that of its first read.
        self._connection.exec_driver_sql("SELECT 1 FROM image LIMIT 1")
        return self._connection.exec_driver_sql("PRAGMA data_version").scalar_one()


@lru_cache(maxsize=1)
def _memory(bind: sa.Engine) -> _Memory:
    return _Memory(bind)


def forget() -> None:
    """Keep nothing that was read, as after the start of a process."""
    _memory.cache_clear()


@contextmanager
def project_bits(project: Project, bind: sa.Engine | None = None) -> Iterator[ProjectBits]:
    """A project's bits, in the state that the database has now; one thread at a time.

    `bind` is the process's engine where it was asked for before.
    """
    with _memory(bind or engine()).use(project) as bits:
        yield bits
