"""Saved queries: shared in a project, and watched by those who come back to them."""

import base64
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.curation.names import checked_name, fold
from core.curation.scope import visible_project
from core.database import now, reading, writing
from core.errors import NotFound, UserError
from core.history import Change, inverse_of, pack_ids, record, unpack_ids
from core.history.packing import pack_parts, unpack_parts
from core.history.tables import Event
from core.projects.tables import Project
from core.search.find import find
from core.search.parser import parse
from core.search.tables import SavedQuery, SeenQuery


@dataclass(frozen=True)
class News:
    """What a saved query finds now, against what a person saw of it last."""

    total: int
    new: int
    #: When the person last looked; None: never.
    since: datetime | None
    #: Whether the person wants to be told of what is new.
    watched: bool = False


def saved_queries(session: Session, viewer: Viewer, project: Project) -> list[SavedQuery]:
    """A project's saved queries by name."""
    query = (
        select(SavedQuery)
        .join(Project, col(Project.id) == col(SavedQuery.project_id))
        .where(SavedQuery.project_id == project.id, visible_projects(viewer))
        .order_by(SavedQuery.folded)
    )
    return list(session.exec(query))


def save_query(
    viewer: Viewer, project_id: int, name: str, text: str, *, replace: bool = False
) -> SavedQuery:
    """Keep a query under a name, so that `in:"name"` asks it.

    Raises QueryError for a wrong query, UserError for an unfit name or, unless `replace`, for one
    that is taken.
    """
    stored = checked_name(name)
    parse(text)
    with writing() as session:
        visible_project(session, viewer, project_id)
        saved = _by_name(session, project_id, stored)
        if saved is not None and not replace:
            raise UserError("query.saved.exists", name=stored)
        old = saved.text if saved is not None else None
        saved = _write(session, viewer, project_id, saved, stored, text)
        details = {"name": stored, "text": text, "old": old}
        record(session, viewer, project_id, "query.saved", details)
        return saved


def delete_query(viewer: Viewer, query_id: int) -> Event:
    """Forget a saved query. Raises NotFound."""
    with writing() as session:
        saved = saved_query(session, viewer, query_id)
        change = _delete(session, saved)
        return record(
            session,
            viewer,
            saved.project_id,
            change.kind,
            change.details,
            undo_data=change.undo_data,
        )


def saved_query(session: Session, viewer: Viewer, query_id: int) -> SavedQuery:
    """A saved query by its number. Raises NotFound."""
    saved = session.exec(
        select(SavedQuery)
        .join(Project, col(Project.id) == col(SavedQuery.project_id))
        .where(SavedQuery.id == query_id, visible_projects(viewer))
    ).first()
    if saved is None:
        raise NotFound("query.saved.none", name=query_id)
    return saved


def news(session: Session, viewer: Viewer, project: Project, saved: SavedQuery) -> News:
    """How many images a saved query finds, and how many of them this person has not seen there.

    Raises QueryError when what it refers to has changed so that it is wrong by now.
    """
    found = find(session, viewer, project, saved.text, "id")
    seen = session.get(SeenQuery, (saved.id, viewer.user_id))
    if seen is None:
        return News(len(found), 0, None)
    new = len(np.setdiff1d(found, unpack_ids(seen.image_ids)))
    return News(len(found), new, seen.at, seen.watched)


def look(viewer: Viewer, project: Project, saved: SavedQuery) -> None:
    """This person sees now what a saved query finds. Raises QueryError as `news` does."""
    _see(viewer, project, saved, None)


def watch(viewer: Viewer, project: Project, saved: SavedQuery, watched: bool) -> None:
    """Tell this person of what a saved query newly finds from now on, or no longer.

    Raises QueryError as `news` does.
    """
    _see(viewer, project, saved, watched)


def watched_news(
    session: Session, viewer: Viewer, project: Project
) -> list[tuple[SavedQuery, News]]:
    """The queries of a project that this person watches and that find something new, by name.

    One that is wrong by now is left out; the list of saved queries says why.
    """
    query = (
        select(SavedQuery)
        .join(SeenQuery, col(SeenQuery.query_id) == col(SavedQuery.id))
        .join(Project, col(Project.id) == col(SavedQuery.project_id))
        .where(
            SavedQuery.project_id == project.id,
            SeenQuery.user_id == viewer.user_id,
            col(SeenQuery.watched),
            visible_projects(viewer),
        )
        .order_by(SavedQuery.folded)
    )
    told: list[tuple[SavedQuery, News]] = []
    for saved in session.exec(query):
        with suppress(UserError):
            told.append((saved, news(session, viewer, project, saved)))
    return [(saved, each) for saved, each in told if each.new]


def _see(viewer: Viewer, project: Project, saved: SavedQuery, watched: bool | None) -> None:
    """Keep what a person has seen; `watched` None: they are told as before."""
    with reading() as session:
        found = find(session, viewer, project, saved.text, "id")
    with writing() as session:
        seen = session.get(SeenQuery, (saved.id, viewer.user_id))
        before = seen is not None and seen.watched
        session.merge(
            SeenQuery(
                query_id=saved.id or 0,
                user_id=viewer.user_id,
                at=now(),
                image_ids=pack_ids(found),
                watched=before if watched is None else watched,
            )
        )


@inverse_of("query.saved")
def _unsave(session: Session, viewer: Viewer, event: Event) -> Change:
    name, old = event.details["name"], event.details["old"]
    saved = _by_name(session, event.project_id, name)
    if saved is None or saved.text != event.details["text"]:
        raise UserError("query.saved.changed", name=name)
    if old is None:
        return _delete(session, saved)
    _write(session, viewer, event.project_id, saved, name, old)
    return Change("query.saved", {"name": name, "text": old, "old": event.details["text"]}, None)


@inverse_of("query.deleted")
def _undelete(session: Session, viewer: Viewer, event: Event) -> Change:
    name, text = event.details["name"], event.details["text"]
    if _by_name(session, event.project_id, name) is not None:
        raise UserError("query.saved.exists", name=name)
    saved = _write(session, viewer, event.project_id, None, name, text)
    seen = unpack_parts(event.undo_data)["seen"] if event.undo_data else []
    for user_id, at, image_ids, watched in seen:
        session.add(
            SeenQuery(
                query_id=saved.id or 0,
                user_id=user_id,
                at=datetime.fromisoformat(at),
                image_ids=base64.b64decode(image_ids),
                watched=watched,
            )
        )
    return Change("query.saved", {"name": name, "text": text, "old": None}, None)


def _by_name(session: Session, project_id: int, name: str) -> SavedQuery | None:
    query = select(SavedQuery).where(
        SavedQuery.project_id == project_id, SavedQuery.folded == fold(name)
    )
    return session.exec(query).first()


def _write(
    session: Session,
    viewer: Viewer,
    project_id: int,
    saved: SavedQuery | None,
    name: str,
    text: str,
) -> SavedQuery:
    if saved is None:
        saved = SavedQuery(
            project_id=project_id, name=name, folded=fold(name), text=text,
            created_by=viewer.user_id,
        )  # fmt: skip
    saved.name, saved.text = name, text
    session.add(saved)
    session.flush()
    return saved


def _delete(session: Session, saved: SavedQuery) -> Change:
    details = {"name": saved.name, "text": saved.text}
    rows = session.exec(select(SeenQuery).where(SeenQuery.query_id == saved.id))
    seen = [
        [row.user_id, row.at.isoformat(), base64.b64encode(row.image_ids).decode(), row.watched]
        for row in rows
    ]
    session.delete(saved)
    return Change("query.deleted", details, None, pack_parts(seen=seen) if seen else None)
