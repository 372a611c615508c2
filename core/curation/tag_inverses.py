"""The ways back: how changes to tags are undone. Each change made becomes an event itself."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer
from core.curation.tables import ImageTag, Tag
from core.curation.tags import (
    attach,
    detach,
    existing_tag,
    find_tag,
    give_name,
    images_without,
    insert_tag,
    tag_details,
)
from core.errors import UserError
from core.history import Change, inverse_of, unpack_ids
from core.history.tables import Event


def _is_used(session: Session, tag: Tag) -> bool:
    return session.exec(select(ImageTag).where(ImageTag.tag_id == tag.id)).first() is not None


@inverse_of("tag.created")
def _uncreate(session: Session, _viewer: Viewer, event: Event) -> Change:
    tag = existing_tag(session, event.project_id, event.details["tag"])
    if _is_used(session, tag):
        raise UserError("curation.tag_in_use", tag=tag.name)
    details = tag_details(tag)
    session.delete(tag)
    return Change("tag.deleted", details, [])


@inverse_of("tag.added")
def _unadd(session: Session, viewer: Viewer, event: Event) -> Change:
    tag = existing_tag(session, event.project_id, event.details["tag"])
    changed = detach(session, viewer, tag, unpack_ids(event.image_ids), binned=True)
    deleted = bool(event.details.get("created")) and not _is_used(session, tag)
    if not len(changed) and not deleted:
        raise UserError("curation.nothing_to_undo")
    details = {**tag_details(tag), "deleted": deleted}
    if deleted:
        session.delete(tag)
    return Change("tag.removed", details, changed)


@inverse_of("tag.removed")
def _unremove(session: Session, viewer: Viewer, event: Event) -> Change:
    name, was_deleted = event.details["tag"], bool(event.details.get("deleted"))
    if was_deleted:
        return _readd(session, viewer, event)
    tag = existing_tag(session, event.project_id, name)
    image_ids = unpack_ids(event.image_ids)
    changed = images_without(session, viewer, event.project_id, tag, image_ids, binned=True)
    if not len(changed):
        raise UserError("curation.nothing_to_undo")
    attach(session, tag, changed)
    return Change("tag.added", {**tag_details(tag), "created": False}, changed)


@inverse_of("tag.deleted")
def _readd(session: Session, viewer: Viewer, event: Event) -> Change:
    """Make a tag again with its colour and its images."""
    name = event.details["tag"]
    if find_tag(session, event.project_id, name) is not None:
        raise UserError("curation.tag_exists", tag=name)
    tag = insert_tag(session, event.project_id, name, event.details["colour"])
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
