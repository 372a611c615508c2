"""Tags: words that people give to images. One statement changes any number of images."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.changes import PART
from core.curation.names import checked_name, fold, is_printable
from core.curation.palette import free_colour
from core.curation.scope import Ids, among, touchable, visible_project
from core.curation.tables import FavouriteTag, ImageTag, Tag
from core.database import writing
from core.errors import NotFound, UserError
from core.history import record
from core.history.tables import Event
from core.media.tables import Image
from core.projects.tables import Project


def tags(session: Session, viewer: Viewer, project: Project) -> list[tuple[Tag, int]]:
    """A project's tags by name, each with the number of visible images that have it."""
    seen = sa.select(col(Image.id)).where(col(Image.project_id) == project.id)
    counts = (
        sa.select(col(ImageTag.tag_id), sa.func.count().label("images"))
        .where(col(ImageTag.image_id).in_(seen.where(visible_images(viewer))))
        .group_by(col(ImageTag.tag_id))
        .subquery()
    )
    query = (
        sa.select(Tag, sa.func.coalesce(counts.c.images, 0))
        .outerjoin(counts, counts.c.tag_id == col(Tag.id))
        .where(col(Tag.project_id) == project.id)
        .order_by(col(Tag.folded))
    )
    return [(tag, number) for tag, number in session.execute(query)]


def image_tags(session: Session, image_ids: Ids) -> dict[int, list[Tag]]:
    """The tags of each image by name; an image without tags is left out."""
    query = (
        sa.select(col(ImageTag.image_id), Tag)
        .join(Tag, col(Tag.id) == col(ImageTag.tag_id))
        .where(among(ImageTag.image_id, image_ids))
        .order_by(col(Tag.folded))
    )
    found: defaultdict[int, list[Tag]] = defaultdict(list)
    for image_id, tag in session.execute(query):
        found[image_id].append(tag)
    return dict(found)


def tag_counts(session: Session, image_ids: Ids) -> dict[str, int]:
    """How many of the images have each tag, the most frequent first, equal ones by name.

    Asks for no viewer: the ids have to be checked.
    """
    number = sa.func.count()
    query = (
        sa.select(col(Tag.name), number)
        .join(ImageTag, col(ImageTag.tag_id) == col(Tag.id))
        .where(among(ImageTag.image_id, image_ids))
        .group_by(col(Tag.id), col(Tag.name), col(Tag.folded))
        .order_by(number.desc(), col(Tag.folded))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def create_tag(viewer: Viewer, project_id: int, name: str) -> Tag:
    """A new tag without images. Raises UserError for an unfit name or one that exists."""
    with writing() as session:
        visible_project(session, viewer, project_id)
        if find_tag(session, project_id, name) is not None:
            raise UserError("curation.tag_exists", tag=name)
        tag = insert_tag(session, project_id, name)
        record(session, viewer, project_id, "tag.created", tag_details(tag))
        return tag


def add_tag(viewer: Viewer, project_id: int, name: str, image_ids: Ids) -> Event | None:
    """Give images a tag, which is made when the project has none of this name.

    Returns the event with exactly the images that did not have it before, None when all had it.
    Ids of other projects and of images that the viewer may not see are passed over. Raises
    UserError for an unfit name.
    """
    with writing() as session:
        visible_project(session, viewer, project_id)
        checked_name(name)
        tag = find_tag(session, project_id, name)
        changed = images_without(session, viewer, project_id, tag, image_ids)
        if not len(changed):
            return None
        created = tag is None
        tag = tag or insert_tag(session, project_id, name)
        attach(session, tag, changed)
        details = {**tag_details(tag), "created": created}
        return record(session, viewer, project_id, "tag.added", details, changed)


def remove_tag(viewer: Viewer, project_id: int, name: str, image_ids: Ids) -> Event | None:
    """Take a tag from images; the tag itself stays.

    Returns the event with exactly the images that had it, None when none had. Raises NotFound for
    an unknown tag.
    """
    with writing() as session:
        visible_project(session, viewer, project_id)
        tag = existing_tag(session, project_id, name)
        changed = detach(session, viewer, tag, image_ids)
        if not len(changed):
            return None
        return record(session, viewer, project_id, "tag.removed", tag_details(tag), changed)


def rename_tag(viewer: Viewer, project_id: int, name: str, new_name: str) -> Event | None:
    """Give a tag another name; None when it has it already.

    Raises NotFound for an unknown tag, UserError for an unfit name or one that is taken.
    """
    with writing() as session:
        visible_project(session, viewer, project_id)
        tag = existing_tag(session, project_id, name)
        old = tag.name
        if checked_name(new_name) == old:
            return None
        give_name(session, tag, new_name)
        details = {"old": old, "new": tag.name}
        return record(session, viewer, project_id, "tag.renamed", details)


def delete_tag(viewer: Viewer, project_id: int, name: str) -> Event:
    """Take a tag from all its images and away. Raises NotFound for an unknown tag."""
    with writing() as session:
        visible_project(session, viewer, project_id)
        tag = existing_tag(session, project_id, name)
        query = select(ImageTag.image_id).where(ImageTag.tag_id == tag.id)
        had = np.fromiter(session.exec(query), dtype=np.int64)
        return record(session, viewer, project_id, "tag.deleted", drop_tag(session, tag), had)


# Steps of these changes, shared with the ways back in `core.curation.tag_inverses`


def tag_details(tag: Tag) -> dict[str, str]:
    """What an event keeps of a tag."""
    return {"tag": tag.name, "colour": tag.colour}


def find_tag(session: Session, project_id: int, name: str) -> Tag | None:
    """A project's tag by its name, in any case."""
    if not is_printable(name):
        return None
    query = select(Tag).where(Tag.project_id == project_id, Tag.folded == fold(name))
    return session.exec(query).first()


def existing_tag(session: Session, project_id: int, name: str) -> Tag:
    """A project's tag by its name; raises NotFound."""
    tag = find_tag(session, project_id, name)
    if tag is None:
        raise NotFound("curation.no_tag", tag=name)
    return tag


def insert_tag(session: Session, project_id: int, name: str, colour: str | None = None) -> Tag:
    """A new row; its colour is one that no other tag of the project has, unless it is given."""
    folded = fold(checked_name(name))
    if colour is None:
        taken = session.exec(select(Tag.colour).where(Tag.project_id == project_id)).all()
        colour = free_colour(taken, len(taken))
    tag = Tag(project_id=project_id, name=checked_name(name), folded=folded, colour=colour)
    session.add(tag)
    session.flush()
    return tag


def drop_tag(session: Session, tag: Tag) -> dict[str, Any]:
    """Take a row away; returns what `restore_tag` needs to make it again."""
    query = sa.select(col(FavouriteTag.user_id), col(FavouriteTag.number))
    keys = session.execute(query.where(col(FavouriteTag.tag_id) == tag.id)).all()
    made = {"created_at": tag.created_at.isoformat()}
    details = {**tag_details(tag), **made, "keys": sorted(map(list, keys))}
    session.delete(tag)
    session.flush()
    return details


def restore_tag(session: Session, project_id: int, details: Mapping[str, Any]) -> Tag:
    """Make a row again as `drop_tag` found it, with the keys that people had given it."""
    tag = insert_tag(session, project_id, details["tag"], details["colour"])
    if "created_at" in details:
        tag.created_at = datetime.fromisoformat(details["created_at"])
    for user_id, number in details.get("keys", ()):
        session.merge(
            FavouriteTag(user_id=user_id, project_id=project_id, number=number, tag_id=tag.id or 0)
        )
    session.flush()
    return tag


def give_name(session: Session, tag: Tag, name: str) -> None:
    """Rename a row; raises UserError when another tag has the name."""
    other = find_tag(session, tag.project_id, name)
    if other is not None and other.id != tag.id:
        raise UserError("curation.tag_exists", tag=name)
    tag.name = checked_name(name)
    tag.folded = fold(tag.name)
    session.add(tag)
    session.flush()


def images_without(
    session: Session,
    viewer: Viewer,
    project_id: int,
    tag: Tag | None,
    image_ids: Ids,
    *,
    binned: bool = False,
) -> np.ndarray:
    """Those of `image_ids` that are `touchable` and lack the tag: int64 (N,)."""
    condition = touchable(viewer, project_id, image_ids, binned=binned)
    query = sa.select(col(Image.id)).where(condition)
    if tag is not None:
        having = select(ImageTag.image_id).where(ImageTag.tag_id == tag.id)
        query = query.where(col(Image.id).not_in(having))
    return np.fromiter(session.execute(query).scalars(), dtype=np.int64)


def attach(session: Session, tag: Tag, image_ids: np.ndarray) -> None:
    """Give the tag to images that lack it."""
    rows = sa.select(sa.literal(tag.id), col(Image.id)).where(among(Image.id, image_ids))
    insert = sa.insert(ImageTag).from_select(["tag_id", "image_id"], rows)
    session.execute(insert, execution_options={PART: tag.id})


def detach(
    session: Session, viewer: Viewer, tag: Tag, image_ids: Ids, *, binned: bool = False
) -> np.ndarray:
    """Take the tag from those of `image_ids` that are `touchable`; returns them: int64 (N,)."""
    condition = touchable(viewer, tag.project_id, image_ids, binned=binned)
    allowed = sa.select(col(Image.id)).where(condition)
    having = sa.and_(col(ImageTag.tag_id) == tag.id, col(ImageTag.image_id).in_(allowed))
    query = sa.select(col(ImageTag.image_id)).where(having)
    changed = np.fromiter(session.execute(query).scalars(), dtype=np.int64)
    gone = sa.and_(col(ImageTag.tag_id) == tag.id, among(ImageTag.image_id, changed))
    options = {"synchronize_session": False, PART: tag.id}
    session.execute(sa.delete(ImageTag).where(gone), execution_options=options)
    return changed
