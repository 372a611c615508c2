"""All thumbnails in one SQLite file, by content hash.

Making a file costs up to a millisecond where many were deleted lately, a row 0.03. The file is its
own database: thumbnails can always be made again, so it need not agree with the image rows.
"""

import errno
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from core.settings import settings

_SETTINGS = (
    # The first two count for a new file only.
    "page_size = 8192",
    "auto_vacuum = INCREMENTAL",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "wal_autocheckpoint = 2000",  # pages: 16 MB of the log are copied into the file at once
    "cache_size = -256",  # kB for each thread
)
_VACUUM_PAGES = 2000  # given back at a time; others may write in between
_BUSY_SECONDS = 30.0
_LAYOUT = """
CREATE TABLE IF NOT EXISTS thumbnail (content_hash BLOB PRIMARY KEY, jpeg BLOB NOT NULL)
"""
_ERRORS = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_IOERR_SHMSIZE: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_BUSY: errno.EBUSY,
}
_local = threading.local()


def file_path() -> Path:
    """Where the file lies."""
    return settings().thumbnails_dir / "thumbnails.db"


def get(content_hash: str) -> bytes | None:
    """A thumbnail's JPEG; None: it is not there. Raises OSError where the file cannot be read."""
    if not file_path().exists():
        return None
    query = "SELECT jpeg FROM thumbnail WHERE content_hash = ?"
    with _connected() as connection:
        row = connection.execute(query, (bytes.fromhex(content_hash),)).fetchone()
    return row[0] if row else None


def put(jpegs: Mapping[str, bytes]) -> None:
    """Keep thumbnails, given by content hash: all or none; those that are there stay.

    Raises:
        OSError: they cannot be written (full disk and such).
    """
    if not jpegs:
        return
    rows = [(bytes.fromhex(content_hash), jpeg) for content_hash, jpeg in jpegs.items()]
    with _connected() as connection, _transaction(connection):
        connection.executemany("INSERT OR IGNORE INTO thumbnail VALUES (?, ?)", rows)


def remove(content_hashes: Iterable[str]) -> None:
    """Forget thumbnails; one that is not there is no error. Raises OSError."""
    if not file_path().exists():
        return
    rows = [(bytes.fromhex(content_hash),) for content_hash in content_hashes]
    with _connected() as connection, _transaction(connection):
        connection.executemany("DELETE FROM thumbnail WHERE content_hash = ?", rows)


def give_back() -> None:
    """Give the room of removed thumbnails back to the disk. Raises OSError."""
    if not file_path().exists():
        return
    with _connected() as connection:
        before, free = 0, _free_pages(connection)
        while free not in (0, before):
            connection.execute(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})").fetchall()
            before, free = free, _free_pages(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _free_pages(connection: sqlite3.Connection) -> int:
    free: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
    return free


def content_hashes() -> set[str]:
    """The content hashes of all thumbnails in the file."""
    if not file_path().exists():
        return set()
    with _connected() as connection:
        return {row[0].hex() for row in connection.execute("SELECT content_hash FROM thumbnail")}


@contextmanager
def _connected() -> Iterator[sqlite3.Connection]:
    """This thread's connection; its errors become those of the operating system."""
    path = file_path()
    try:
        connection: sqlite3.Connection | None = getattr(_local, "connection", None)
        if connection is None or _local.path != path:
            connection = _opened(path)
            _local.connection, _local.path = connection, path
        yield connection
    except sqlite3.Error as error:
        _local.connection = None
        raise _as_os_error(error, path) from error


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # The connection of a thread that has ended is closed by whichever thread frees it.
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    # Whoever makes the file has it alone: two that turn on its log at once do not wait for each
    # other but fail.
    with FileLock(path.with_name("thumbnails.lock")):
        for setting in _SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        connection.execute(_LAYOUT)
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # Some errors, a full disk among them, have rolled it back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _as_os_error(error: sqlite3.Error, path: Path) -> OSError:
    """What the operating system would have said."""
    code = getattr(error, "sqlite_errorcode", 0)
    number = _ERRORS.get(code) or _ERRORS.get(code & 0xFF)
    if number is None:
        # SQLite does not tell why it cannot open a file; who tries hears it.
        try:
            with path.open("ab"):
                pass
        except OSError as reason:
            return reason
        return OSError(errno.EIO, f"{path}: {error}")
    return OSError(number, os.strerror(number), str(path))
