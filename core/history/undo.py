"""Undo: an event is taken back by a new event. Redo is the undo of an undo."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.database import writing
from core.errors import NotFound, UserError
from core.history.log import record
from core.history.registry import inverses
from core.history.tables import Event
from core.projects.tables import Project


def undo(viewer: Viewer, event_id: int) -> Event:
    """Put back what an event changed; returns the new event.

    Images whose tag, field, class or boxes somebody changed since are left as they are; the new
    event's sentence says how many. Raises NotFound when the viewer may not see the event, UserError
    when it was undone already, when there is no way back for its kind, or when later changes stand
    in the way everywhere.
    """
    try:
        with writing() as session:
            event = _visible_event(session, viewer, event_id)
            if session.exec(select(Event.id).where(Event.undoes == event_id)).first() is not None:
                raise UserError("history.already_undone")
            inverse = inverses().get(event.kind)
            if inverse is None:
                raise UserError("history.not_undoable")
            change = inverse(session, viewer, event)
            step = "redo" if event.details.get("step") == "undo" else "undo"
            left = {"left": change.left} if change.left else {}
            return record(
                session,
                viewer,
                event.project_id,
                change.kind,
                {**change.details, "step": step, **left},
                change.image_ids,
                undo_data=change.undo_data,
                undoes=event_id,
            )
    except IntegrityError as error:
        # Only the unique `undoes` can collide: someone else undid it at the same moment.
        raise UserError("history.already_undone") from error


def _visible_event(session: Session, viewer: Viewer, event_id: int) -> Event:
    event = session.exec(
        select(Event)
        .join(Project, col(Project.id) == col(Event.project_id))
        .where(col(Event.id) == event_id, visible_projects(viewer))
    ).first()
    if event is None:
        raise NotFound("history.no_event", id=event_id)
    return event


def last_undoable(
    session: Session, viewer: Viewer, project: Project, passed_over: Collection[int] = ()
) -> Event | None:
    """The viewer's newest change of a project that an Undo button takes back.

    `passed_over` are events that could not be taken back; the one before them is next.
    """
    return _newest(session, viewer, project, _step() != "undo", _STANDS, _not_in(passed_over))


def last_redoable(
    session: Session, viewer: Viewer, project: Project, passed_over: Collection[int] = ()
) -> Event | None:
    """The viewer's newest undo that a Redo button takes back; None after any new change."""
    undone = _newest(session, viewer, project, _step() == "undo", _STANDS, _not_in(passed_over))
    # One that was undone itself counts too: what was undone before it is not to come back.
    fresh = _newest(session, viewer, project, _step() == "")
    if undone is None or (fresh is not None and (fresh.id or 0) > (undone.id or 0)):
        return None
    return undone


_later = aliased(Event)
#: Not taken back yet.
_STANDS = ~sa.exists().where(col(_later.undoes) == col(Event.id))


def _not_in(event_ids: Collection[int]) -> sa.ColumnElement[bool]:
    return col(Event.id).not_in(event_ids)


def _step() -> sa.ColumnElement[str]:
    return sa.func.coalesce(col(Event.details)["step"].as_string(), "")


def _newest(
    session: Session, viewer: Viewer, project: Project, *conditions: sa.ColumnElement[bool]
) -> Event | None:
    return session.exec(
        select(Event)
        .join(Project, col(Project.id) == col(Event.project_id))
        .where(
            visible_projects(viewer),
            col(Event.project_id) == project.id,
            col(Event.user_id) == viewer.user_id,
            col(Event.kind).in_(list(inverses())),
            *conditions,
        )
        .order_by(col(Event.id).desc())
        .limit(1)
    ).first()
