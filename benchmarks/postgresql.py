"""A PostgreSQL of one's own for a test or a benchmark: started in a folder, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NOBODY = 65534  # PostgreSQL refuses to run as root


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; None where none is installed."""
    found = shutil.which("initdb")
    installed = [Path(found).resolve()] if found else []
    installed += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return next((path.parent for path in installed if path.exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """Run a server on a folder of its own; gives SQLAlchemy's URL of an empty database.

    Raises RuntimeError where PostgreSQL is not installed.
    """
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
    run(str(where / "pg_ctl"), "-D", str(data / "db"), "-o", options, "-l", log, "-w", "start")
    try:
        yield f"postgresql+psycopg://datag@127.0.0.1:{port}/postgres"
    finally:
        run(str(where / "pg_ctl"), "-D", str(data / "db"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(data, ignore_errors=True)
