"""Finding events in a project's history: by kind, person, time, image, and what they say."""

from collections.abc import Collection, Iterator
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, permitted_images, visible_projects
from core.accounts.tables import User
from core.curation.names import fold
from core.history.log import EventView, events, unpack_ids
from core.history.tables import Event
from core.media.tables import Image
from core.projects.tables import Project

_PAGE = 500  # events read at a time


def recorded_kinds(session: Session, viewer: Viewer, project: Project) -> list[str]:
    """The kinds of events that a project's history holds, in alphabetical order."""
    query = (
        select(Event.kind)
        .join(Project, col(Event.project_id) == col(Project.id))
        .where(Event.project_id == project.id, visible_projects(viewer))
        .distinct()
        .order_by(Event.kind)
    )
    return list(session.exec(query))


def recorded_people(session: Session, viewer: Viewer, project: Project) -> list[str]:
    """Names of those who did what a project's history holds, in alphabetical order."""
    query = (
        select(User.name)
        .join(Event, col(Event.user_id) == col(User.id))
        .join(Project, col(Event.project_id) == col(Project.id))
        .where(Event.project_id == project.id, visible_projects(viewer))
        .distinct()
        .order_by(User.name)
    )
    return list(session.exec(query))


def find_events(
    session: Session,
    viewer: Viewer,
    project: Project,
    *,
    kinds: Collection[str] = (),
    people: Collection[str] = (),
    text: str = "",
    image: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
) -> list[EventView]:
    """The newest events, newest first, for which all of this holds.

    Args:
        kinds: empty for every kind.
        people: names; empty for everyone.
        text: words that all stand in the event's sentence, in the context's language, upper and
            lower case alike; empty for any sentence.
        image: a part of the name of an image that the event changed, or `#` and its number; empty
            for events of any images and of none. Images that the viewer may not see do not count.
        since: the first moment that counts.
        until: the first moment that does not count any more.
        limit: how many events at most.
    """
    words = fold(text).split()
    meant = _images(session, viewer, project, image) if image.strip() else None

    def fits(event: EventView) -> bool:
        said = fold(event.sentence)
        return (not people or event.user in people) and all(word in said for word in words)

    found: list[EventView] = []
    for page in _newest_first(session, viewer, project, kinds, since, until):
        fitting = [event for event in page if fits(event)]
        if meant is not None:
            about = _about(session, [event.id for event in fitting], meant)
            fitting = [event for event in fitting if event.id in about]
        found += fitting
        if len(found) >= limit:
            break
    return found[:limit]


def _newest_first(
    session: Session,
    viewer: Viewer,
    project: Project,
    kinds: Collection[str],
    since: datetime | None,
    until: datetime | None,
) -> Iterator[list[EventView]]:
    before_id = None
    while True:
        page = events(
            session, viewer, project, kinds or None, before_id, _PAGE, since=since, until=until
        )
        yield page
        if len(page) < _PAGE:
            return
        before_id = page[-1].id


def _images(session: Session, viewer: Viewer, project: Project, image: str) -> np.ndarray:
    """int64 (N,): the images that are called so, those in the bin too."""
    wanted = image.strip()
    number = wanted.removeprefix("#")
    if wanted != number and number.isascii() and number.isdigit() and len(number) < 19:
        named: sa.ColumnElement[bool] = col(Image.id) == int(number)
    else:
        lowered = sa.func.lower(col(Image.name))
        named = lowered.contains(wanted.lower(), autoescape=True)
    query = sa.select(col(Image.id)).where(
        col(Image.project_id) == project.id, permitted_images(viewer), named
    )
    return np.fromiter(session.execute(query).scalars(), dtype=np.int64)


def _about(session: Session, event_ids: list[int], image_ids: np.ndarray) -> set[int]:
    """Those of some events that changed at least one of these images."""
    query = sa.select(col(Event.id), col(Event.image_ids)).where(
        col(Event.id).in_(event_ids), col(Event.image_ids).is_not(None)
    )
    return {
        event_id
        for event_id, packed in session.execute(query)
        if np.isin(unpack_ids(packed), image_ids).any()
    }
