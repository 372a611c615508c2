"""Favourite tags: up to nine of a project that a person gives and takes by a key, 1 to 9."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.curation.scope import Ids, visible_project
from core.curation.since import present_name
from core.curation.tables import FavouriteTag, Tag
from core.curation.tags import (
    attach,
    detach,
    existing_tag,
    find_tag,
    images_without,
    tag_details,
)
from core.database import writing
from core.errors import NotFound, UserError
from core.history import Change, inverse_of, record
from core.history.tables import Event
from core.projects.tables import Project

#: The keys that a favourite may have.
NUMBERS = range(1, 10)


def favourites(session: Session, viewer: Viewer, project: Project) -> dict[int, Tag]:
    """The viewer's favourite tags of a project by their key, in ascending order."""
    query = (
        sa.select(col(FavouriteTag.number), Tag)
        .join(Tag, col(Tag.id) == col(FavouriteTag.tag_id))
        .join(Project, col(Project.id) == col(Tag.project_id))
        .where(
            col(FavouriteTag.user_id) == viewer.user_id,
            col(FavouriteTag.project_id) == project.id,
            visible_projects(viewer),
        )
        .order_by(col(FavouriteTag.number))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def set_favourite(viewer: Viewer, project_id: int, name: str, number: int | None) -> Event | None:
    """Give a tag a key, which it takes from the tag that had it; None takes its key away.

    Returns None when nothing changed. A person's own choice, which only that person takes back.
    Raises NotFound for an unknown tag, UserError for a number that is no key.
    """
    if number is not None and number not in NUMBERS:
        raise UserError("curation.favourite_number", n=number)
    with writing() as session:
        visible_project(session, viewer, project_id)
        tag = existing_tag(session, project_id, name)
        present = _own(session, viewer, project_id)
        wanted = {n: each for n, each in present.items() if each.id != tag.id}
        if number is not None:
            wanted[number] = tag
        change = _write(session, viewer, project_id, present, wanted)
        if not change.details["after"]:
            return None
        return record(session, viewer, project_id, change.kind, change.details)


@inverse_of("favourite.set")
def _unset(session: Session, viewer: Viewer, event: Event) -> Change:
    if event.user_id != viewer.user_id:
        raise UserError("curation.favourite_of_another")
    present = _own(session, viewer, event.project_id)

    def tag(name: str | None) -> Tag | None:
        if name is None:
            return None
        return find_tag(session, event.project_id, present_name(session, event, name))

    wanted = dict(present)
    for key, name in event.details["after"].items():
        # Of a tag that is gone the key is free.
        found = tag(name)
        now = present.get(int(key))
        if (found and found.id) != (now and now.id):
            raise UserError("curation.favourite_changed", n=key)
        wanted.pop(int(key), None)
    for key, name in event.details["before"].items():
        found = tag(name)
        if found is None:
            continue
        elsewhere = next((n for n, each in wanted.items() if each.id == found.id), None)
        if elsewhere is not None:
            raise UserError("curation.favourite_changed", n=elsewhere)
        wanted[int(key)] = found
    return _write(session, viewer, event.project_id, present, wanted)


def _own(session: Session, viewer: Viewer, project_id: int) -> dict[int, Tag]:
    """The tags by this person's keys."""
    query = (
        sa.select(col(FavouriteTag.number), Tag)
        .join(Tag, col(Tag.id) == col(FavouriteTag.tag_id))
        .where(
            col(FavouriteTag.user_id) == viewer.user_id, col(FavouriteTag.project_id) == project_id
        )
        .order_by(col(FavouriteTag.number))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _write(
    session: Session,
    viewer: Viewer,
    project_id: int,
    present: Mapping[int, Tag],
    wanted: Mapping[int, Tag],
) -> Change:
    """Make these a person's keys; the change tells of those that are other ones now."""
    before = {n: tag.name for n, tag in present.items()}
    after = {n: tag.name for n, tag in wanted.items()}
    changed = [n for n in NUMBERS if before.get(n) != after.get(n)]
    own = sa.and_(
        col(FavouriteTag.user_id) == viewer.user_id, col(FavouriteTag.project_id) == project_id
    )
    session.execute(sa.delete(FavouriteTag).where(own, col(FavouriteTag.number).in_(changed)))
    session.add_all(
        FavouriteTag(
            user_id=viewer.user_id, project_id=project_id, number=n, tag_id=wanted[n].id or 0
        )
        for n in changed
        if n in wanted
    )
    session.flush()
    details = {
        "before": {str(n): before.get(n) for n in changed},
        "after": {str(n): after.get(n) for n in changed},
        "keys": ", ".join(f"{n} {after.get(n, '–')}" for n in changed),
    }
    return Change("favourite.set", details, None)


def toggle_favourite(
    viewer: Viewer, project_id: int, number: int, image_ids: Ids
) -> tuple[str, Event | None]:
    """Give images the favourite tag of a key; where all of them have it, take it from them.

    Returns:
        The tag's name, and the event: `tag.added` with exactly the images that lacked the tag, or
        `tag.removed` with all; None when the viewer may touch none of them.

    Raises:
        NotFound: the key has no tag (`curation.no_favourite`).
    """
    with writing() as session:
        visible_project(session, viewer, project_id)
        tag = session.exec(
            select(Tag)
            .join(FavouriteTag, col(FavouriteTag.tag_id) == col(Tag.id))
            .where(
                FavouriteTag.user_id == viewer.user_id,
                FavouriteTag.project_id == project_id,
                FavouriteTag.number == number,
            )
        ).first()
        if tag is None:
            raise NotFound("curation.no_favourite", n=number)
        lacking = images_without(session, viewer, project_id, tag, image_ids)
        if len(lacking):
            attach(session, tag, lacking)
            added = {**tag_details(tag), "created": False}
            return tag.name, record(session, viewer, project_id, "tag.added", added, lacking)
        changed = detach(session, viewer, tag, image_ids)
        if not len(changed):
            return tag.name, None
        removed = {**tag_details(tag)}
        return tag.name, record(session, viewer, project_id, "tag.removed", removed, changed)
