"""Finding events in a project's history: by kind, by person, by what their sentences say."""

from collections.abc import Collection, Iterator
from itertools import islice

from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.accounts.tables import User
from core.curation.names import fold
from core.history.log import EventView, events
from core.history.tables import Event
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
    limit: int = 100,
) -> list[EventView]:
    """The newest events, newest first, that are of these kinds, by these people, and say `text`.

    Args:
        kinds: empty for every kind.
        people: names; empty for everyone.
        text: words that all stand in the event's sentence, in the context's language, upper and
            lower case alike; empty for any sentence.
        limit: how many events at most.
    """
    words = fold(text).split()

    def fits(event: EventView) -> bool:
        said = fold(event.sentence)
        return (not people or event.user in people) and all(word in said for word in words)

    return list(islice(filter(fits, _newest_first(session, viewer, project, kinds)), limit))


def _newest_first(
    session: Session, viewer: Viewer, project: Project, kinds: Collection[str]
) -> Iterator[EventView]:
    before_id = None
    while True:
        page = events(session, viewer, project, kinds or None, before_id, _PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        before_id = page[-1].id
