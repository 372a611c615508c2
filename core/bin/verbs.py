"""Deleting images into the bin and restoring them, one or many, with the way back."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer, permitted_images
from core.curation.scope import Ids, among, touchable, visible_project
from core.database import now, writing
from core.errors import UserError
from core.history import Change, inverse_of, record, unpack_ids
from core.history.packing import coded, decoded, pack_parts, unpack_parts
from core.history.tables import Event
from core.media.tables import Image
from core.projects.tables import Project

#: When images went into the bin, by id.
Stamps = dict[int, datetime]


def delete_images(viewer: Viewer, project_id: int, image_ids: Ids) -> Event | None:
    """Put images into the bin, where no view, count or export sees them.

    Returns the event with exactly the images that were not in it, None when there was none. Ids of
    other projects and of images that the viewer may not see are passed over.
    """
    with writing() as session:
        visible_project(session, viewer, project_id)
        query = sa.select(col(Image.id)).where(touchable(viewer, project_id, image_ids))
        moment = now()
        stamps = dict.fromkeys(session.execute(query.with_for_update()).scalars(), moment)
        if not stamps:
            return None
        return _record(session, viewer, project_id, _delete(session, stamps))


def restore_images(viewer: Viewer, project_id: int, image_ids: Ids) -> Event | None:
    """Take images out of the bin again, with all that was said of them.

    Returns the event with exactly the images that were in it, None when there was none.
    """
    with writing() as session:
        visible_project(session, viewer, project_id)
        stamps = _stamps(session, viewer, project_id, image_ids)
        if not stamps:
            return None
        return _record(session, viewer, project_id, _restore(session, stamps))


def bin_size(session: Session, viewer: Viewer, project: Project) -> int:
    """The number of images in a project's bin."""
    query = sa.select(sa.func.count(col(Image.id))).where(in_bin(viewer, project.id))
    found: int = session.execute(query).scalar_one()
    return found


def binned_ids(session: Session, viewer: Viewer, project: Project) -> np.ndarray:
    """The images in a project's bin: int64 (N,), those that came last first."""
    query = (
        sa.select(col(Image.id))
        .where(in_bin(viewer, project.id))
        .order_by(col(Image.deleted_at).desc(), col(Image.id))
    )
    return np.fromiter(session.execute(query).scalars(), dtype=np.int64)


def last_change(session: Session, project: Project) -> int:
    """A number that changes whenever images of a project go into the bin or come back."""
    query = sa.select(sa.func.max(col(Event.id))).where(
        col(Event.project_id) == project.id,
        col(Event.kind).in_(("images.deleted", "images.restored")),
    )
    return session.execute(query).scalar() or 0


def in_bin(viewer: Viewer, project_id: int | None) -> sa.ColumnElement[bool]:
    """A condition on `Image`: those of a project's bin that the viewer may see."""
    deleted = col(Image.deleted_at).is_not(None)
    return sa.and_(col(Image.project_id) == project_id, deleted, permitted_images(viewer))


@inverse_of("images.deleted")
def _undelete(session: Session, viewer: Viewer, event: Event) -> Change:
    image_ids = unpack_ids(event.image_ids)
    present = _stamps(session, viewer, event.project_id, image_ids)
    meant = _unpacked(event)
    # Those that were restored and deleted again since are another change's.
    stamps = {id_: at for id_, at in present.items() if at == meant[id_]}
    if not stamps:
        raise UserError("curation.nothing_to_undo")
    return replace(_restore(session, stamps), left=len(present) - len(stamps))


@inverse_of("images.restored")
def _unrestore(session: Session, viewer: Viewer, event: Event) -> Change:
    image_ids = unpack_ids(event.image_ids)
    query = sa.select(col(Image.id)).where(touchable(viewer, event.project_id, image_ids))
    present = session.execute(query.with_for_update()).scalars().all()
    if not present:
        raise UserError("curation.nothing_to_undo")
    meant = _unpacked(event)
    return _delete(session, {id_: meant[id_] for id_ in present})


def _stamps(session: Session, viewer: Viewer, project_id: int, image_ids: Ids) -> Stamps:
    """Those of `image_ids` that are in the bin."""
    condition = sa.and_(in_bin(viewer, project_id), among(Image.id, image_ids))
    query = sa.select(col(Image.id), col(Image.deleted_at)).where(condition)
    return {row[0]: row[1] for row in session.execute(query.with_for_update())}


def _delete(session: Session, stamps: Stamps) -> Change:
    for moment in dict.fromkeys(stamps.values()):
        _stamp(session, [id_ for id_, at in stamps.items() if at == moment], moment)
    return Change("images.deleted", {}, list(stamps), _packed(stamps))


def _restore(session: Session, stamps: Stamps) -> Change:
    _stamp(session, list(stamps), None)
    return Change("images.restored", {}, list(stamps), _packed(stamps))


def _stamp(session: Session, image_ids: list[int], moment: datetime | None) -> None:
    statement = sa.update(Image).where(among(Image.id, image_ids)).values(deleted_at=moment)
    session.execute(statement.execution_options(synchronize_session=False))


def _record(session: Session, viewer: Viewer, project_id: int, change: Change) -> Event:
    ids, data = change.image_ids, change.undo_data
    return record(session, viewer, project_id, change.kind, change.details, ids, undo_data=data)


def _packed(stamps: Stamps) -> bytes:
    """When each image went into the bin, in the order of their ids."""
    moments, codes = coded([stamps[id_] for id_ in sorted(stamps)])
    return pack_parts(moments=[moment.isoformat() for moment in moments], codes=codes)


def _unpacked(event: Event) -> Stamps:
    parts = unpack_parts(event.undo_data or b"")
    moments = [datetime.fromisoformat(moment) for moment in parts["moments"]]
    return dict(
        zip(unpack_ids(event.image_ids).tolist(), decoded(moments, parts["codes"]), strict=True)
    )
