"""Favourite tags: up to nine of a project that a person gives and takes by a key, 1 to 9."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.curation.scope import Ids, visible_project
from core.curation.tables import FavouriteTag, Tag
from core.curation.tags import attach, detach, existing_tag, images_without, tag_details
from core.database import writing
from core.errors import NotFound, UserError
from core.history import record
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


def set_favourite(viewer: Viewer, project_id: int, name: str, number: int | None) -> None:
    """Give a tag a key, which it takes from the tag that had it; None takes its key away.

    A person's own choice, so the project's history does not tell of it. Raises NotFound for an
    unknown tag, UserError for a number that is no key.
    """
    if number is not None and number not in NUMBERS:
        raise UserError("curation.favourite_number", n=number)
    with writing() as session:
        visible_project(session, viewer, project_id)
        tag = existing_tag(session, project_id, name)
        mine = sa.and_(
            col(FavouriteTag.user_id) == viewer.user_id, col(FavouriteTag.project_id) == project_id
        )
        either = sa.or_(col(FavouriteTag.tag_id) == tag.id, col(FavouriteTag.number) == number)
        session.execute(sa.delete(FavouriteTag).where(mine, either))
        if number is not None:
            session.add(
                FavouriteTag(
                    user_id=viewer.user_id,
                    project_id=project_id,
                    number=number,
                    tag_id=tag.id or 0,
                )
            )


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
