"""Emptying the bin: rows, originals and thumbnails go for good. There is no way back."""

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer
from core.bin.verbs import in_bin
from core.curation.scope import Ids, among, visible_project
from core.database import reading, writing
from core.errors import UserError
from core.history import record, unpack_ids
from core.history.tables import Event
from core.jobs import queue
from core.jobs.context import JobContext
from core.jobs.store import add_job
from core.jobs.tables import Job
from core.media import store, thumbnail_store, thumbnails
from core.media.images import note_removed
from core.media.tables import Image
from core.media.turns import removing

_CHUNK = 200  # images whose rows and files go in one transaction


def begin_emptying(viewer: Viewer, project_id: int, image_ids: Ids | None = None) -> Job:
    """Start removing images of the bin for good.

    Args:
        image_ids: those that are meant; None: all that are in the bin now.

    Raises:
        UserError: none of them is in the bin.
    """
    with writing() as session:
        visible_project(session, viewer, project_id)
        query = sa.select(col(Image.id)).where(in_bin(viewer, project_id))
        if image_ids is not None:
            query = query.where(among(Image.id, image_ids))
        meant = np.fromiter(session.execute(query).scalars(), dtype=np.int64)
        if not len(meant):
            raise UserError("bin.nothing_there")
        event = record(session, viewer, project_id, "bin.emptied", {}, meant)
        job = add_job(session, viewer, project_id, "bin", {"event_id": event.id})
    queue.enqueue(job)
    return job


def run_emptying(context: JobContext) -> None:
    """Remove the images of the event that the job names. Can start over at any moment.

    Waits until no batch is being taken in. What was restored meanwhile stays.

    Raises:
        UserError: the store cannot be written to.
        Cancelled: the job was asked to stop; the rest stays in the bin.
    """
    with reading() as session:
        meant = unpack_ids(session.get_one(Event, context.params["event_id"]).image_ids)

    def waiting() -> None:
        context.report("bin.stage.waiting")
        context.stop_if_cancelled()

    for start in range(0, len(meant), _CHUNK):
        context.stop_if_cancelled()
        try:
            with removing(waiting):
                _remove(context, meant[start : start + _CHUNK])
        except OSError as error:
            raise UserError("bin.storage_failed", detail=error.strerror or str(error)) from error
        context.report("bin.stage.removing", min(start + _CHUNK, len(meant)), len(meant))
    try:
        thumbnail_store.give_back()
    except OSError as error:
        raise UserError("bin.storage_failed", detail=error.strerror or str(error)) from error


def _remove(context: JobContext, image_ids: np.ndarray) -> None:
    with writing() as session:
        meant = sa.and_(in_bin(context.viewer, context.project_id), among(Image.id, image_ids))
        rows = session.execute(sa.select(col(Image.id), col(Image.content_hash)).where(meant)).all()
        note_removed(session, max((row[0] for row in rows), default=0))
        gone = sa.delete(Image).where(among(Image.id, [row[0] for row in rows]))
        session.execute(gone.execution_options(synchronize_session=False))
        # Within the transaction: a kill here leaves rows of the bin without files, which the next
        # attempt removes, and never files without rows, which nobody would find.
        hashes = {row[1] for row in rows}
        # An original that lies in its place is not ours: only what the store has is removed.
        for content_hash in hashes - _those_of(session, hashes, col(Image.origin).is_(None)):
            store.remove(content_hash)
        thumbnails.remove(hashes - _those_of(session, hashes, sa.true()))


def _those_of(session: Session, hashes: set[str], condition: sa.ColumnElement[bool]) -> set[str]:
    """Those of some contents that an image of any project still has."""
    mine = sa.and_(col(Image.content_hash).in_(hashes), condition)
    return set(session.execute(sa.select(col(Image.content_hash)).where(mine)).scalars())
