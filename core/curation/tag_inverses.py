"""The ways back: how changes to tags are undone. Each change made becomes an event itself."""

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer
from core.curation.scope import among
from core.curation.since import present_name, tagged_since
from core.curation.tables import ImageTag, Tag
from core.curation.tags import (
    attach,
    detach,
    drop_tag,
    existing_tag,
    find_tag,
    give_name,
    images_without,
    restore_tag,
    tag_details,
)
from core.errors import UserError
from core.history import Change, inverse_of, unpack_ids
from core.history.tables import Event


def _is_used(session: Session, tag: Tag) -> bool:
    return session.exec(select(ImageTag).where(ImageTag.tag_id == tag.id)).first() is not None


def _tag_now(session: Session, event: Event) -> Tag:
    """The event's tag, whatever it is called now."""
    name = present_name(session, event, event.details["tag"])
    return existing_tag(session, event.project_id, name)


def _apart(image_ids: np.ndarray, since: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those that may be changed, and those whose tag somebody decided on since."""
    decided = np.isin(image_ids, since)
    return image_ids[~decided], image_ids[decided]


def _refusal(tag: Tag, left: int) -> UserError:
    if left:
        return UserError("curation.tagged_since", tag=tag.name, n=f"{left:,}")
    return UserError("curation.nothing_to_undo")


@inverse_of("tag.created")
def _uncreate(session: Session, _viewer: Viewer, event: Event) -> Change:
    tag = existing_tag(session, event.project_id, event.details["tag"])
    if _is_used(session, tag):
        raise UserError("curation.tag_in_use", tag=tag.name)
    return Change("tag.deleted", drop_tag(session, tag), [])


@inverse_of("tag.added")
def _unadd(session: Session, viewer: Viewer, event: Event) -> Change:
    tag = _tag_now(session, event)
    since = tagged_since(session, event, event.details["tag"], tag.name)
    wanted, kept = _apart(unpack_ids(event.image_ids), since)
    changed = detach(session, viewer, tag, wanted, binned=True)
    having = sa.and_(col(ImageTag.tag_id) == tag.id, among(ImageTag.image_id, kept))
    left = session.execute(sa.select(sa.func.count()).where(having)).scalar_one()
    deleted = bool(event.details.get("created")) and not _is_used(session, tag)
    if not len(changed) and not deleted:
        raise _refusal(tag, left)
    details = {**(drop_tag(session, tag) if deleted else tag_details(tag)), "deleted": deleted}
    return Change("tag.removed", details, changed, left=left)


@inverse_of("tag.removed")
def _unremove(session: Session, viewer: Viewer, event: Event) -> Change:
    if event.details.get("deleted"):
        return _readd(session, viewer, event)
    tag = _tag_now(session, event)
    since = tagged_since(session, event, event.details["tag"], tag.name)
    image_ids = unpack_ids(event.image_ids)
    lacking = images_without(session, viewer, event.project_id, tag, image_ids, binned=True)
    changed, kept = _apart(lacking, since)
    if not len(changed):
        raise _refusal(tag, len(kept))
    attach(session, tag, changed)
    details = {**tag_details(tag), "created": False}
    return Change("tag.added", details, changed, left=len(kept))


@inverse_of("tag.deleted")
def _readd(session: Session, viewer: Viewer, event: Event) -> Change:
    """Make a tag again with its colour and its images."""
    name = event.details["tag"]
    if find_tag(session, event.project_id, name) is not None:
        raise UserError("curation.tag_exists", tag=name)
    tag = restore_tag(session, event.project_id, event.details)
    image_ids = unpack_ids(event.image_ids)
    changed = images_without(session, viewer, event.project_id, tag, image_ids, binned=True)
    if not len(changed):
        return Change("tag.created", tag_details(tag), None)
    attach(session, tag, changed)
    return Change("tag.added", {**tag_details(tag), "created": True}, changed)


@inverse_of("tag.renamed")
def _unrename(session: Session, _viewer: Viewer, event: Event) -> Change:
    old, new = event.details["old"], event.details["new"]
    named = sa.and_(col(Tag.project_id) == event.project_id, col(Tag.name) == new)
    tag = session.exec(select(Tag).where(named)).first()
    if tag is None:
        raise UserError("curation.renamed_since", tag=new)
    give_name(session, tag, old)
    return Change("tag.renamed", {"old": new, "new": old}, None)
