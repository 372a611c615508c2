"""DATAG from the command line: `python -m core.cli ingest PATH --project NAME`."""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core import database
from core.accounts.access import Viewer, local_viewer
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.ingest.batches import begin_batch
from core.ingest.folders import upload_folder
from core.jobs import queue
from core.jobs.store import ACTIVE
from core.jobs.tables import Job, JobState
from core.projects.store import create_project, list_projects
from core.projects.tables import Project
from core.settings import ROOT, settings
from models.catalogue import CATALOGUE, DEFAULT_MODEL

_LOOK_EVERY = 0.5  # seconds


def main(arguments: list[str]) -> int:
    """Run a command; 0 when it succeeded."""
    parser = argparse.ArgumentParser(prog="python -m core.cli", description=__doc__)
    commands = parser.add_subparsers(required=True)
    ingest = commands.add_parser("ingest", help=t("ingest.cli.help"))
    ingest.add_argument("path", type=Path, help=t("ingest.cli.path"))
    ingest.add_argument("--project", required=True, help=t("ingest.cli.project"))
    ingest.add_argument(
        "--model", choices=CATALOGUE, default=DEFAULT_MODEL, help=t("ingest.cli.model")
    )
    given = parser.parse_args(arguments)
    try:
        return _ingest(given.path, given.project, given.model)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1


def _ingest(path: Path, project_name: str, model_key: str) -> int:
    """Take a folder or file in; a worker is started for it where none is running."""
    database.upgrade()
    queue.prepare()
    viewer = local_viewer()
    if not path.exists():
        raise UserError("ingest.no_folder", path=str(path.absolute()))
    project = _project(viewer, project_name, model_key)
    _batch, job = begin_batch(viewer, upload_folder(viewer, project.id or 0, path))
    with _worker():
        ended = _watch(job.id)
    if ended.state == JobState.DONE:
        print(t("ingest.cli.done", **ended.result))
        return 0
    print(t(ended.error or "ingest.cli.cancelled", **ended.error_params), file=sys.stderr)
    return 1


def _project(viewer: Viewer, name: str, model_key: str) -> Project:
    """The project of this name, made where there is none."""
    with reading() as session:
        for summary in list_projects(session, viewer):
            if summary.project.name == name.strip():
                return summary.project
    return create_project(viewer, name, model_key)


@contextmanager
def _worker() -> Iterator[None]:
    """A worker of our own while the block runs, unless one is at work on this data folder."""
    try:
        with FileLock(settings().data_dir / "worker.lock", timeout=0):
            pass
    except Timeout:
        yield
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "core.worker"], cwd=ROOT, stdin=subprocess.PIPE
    )
    try:
        yield
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


def _watch(job_id: str) -> Job:
    """Wait for a job's end and show how far it is."""
    shown = ""
    while True:
        with reading() as session:
            job = session.get_one(Job, job_id)
        if job.state not in ACTIVE:
            return job
        line = t(job.stage, **job.stage_params) if job.stage else ""
        if job.total:
            line = f"{line}: {job.done:,} / {job.total:,}"
        if line != shown:
            print(line, flush=True)
            shown = line
        time.sleep(_LOOK_EVERY)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
