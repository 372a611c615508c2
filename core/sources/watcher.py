"""Watched sources: looked at again and again, new files taken when they are complete.

Folders are read, not waited on: what other machines write to a network drive sends no event. All
that must survive is in the database, so a worker that starts again goes on where the last one was.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer
from core.accounts.tables import User
from core.database import now, reading, writing
from core.errors import UserError
from core.ingest.batches import batch_job
from core.ingest.tables import Batch
from core.jobs.store import ACTIVE
from core.jobs.tables import Job, JobState
from core.media.places import Place
from core.projects.tables import Project
from core.scores.run import begin_if_enough
from core.settings import settings
from core.sources.entries import anything_left
from core.sources.listing import Found, Listed, list_source
from core.sources.register import take_up
from core.sources.tables import Source, SourceFile, WatchState
from core.sources.verbs import SETTLED, read

log = logging.getLogger(__name__)

_HELD = timedelta(seconds=120)  # without a sign of life until another worker may take over
_SHARE = 10  # of its time at most one part is spent on looking
_TRY_AGAIN = timedelta(seconds=60)  # after a batch could not be read
_QUIET = timedelta(seconds=60)  # after the last file until the images are scored


@dataclass
class _State:
    """What one worker remembers of a source between two looks.

    Attributes:
        seen: digests of path and version of every file that was taken up.
        waiting: files that may be half-written: version, and since when it is the same.
        due: when to look again, by the watcher's clock.
        scored: whether the images were scored since the last one came.
    """

    seen: set[int]
    waiting: dict[str, tuple[str, float]] = field(default_factory=dict)
    due: float = 0.0
    scored: bool = False


class Watcher:
    """Looks at every watched source in turn.

    Args:
        clock: gives seconds that only ever rise.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._states: dict[int, _State] = {}

    def look(self) -> None:
        """Look once at all sources whose time has come, and see to their batches."""
        watched = _watched()
        for source, viewer in watched:
            assert source.id is not None
            state = self._states.get(source.id)
            if state is None:
                state = self._states[source.id] = _State(_seen(source))
            if self._clock() >= state.due and source.watch == WatchState.ACTIVE and _hold(source):
                began = self._clock()
                self._look_at(source, viewer, state)
                took = self._clock() - began
                state.due = self._clock() + max(settings().watch_seconds, took * _SHARE)
            _see_to_batches(source, viewer)
        gone = set(self._states) - {source.id for source, _ in watched}
        for source_id in gone:
            del self._states[source_id]

    def _look_at(self, source: Source, viewer: Viewer, state: _State) -> None:
        error: UserError | None = None
        arrived = False
        try:
            if not _is_listed_by_a_job(source):
                arrived = self._take(source, viewer, state)
        except UserError as failed:
            error = failed
        except Exception as failed:
            log.exception("looking at source %s failed", source.id)
            error = UserError("jobs.crashed", message=f"{type(failed).__name__}: {failed}")
        found: dict[str, object] = {"looked_at": now(), "held_until": None}
        found["error"] = error.key if error else None
        found["error_params"] = error.params if error else {}
        if arrived:
            found["arrived_at"], state.scored = now(), False
        _set(source, found)
        if not state.scored and not arrived and _is_quiet(source):
            state.scored = True
            begin_if_enough(viewer, source.project_id)

    def _take(self, source: Source, viewer: Viewer, state: _State) -> bool:
        """Take up what is new and complete; whether there was anything."""
        new = list(self._complete(source, state))
        if not new:
            return False
        batch = _open_batch(source)
        take_up(source, batch, new, lambda _done: _set(source, _held()), again=False)
        state.seen.update(_digest(each.path, _version(each)) for each in new)
        read(viewer, batch)
        return True

    def _complete(self, source: Source, state: _State) -> Iterator[Listed]:
        """Files that were not taken up and have stayed the same for a while."""
        waiting: dict[str, tuple[str, float]] = {}
        moment = self._clock()
        for each in list_source(Place(source.url), source.recursive):
            version = _version(each)
            if _digest(each.path, version) in state.seen:
                continue
            if not isinstance(each, Found) or each.changed_at is None:
                yield each
                continue
            before, since = state.waiting.get(each.path, ("", moment))
            if before == version and moment - since >= SETTLED:
                yield each
            else:
                waiting[each.path] = (version, since if before == version else moment)
        state.waiting = waiting


def watch(stop: threading.Event) -> None:
    """Look at all watched sources again and again until `stop` is set."""
    watcher = Watcher()
    while not stop.is_set():
        try:
            watcher.look()
        except Exception:
            # A database that does not answer now will answer later.
            log.exception("watching failed")
        stop.wait(min(settings().watch_seconds, 1.0))


def _version(listed: Listed) -> str:
    return listed.version if isinstance(listed, Found) else ""


def _digest(path: str, version: str) -> int:
    # A million files are to fit into some tens of megabytes.
    data = f"{path}\n{version}".encode()
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def _seen(source: Source) -> set[int]:
    query = select(SourceFile.path, SourceFile.version).where(SourceFile.source_id == source.id)
    with reading() as session:
        return {_digest(path, version) for path, version in session.exec(query)}


def _watched() -> list[tuple[Source, Viewer]]:
    """Sources that were ever watched, of projects that are there, each with who began it."""
    query = (
        select(Source, User)
        .join(User, col(User.id) == col(Source.created_by))
        .join(Project, col(Project.id) == col(Source.project_id))
        .where(Source.watch != WatchState.NONE, col(Project.deleted_at).is_(None))
    )
    with reading() as session:
        return [(source, Viewer(user.id or 0, user.name)) for source, user in session.exec(query)]


def _held() -> dict[str, object]:
    return {"held_until": now() + _HELD}


def _hold(source: Source) -> bool:
    """Take a source for this worker; False while another one has it."""
    free = sa.or_(col(Source.held_until).is_(None), col(Source.held_until) < now())
    mine = sa.and_(col(Source.id) == source.id, col(Source.watch) == WatchState.ACTIVE, free)
    with writing() as session:
        taken = session.execute(sa.update(Source).where(mine).values(_held()))
        return bool(taken.rowcount)  # type: ignore[attr-defined]


def _set(source: Source, values: dict[str, object]) -> None:
    with writing() as session:
        session.execute(sa.update(Source).where(col(Source.id) == source.id).values(values))


def _is_listed_by_a_job(source: Source) -> bool:
    """Whether the first listing, which shows its progress, is not finished yet."""
    query = select(Batch).where(Batch.source_id == source.id, col(Batch.finished_at).is_(None))
    with reading() as session:
        jobs = [batch_job(session, batch, ("source",)) for batch in session.exec(query)]
    return any(job is not None and job.state in ACTIVE for job in jobs)


def _open_batch(source: Source) -> Batch:
    """The batch that takes what comes now."""
    with writing() as session:
        batch = _current(session, source)
        if batch is None:
            moment = now().astimezone()
            when = f"{moment:%Y-%m-%d %H:%M}" if source.quiet_minutes else f"{moment:%Y-%m-%d}"
            batch = Batch(
                project_id=source.project_id,
                name=f"{Place(source.url).name} {when}",
                source_id=source.id,
                open=True,
                created_by=source.created_by,
            )
            session.add(batch)
            session.flush()
        return batch


def _current(session: Session, source: Source) -> Batch | None:
    """The open batch of a source, closed first where its time is over."""
    query = select(Batch).where(Batch.source_id == source.id, Batch.open)
    batch = session.exec(query.order_by(col(Batch.id).desc())).first()
    if batch is not None and _is_over(source, batch):
        batch.open = False
        session.add(batch)
        return None
    return batch


def _is_over(source: Source, batch: Batch) -> bool:
    if source.quiet_minutes:
        last = max(batch.created_at, source.arrived_at or batch.created_at)
        return now() - last > timedelta(minutes=source.quiet_minutes)
    return _day(batch.created_at) != _day(now())


def _day(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d}"


def _is_quiet(source: Source) -> bool:
    return source.arrived_at is not None and now() - source.arrived_at > _QUIET


def _see_to_batches(source: Source, viewer: Viewer) -> None:
    """Close batches whose time is over, and have read and finished what waits for it."""
    with writing() as session:
        if source.watch == WatchState.ACTIVE:
            _current(session, source)
        query = select(Batch).where(Batch.source_id == source.id, col(Batch.finished_at).is_(None))
        waiting = [batch for batch in session.exec(query) if _is_to_be_read(session, batch)]
    for batch in waiting:
        read(viewer, batch)


def _is_to_be_read(session: Session, batch: Batch) -> bool:
    listing = batch_job(session, batch, ("source",))
    if listing is not None and listing.state != JobState.DONE:
        return False
    return (not batch.open or anything_left(session, batch)) and _may_be_read(
        batch_job(session, batch, ("ingest",))
    )


def _may_be_read(job: Job | None) -> bool:
    """Whether a batch's job may start again: a person's cancelling counts, a failure passes."""
    if job is None or job.state == JobState.DONE:
        return True
    ended = job.finished_at
    return job.state == JobState.FAILED and ended is not None and now() - ended > _TRY_AGAIN
