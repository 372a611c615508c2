"""A PostgreSQL of one's own for a test or a benchmark: started in a folder, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_NOBODY = 65534  # PostgreSQL refuses to run as root


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; None where none is installed."""
    found = shutil.which("initdb")
    installed = [Path(found).resolve()] if found else []
    installed += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return next((path.parent for path in installed if path.exists()), None)


@dataclass(frozen=True)
class Cluster:
    """A running server: `url` is SQLAlchemy's of an empty database."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], None]


@contextmanager
def server() -> Iterator[str]:
    """Run a server on a folder of its own; gives SQLAlchemy's URL of an empty database.

    Raises RuntimeError where PostgreSQL is not installed.
    """
    with cluster() as running:
        yield running.url


@contextmanager
def cluster() -> Iterator[Cluster]:
    """The same, as a server that can be stopped, which cuts all connections, and started again."""
    where = programs()
    if where is None:
        raise RuntimeError("PostgreSQL's initdb is not installed")
    user = _NOBODY if hasattr(os, "getuid") and os.getuid() == 0 else None
    data = Path(tempfile.mkdtemp(prefix="datag-postgresql-"))
    if user is not None:
        os.chown(data, user, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, user=user, group=user, cwd=data, capture_output=True, text=True
        )

    run(str(where / "initdb"), "-D", str(data / "db"), "-U", "datag", "-A", "trust",
        "-E", "UTF8", "--locale=C.UTF-8")  # fmt: skip
    options = f"-h 127.0.0.1 -p {port} -k {data} -c fsync=off"
    log = str(data / "log")
    control = (str(where / "pg_ctl"), "-D", str(data / "db"), "-w")
    start = partial(run, *control, "-o", options, "-l", log, "start")
    stop = partial(run, *control, "-m", "immediate", "stop")
    start()
    try:
        yield Cluster(f"postgresql+psycopg://datag@127.0.0.1:{port}/postgres", stop, start)
    finally:
        stop()
        shutil.rmtree(data, ignore_errors=True)
