"""Batches as people see them: beginning one, its report, giving the rest of one up."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, permitted_images, visible_images, visible_projects
from core.accounts.tables import User
from core.database import now, writing
from core.errors import NotFound, UserError
from core.history import record
from core.i18n import t
from core.ingest.settling import forget_unread
from core.ingest.tables import Batch, BatchFile, Outcome
from core.ingest.uploads import Upload, open_upload
from core.jobs import queue
from core.jobs.store import ACTIVE, add_job
from core.jobs.tables import Job
from core.media.tables import Image, unread
from core.projects.store import load_project
from core.projects.tables import Project
from core.sources.tables import Source


@dataclass(frozen=True)
class BatchReport:
    """A batch with the number of its files by outcome."""

    batch: Batch
    user_name: str
    accepted: int
    duplicates: int
    refused: int
    #: Files that are no pictures, but whose contents images were given.
    applied: int = 0
    #: Files whose content lay in the project's bin when they came.
    binned: int = 0
    #: Images of a source that were listed, but whose files were not read yet.
    unread: int = 0
    #: Where they came from by path; None: they were uploaded.
    source: Source | None = None


@dataclass(frozen=True)
class RefusedFile:
    """A refused file and the reason in the language of this context."""

    path: str
    reason: str


def begin_batch(viewer: Viewer, upload: Upload) -> tuple[Batch, Job]:
    """Make a complete upload a batch of its project and start taking it in.

    Doing so twice gives the same batch: the answer to the first request may have been lost.
    """
    with writing() as session:
        load_project(session, viewer, upload.project_id)
        batch = session.exec(select(Batch).where(Batch.upload == upload.token)).first()
        if batch is None:
            batch = Batch(
                project_id=upload.project_id,
                name=_batch_name(upload),
                upload=upload.token,
                created_by=viewer.user_id,
            )
            session.add(batch)
            session.flush()
            job = add_job(session, viewer, upload.project_id, "ingest", {"batch_id": batch.id})
        else:
            known = batch_job(session, batch)
            assert known is not None
            job = known
    queue.enqueue(job)
    return batch, job


def _batch_name(upload: Upload) -> str:
    """The first file's or common folder's name, and how many more there are."""
    names = [file.name for file in upload.files()]
    if not names:
        return now().strftime("%Y-%m-%d %H:%M")
    folders = {name.split("/")[0] for name in names if "/" in name}
    if len(folders) == 1 and all("/" in name for name in names):
        return folders.pop()
    first = names[0].split("/")[-1]
    return first if len(names) == 1 else f"{first} + {len(names) - 1}"


def batch_job(
    session: Session, batch: Batch, kinds: Sequence[str] = ("ingest", "demo", "source")
) -> Job | None:
    """The last job of a batch: the one that lists it, or the one that reads it."""
    query = (
        select(Job)
        .where(Job.project_id == batch.project_id, col(Job.kind).in_(kinds))
        .where(col(Job.params)["batch_id"].as_integer() == batch.id)
        .order_by(col(Job.created_at).desc())
    )
    return session.exec(query).first()


def load_batch(session: Session, viewer: Viewer, batch_id: int) -> Batch:
    """One batch.

    Raises:
        NotFound: there is none, or `viewer` may not see its project.
    """
    query = select(Batch).join(Project).where(Batch.id == batch_id, visible_projects(viewer))
    batch = session.exec(query).first()
    if batch is None:
        raise NotFound("ingest.no_batch", id=batch_id)
    return batch


def batch_reports(session: Session, viewer: Viewer, project_id: int) -> list[BatchReport]:
    """The batches of a project with what became of their files, the newest first."""
    query = (
        select(Batch, User.name)
        .join(User, col(Batch.created_by) == col(User.id))
        .join(Project, col(Batch.project_id) == col(Project.id))
        .where(Batch.project_id == project_id, visible_projects(viewer))
        .order_by(col(Batch.id).desc())
    )
    batches = session.exec(query).all()
    counted = (
        select(BatchFile.batch_id, BatchFile.outcome, sa.func.count(col(BatchFile.id)))
        .where(col(BatchFile.batch_id).in_([batch.id for batch, _ in batches]))
        .group_by(col(BatchFile.batch_id), col(BatchFile.outcome))
    )
    counts: Counter[tuple[int | None, str]] = Counter()
    for batch_id, outcome, n in session.exec(counted):
        counts[batch_id, outcome] = n
    listed = (
        select(Image.batch_id, sa.func.count(col(Image.id)))
        .where(Image.project_id == project_id, unread(), visible_images(viewer))
        .group_by(col(Image.batch_id))
    )
    waiting = dict(session.exec(listed).all())
    of_project = session.exec(select(Source).where(Source.project_id == project_id))
    sources = {source.id: source for source in of_project}
    return [
        BatchReport(
            batch,
            user_name,
            counts[batch.id, Outcome.ACCEPTED],
            counts[batch.id, Outcome.DUPLICATE],
            counts[batch.id, Outcome.REFUSED],
            counts[batch.id, Outcome.APPLIED],
            counts[batch.id, Outcome.BINNED],
            waiting.get(batch.id or 0, 0),
            sources.get(batch.source_id),
        )
        for batch, user_name in batches
    ]


def refused_files(
    session: Session, viewer: Viewer, batch_id: int, limit: int | None = None
) -> list[RefusedFile]:
    """The refused files of a batch with their reasons, in the order of their names."""
    load_batch(session, viewer, batch_id)
    query = (
        select(BatchFile)
        .where(BatchFile.batch_id == batch_id, BatchFile.outcome == Outcome.REFUSED)
        .order_by(BatchFile.path)
        .limit(limit)
    )
    return [
        RefusedFile(file.path, t(file.reason or "", **file.reason_params))
        for file in session.exec(query)
    ]


def still_binned(session: Session, viewer: Viewer, batch_id: int) -> list[int]:
    """The images of the bin whose content a batch brought again, as far as they are still there."""
    batch = load_batch(session, viewer, batch_id)
    query = (
        select(Image.id)
        .join(BatchFile, col(BatchFile.image_id) == col(Image.id))
        .where(BatchFile.batch_id == batch_id, BatchFile.outcome == Outcome.BINNED)
        .where(Image.project_id == batch.project_id, col(Image.deleted_at).is_not(None))
        .where(permitted_images(viewer))
        .distinct()
    )
    return [image_id for image_id in session.exec(query) if image_id is not None]


def discard_rest(viewer: Viewer, batch_id: int) -> datetime:
    """Give up what is left of a cancelled batch: its uploaded files go, its images stay.

    What a source has listed and nobody has read leaves the project; the files themselves stay.

    Raises:
        UserError: the batch is being taken in or is finished.
    """
    with writing() as session:
        batch = load_batch(session, viewer, batch_id)
        job = batch_job(session, batch)
        if batch.finished_at is not None or job is None or job.state in ACTIVE:
            raise UserError("ingest.not_discardable")
        forget_unread(session, batch_id)
        batch.open = False
        batch.finished_at = now()
        session.add(batch)
        record(session, viewer, batch.project_id, "batch.discarded", {"name": batch.name})
    if batch.upload is not None:
        with suppress(NotFound):
            open_upload(batch.upload).remove()
    return batch.finished_at
