"""Bringing images from a folder or a bucket: beginning, listing as a job, watching or not."""

import time
from collections.abc import Iterator

from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.database import reading, writing
from core.errors import NotFound, UserError
from core.history import record
from core.ingest.batches import batch_job, load_batch
from core.ingest.tables import Batch
from core.jobs import queue
from core.jobs.context import JobContext
from core.jobs.store import ACTIVE, add_job
from core.jobs.tables import Job, JobState
from core.media.places import Place, parse_place
from core.projects.store import load_project
from core.projects.tables import Project
from core.sources.listing import Found, Listed, list_source
from core.sources.register import take_up
from core.sources.tables import Source, WatchState

#: Seconds that a file must stay the same before a watched source takes it.
SETTLED = 4.0


def begin_source(
    viewer: Viewer,
    project_id: int,
    path: str,
    *,
    in_place: bool,
    recursive: bool = True,
    watch: bool = False,
    quiet_minutes: int = 0,
) -> tuple[Batch, Job]:
    """Start taking images from a folder or a bucket; a batch of it that is not finished goes on.

    Args:
        path: `/data/line3`, `s3://bucket/prefix`; also a single file.
        in_place: originals stay where they are and are only ever read.
        recursive: with the folders below.
        watch: take what comes later, too, until somebody ends it.
        quiet_minutes: see `Source`.

    Raises:
        UserError: the path cannot be read, or may not be.
    """
    place = parse_place(path)
    next(list_source(place, recursive), None)  # says at once what is wrong with it
    with writing() as session:
        load_project(session, viewer, project_id)
        source = _source(session, viewer, project_id, place, in_place, recursive)
        if watch:
            _set_watch(session, viewer, source, WatchState.ACTIVE)
            source.quiet_minutes = max(0, quiet_minutes)
        batch, job = _unfinished(session, source)
        if batch is None:
            batch = Batch(
                project_id=project_id,
                name=place.name,
                source_id=source.id,
                open=watch,
                created_by=viewer.user_id,
            )
            session.add(batch)
            session.flush()
        if job is None:
            job = add_job(session, viewer, project_id, "source", {"batch_id": batch.id})
    if job.state in ACTIVE:
        queue.enqueue(job)
    else:
        queue.resume(viewer, job.id)
    return batch, job


def _source(
    session: Session, viewer: Viewer, project_id: int, place: Place, in_place: bool, recursive: bool
) -> Source:
    query = select(Source).where(
        Source.project_id == project_id,
        Source.url == place.url,
        Source.in_place == in_place,
        Source.recursive == recursive,
    )
    source = session.exec(query).first()
    if source is None:
        source = Source(
            project_id=project_id,
            url=place.url,
            in_place=in_place,
            recursive=recursive,
            created_by=viewer.user_id,
        )
        session.add(source)
        session.flush()
    return source


def _unfinished(session: Session, source: Source) -> tuple[Batch | None, Job | None]:
    """The batch of a source that is not finished, and its job where that can go on."""
    query = select(Batch).where(Batch.source_id == source.id, col(Batch.finished_at).is_(None))
    batch = session.exec(query.order_by(col(Batch.id).desc())).first()
    if batch is None:
        return None, None
    job = batch_job(session, batch)
    return batch, None if job is None or job.state == JobState.DONE else job


def run_listing(context: JobContext) -> None:
    """List a source into the batch that the job names, then have it read. Can start over.

    Raises:
        UserError: the source may not be read, is not there, or does not answer.
        Cancelled: the job was asked to stop; what was listed is there.
    """
    with reading() as session:
        batch = load_batch(session, context.viewer, context.params["batch_id"])
        source = session.get_one(Source, batch.source_id)
    if batch.finished_at is not None:
        return
    context.report("sources.stage.listing")

    def between(done: int) -> None:
        context.stop_if_cancelled()
        context.report("sources.stage.listed", done, None, n=f"{done:,}")

    listed = list_source(Place(source.url), source.recursive)
    if source.watch == WatchState.ACTIVE:
        listed = _settled(listed)
    take_up(source, batch, listed, between, again=True)
    read(context.viewer, batch)


def _settled(listed: Iterator[Listed]) -> Iterator[Listed]:
    """Without files that may be half-written: whoever watches takes them when they are whole."""
    for each in listed:
        changed = each.changed_at if isinstance(each, Found) else None
        if changed is None or abs(time.time() - changed) > SETTLED:
            yield each


def read(viewer: Viewer, batch: Batch) -> Job:
    """Have a batch's listed files read, if nothing does so yet."""
    with writing() as session:
        job = batch_job(session, batch, ("ingest",))
        if job is None:
            job = add_job(session, viewer, batch.project_id, "ingest", {"batch_id": batch.id})
    if job.state in ACTIVE:
        queue.enqueue(job)
    else:
        queue.repeat(viewer, job.id)
    return job


def pause_watching(viewer: Viewer, source_id: int) -> None:
    """Stop looking at a watched source until `resume_watching`."""
    _change_watch(viewer, source_id, WatchState.PAUSED)


def resume_watching(viewer: Viewer, source_id: int) -> None:
    """Look at a watched source again; what came meanwhile is taken."""
    _change_watch(viewer, source_id, WatchState.ACTIVE)


def end_watching(viewer: Viewer, source_id: int) -> None:
    """Stop watching a source for good. Its images stay; its batch is closed."""
    _change_watch(viewer, source_id, WatchState.ENDED)
    with writing() as session:
        query = select(Batch).where(Batch.source_id == source_id, Batch.open)
        batches = list(session.exec(query))
        for batch in batches:
            batch.open = False
            session.add(batch)
    for batch in batches:
        read(viewer, batch)


def _change_watch(viewer: Viewer, source_id: int, state: WatchState) -> None:
    with writing() as session:
        _set_watch(session, viewer, load_source(session, viewer, source_id), state)


def _set_watch(session: Session, viewer: Viewer, source: Source, state: WatchState) -> None:
    if source.watch == state:
        return
    if source.watch == WatchState.ENDED and state != WatchState.ACTIVE:
        raise UserError("sources.watch_ended")
    source.watch, source.error, source.error_params = state, None, {}
    session.add(source)
    details = {"path": str(Place(source.url))}
    if state == WatchState.ACTIVE:
        record(session, viewer, source.project_id, "source.watched", details)
    elif state == WatchState.PAUSED:
        record(session, viewer, source.project_id, "source.paused", details)
    else:
        record(session, viewer, source.project_id, "source.ended", details)


def load_source(session: Session, viewer: Viewer, source_id: int) -> Source:
    """One source.

    Raises:
        NotFound: there is none, or `viewer` may not see its project.
    """
    query = select(Source).join(Project).where(Source.id == source_id, visible_projects(viewer))
    source = session.exec(query).first()
    if source is None:
        raise NotFound("sources.not_found", id=source_id)
    return source


def watched_sources(session: Session, viewer: Viewer, project_id: int) -> list[Source]:
    """The sources of a project that are watched or paused, the newest first."""
    query = (
        select(Source)
        .join(Project)
        .where(Source.project_id == project_id, visible_projects(viewer))
        .where(col(Source.watch).in_((WatchState.ACTIVE, WatchState.PAUSED)))
        .order_by(col(Source.id).desc())
    )
    return list(session.exec(query))
