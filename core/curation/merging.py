"""Two tags made one, and a tag's colour; with the ways back."""

import base64
import re
from typing import Any

import numpy as np
from sqlmodel import Session, col, select

from core.accounts.access import Viewer
from core.curation.scope import visible_project
from core.curation.tables import ImageTag, Tag
from core.curation.tags import (
    attach,
    detach,
    drop_tag,
    existing_tag,
    find_tag,
    images_without,
    restore_tag,
    tag_details,
)
from core.database import writing
from core.errors import UserError
from core.history import Change, inverse_of, pack_ids, record, unpack_ids
from core.history.tables import Event

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def merge_tags(viewer: Viewer, project_id: int, name: str, into: str) -> Event:
    """Give the images of one tag another tag instead, and take the first one away.

    Raises NotFound for an unknown tag, UserError when both are the same.
    """
    with writing() as session:
        visible_project(session, viewer, project_id)
        change = _merge(session, viewer, project_id, name, into)
        return record(session, viewer, project_id, change.kind, change.details, change.image_ids)


def colour_tag(viewer: Viewer, project_id: int, name: str, colour: str) -> Event | None:
    """Give a tag another colour, `#rrggbb`; None when it has it already.

    Raises NotFound for an unknown tag, UserError for what is no colour.
    """
    if not _COLOUR.fullmatch(colour):
        raise UserError("curation.colour", colour=colour)
    with writing() as session:
        visible_project(session, viewer, project_id)
        tag = existing_tag(session, project_id, name)
        if tag.colour.lower() == colour.lower():
            return None
        change = _colour(session, tag, colour)
        return record(session, viewer, project_id, change.kind, change.details)


def _colour(session: Session, tag: Tag, colour: str) -> Change:
    details = {"tag": tag.name, "old": tag.colour, "new": colour}
    tag.colour = colour
    session.add(tag)
    return Change("tag.coloured", details, None)


def _merge(session: Session, viewer: Viewer, project_id: int, name: str, into: str) -> Change:
    tag = existing_tag(session, project_id, name)
    target = existing_tag(session, project_id, into)
    if tag.id == target.id:
        raise UserError("curation.merge_same", tag=tag.name)
    query = select(ImageTag.image_id).where(col(ImageTag.tag_id) == tag.id)
    had = np.fromiter(session.exec(query), dtype=np.int64)
    gained = images_without(session, viewer, project_id, target, had, binned=True)
    attach(session, target, gained)
    details: dict[str, Any] = {
        **drop_tag(session, tag),
        "into": target.name,
        # Images that had both keep the second tag when this is undone.
        "gained": base64.b64encode(pack_ids(gained)).decode(),
    }
    return Change("tag.merged", details, had)


@inverse_of("tag.merged")
def _split(session: Session, viewer: Viewer, event: Event) -> Change:
    name, project_id = event.details["tag"], event.project_id
    if find_tag(session, project_id, name) is not None:
        raise UserError("curation.tag_exists", tag=name)
    target = existing_tag(session, project_id, event.details["into"])
    tag = restore_tag(session, project_id, event.details)
    had = unpack_ids(event.image_ids)
    had = images_without(session, viewer, project_id, tag, had, binned=True)
    attach(session, tag, had)
    gained = unpack_ids(base64.b64decode(event.details["gained"]))
    detach(session, viewer, target, gained, binned=True)
    return Change("tag.split", {**tag_details(tag), "into": target.name}, had)


@inverse_of("tag.split")
def _merge_again(session: Session, viewer: Viewer, event: Event) -> Change:
    details = event.details
    return _merge(session, viewer, event.project_id, details["tag"], details["into"])


@inverse_of("tag.coloured")
def _uncolour(session: Session, _viewer: Viewer, event: Event) -> Change:
    tag = existing_tag(session, event.project_id, event.details["tag"])
    if tag.colour != event.details["new"]:
        raise UserError("curation.coloured_since", tag=tag.name)
    return _colour(session, tag, event.details["old"])
