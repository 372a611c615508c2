"""DATAG from the command line, without a browser: take a folder, an archive or a bucket in."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from core import database
from core.accounts.access import Viewer, local_viewer
from core.database import reading
from core.errors import NotFound, UserError
from core.i18n import t, use_language
from core.ingest.batches import BatchReport, batch_job, batch_reports, refused_files
from core.ingest.report import refused_csv
from core.ingest.tables import Batch
from core.jobs import queue
from core.jobs.store import ACTIVE
from core.jobs.tables import Job, JobState
from core.media.places import Place, parse_place
from core.projects.store import create_project, list_projects
from core.projects.tables import Project
from core.settings import settings
from core.sources.verbs import begin_source, end_watching, watched_sources
from core.supervisor import start_worker
from models.catalogue import CATALOGUE, DEFAULT_MODEL

_LOOK_EVERY = 0.5  # seconds
_LAST_WORD = 15.0  # seconds that a worker has to stop what was interrupted


class Exit(IntEnum):
    """What the process says at its end; argparse itself ends with 2 for a wrong command."""

    DONE = 0
    FAILED = 1
    #: Everything was gone through, and some files were refused.
    SOME_REFUSED = 3
    INTERRUPTED = 130


def main(arguments: list[str]) -> int:
    """Run a command; what the process is to end with, see `Exit`."""
    use_language(settings().language)
    given = _parser().parse_args(arguments)
    database.upgrade()
    queue.prepare()
    try:
        result: Exit = given.run(given)
        return result
    except UserError as error:
        print(error, file=sys.stderr)
        return Exit.FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m datag", description=t("cli.description"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    ingest = commands.add_parser("ingest", help=t("cli.ingest"), description=t("cli.ingest_long"))
    ingest.set_defaults(run=_ingest)
    _add_place(ingest)
    model = ingest.add_argument("--model", default=DEFAULT_MODEL, help=t("cli.model"))
    model.choices = list(CATALOGUE)
    ingest.add_argument("--in-place", action="store_true", help=t("cli.in_place"))
    ingest.add_argument("--no-subfolders", action="store_true", help=t("cli.no_subfolders"))
    ingest.add_argument("--watch", action="store_true", help=t("cli.watch"))
    ingest.add_argument(
        "--quiet-minutes", type=int, default=0, metavar="N", help=t("cli.quiet_minutes")
    )
    ingest.add_argument("--refused", type=Path, metavar="FILE", help=t("cli.refused"))
    unwatch = commands.add_parser("unwatch", help=t("cli.unwatch"))
    unwatch.set_defaults(run=_unwatch)
    _add_place(unwatch)
    return parser


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", help=t("cli.path"))
    parser.add_argument("--project", required=True, help=t("cli.project"))


def _place(path: str) -> Place:
    """A place as it is written on a command line: paths start from the folder one is in."""
    return parse_place(path if "://" in path else str(Path.cwd() / Path(path).expanduser()))


def _ingest(given: argparse.Namespace) -> Exit:
    """Take a place in; a worker is started for it where none is running."""
    viewer = local_viewer()
    place = _place(given.path)
    if not place.is_s3 and not place.path.exists():
        raise UserError("ingest.no_folder", path=str(place))
    project = _project(viewer, given.project) or create_project(viewer, given.project, given.model)
    batch, job = begin_source(
        viewer,
        project.id or 0,
        place.url,
        in_place=given.in_place,
        recursive=not given.no_subfolders,
        watch=given.watch,
        quiet_minutes=given.quiet_minutes,
    )
    with _worker() as own, _interruptible():
        try:
            ended = _follow(batch, job)
            if given.watch and own and ended.state == JobState.DONE:
                _stay(viewer, batch)
        except KeyboardInterrupt:
            _stop(viewer, batch, given.watch)
            return Exit.INTERRUPTED
    if ended.state != JobState.DONE:
        print(t(ended.error or "cli.cancelled", **ended.error_params), file=sys.stderr)
        return Exit.FAILED
    return _told(viewer, batch, ended, given.refused)


def _unwatch(given: argparse.Namespace) -> Exit:
    """Stop watching a place."""
    viewer, place = local_viewer(), _place(given.path)
    project = _project(viewer, given.project)
    if project is None:
        raise NotFound("cli.no_project", name=given.project)
    with reading() as session:
        sources = watched_sources(session, viewer, project.id or 0)
    found = [source for source in sources if source.url == place.url]
    if not found:
        raise NotFound("cli.not_watched", path=str(place))
    for source in found:
        end_watching(viewer, source.id or 0)
    print(t("cli.unwatched", path=str(place)))
    return Exit.DONE


def _project(viewer: Viewer, name: str) -> Project | None:
    """The project of this name."""
    with reading() as session:
        summaries = list_projects(session, viewer)
    projects = (summary.project for summary in summaries)
    return next((project for project in projects if project.name == name.strip()), None)


@contextmanager
def _worker() -> Iterator[bool]:
    """A worker of our own while the block runs, unless one is at work on this data folder.

    Gives whether it is our own.
    """
    try:
        with FileLock(settings().data_dir / "worker.lock", timeout=0):
            pass
    except Timeout:
        yield False
        return
    # In a session of its own: an interrupt from the keyboard is ours to hand on, after which the
    # worker still has to say how far it came.
    process = start_worker(new_session=True)
    try:
        yield True
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


@contextmanager
def _interruptible() -> Iterator[None]:
    """While the block runs, SIGTERM is like an interrupt from the keyboard."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _follow(batch: Batch, job: Job) -> Job:
    """Show how far a batch is, from its listing to its end; the job that ended last."""
    shown = ""
    while True:
        with reading() as session:
            current = session.get_one(Job, job.id)
            if current.kind == "source" and current.state == JobState.DONE:
                current = batch_job(session, batch, ("ingest",)) or current
        job = current
        if job.state not in ACTIVE:
            return job
        line = t(job.stage, **job.stage_params) if job.stage else ""
        if job.total:
            line = f"{line}: {job.done:,} / {job.total:,}"
        if line != shown:
            print(line, flush=True)
            shown = line
        time.sleep(_LOOK_EVERY)


def _stay(viewer: Viewer, batch: Batch) -> None:
    """Watch in the foreground until somebody interrupts, and say what comes."""
    print(t("cli.watching"), flush=True)
    shown = ""
    while True:
        with reading() as session:
            reports = [
                report
                for report in batch_reports(session, viewer, batch.project_id)
                if report.batch.source_id == batch.source_id
            ]
        line = _sum(reports[0]) if reports else ""
        if line != shown:
            print(f"{reports[0].batch.name}: {line}", flush=True)
            shown = line
        time.sleep(_LOOK_EVERY)


def _stop(viewer: Viewer, batch: Batch, watched: bool) -> None:
    """After an interrupt: a watched place stays one, anything else stops where it is."""
    if watched:
        print(t("cli.still_watched"), file=sys.stderr)
        return
    deadline = time.monotonic() + _LAST_WORD
    while time.monotonic() < deadline:
        with reading() as session:
            job = batch_job(session, batch)
        if job is None or job.state not in ACTIVE:
            break
        queue.cancel(viewer, job.id)
        time.sleep(_LOOK_EVERY / 5)
    print(t("cli.interrupted"), file=sys.stderr)


def _told(viewer: Viewer, batch: Batch, job: Job, refused_to: Path | None) -> Exit:
    """Say what became of the files, and write the list of those that were refused."""
    with reading() as session:
        reports = batch_reports(session, viewer, batch.project_id)
        report = next(each for each in reports if each.batch.id == batch.id)
        if refused_to is not None:
            refused_to.write_bytes(refused_csv(refused_files(session, viewer, batch.id or 0)))
    print(_sum(report))
    if reason := job.result.get("model_error"):
        print(t(reason["key"], **reason["params"]), file=sys.stderr)
    if report.refused and refused_to is None:
        print(t("cli.refused_hint"), file=sys.stderr)
    return Exit.SOME_REFUSED if report.refused else Exit.DONE


def _sum(report: BatchReport) -> str:
    there = report.duplicates + report.binned
    return t("cli.done", accepted=report.accepted, duplicates=there, refused=report.refused)
