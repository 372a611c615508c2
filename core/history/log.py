"""Writing and reading the history."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import aliased, defer
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images, visible_projects
from core.accounts.tables import User
from core.errors import NotFound
from core.history.registry import inverses
from core.history.tables import Event
from core.i18n import t
from core.media.tables import Image
from core.projects.tables import Project

#: What a list of events does not need of them.
_HEAVY: tuple[Any, ...] = (Event.image_ids, Event.undo_data)


@dataclass(frozen=True)
class EventView:
    """An event as people read it."""

    id: int
    kind: str
    #: UTC.
    at: datetime
    user: str
    #: What was done, in the context's language.
    sentence: str
    image_count: int
    #: Whether `undo` has a way back for it that was not taken yet.
    undoable: bool
    #: Whether a later event took it back.
    undone: bool
    #: The event that this one takes back.
    undoes: int | None


class _Placeholders(dict[str, Any]):
    def __missing__(self, _key: str) -> str:
        return "–"


def pack_ids(image_ids: Iterable[int] | np.ndarray) -> bytes:
    """Image ids in ascending order, each once, as zlib-compressed little-endian int64."""
    values = image_ids if isinstance(image_ids, np.ndarray) else list(image_ids)
    return zlib.compress(np.unique(np.asarray(values, dtype="<i8")).tobytes(), level=1)


def unpack_ids(packed: bytes | None) -> np.ndarray:
    """Inverse of `pack_ids`: int64 (N,), ascending; empty for None."""
    return np.frombuffer(zlib.decompress(packed) if packed else b"", dtype="<i8").astype(np.int64)


def record(
    session: Session,
    viewer: Viewer,
    project_id: int,
    kind: str,
    details: dict[str, Any],
    image_ids: Iterable[int] | np.ndarray | None = None,
    *,
    undo_data: bytes | None = None,
    undoes: int | None = None,
) -> Event:
    """Add an event to a project's history, within the transaction that makes the change.

    `kind` names the sentence `history.<kind>`; `details` (JSON) fills its placeholders, to which
    `{n}`, the number of images, is added. `image_ids` are the images that were changed.
    """
    packed = None if image_ids is None else pack_ids(image_ids)
    event = Event(
        project_id=project_id,
        user_id=viewer.user_id,
        kind=kind,
        details=details,
        image_count=len(unpack_ids(packed)),
        image_ids=packed,
        undo_data=undo_data,
        undoes=undoes,
    )
    session.add(event)
    session.flush()
    return event


def sentence(event: Event) -> str:
    """What an event did, in the context's language. An unknown detail is shown as a dash."""
    known = {"n": event.image_count, **event.details}
    known.update({key: f"{value:,}" for key, value in known.items() if type(value) is int})
    done = t(f"history.{event.kind}").format_map(_Placeholders(known))
    step = event.details.get("step")
    if step not in ("undo", "redo"):
        return done
    said = t(f"history.{step}", sentence=done)
    left = event.details.get("left")
    return said + t("history.left", n=f"{left:,}") if type(left) is int else said


def _views(
    session: Session, viewer: Viewer, conditions: Iterable[sa.ColumnElement[bool]]
) -> sa.Select[Event, str, bool]:
    later = aliased(Event)
    undone = sa.exists().where(col(later.undoes) == col(Event.id))
    return (
        sa.select(Event, col(User.name), undone)
        .join(User, col(Event.user_id) == col(User.id))
        .join(Project, col(Event.project_id) == col(Project.id))
        .where(visible_projects(viewer), *conditions)
        .order_by(col(Event.id).desc())
        .options(*(defer(column) for column in _HEAVY))
    )


def _view(event: Event, user: str, undone: bool) -> EventView:
    assert event.id is not None
    return EventView(
        id=event.id,
        kind=event.kind,
        at=event.at,
        user=user,
        sentence=sentence(event),
        image_count=event.image_count,
        undoable=event.kind in inverses() and not undone,
        undone=undone,
        undoes=event.undoes,
    )


def events(
    session: Session,
    viewer: Viewer,
    project: Project,
    kinds: Iterable[str] | None = None,
    before_id: int | None = None,
    limit: int = 100,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[EventView]:
    """A project's events, newest first.

    `kinds` keeps only these kinds; `before_id`, the last id of one page, gives the next page.
    `since` is the first moment that counts, `until` the first one that does not any more.
    """
    conditions = [col(Event.project_id) == project.id]
    if since is not None:
        conditions.append(col(Event.at) >= since)
    if until is not None:
        conditions.append(col(Event.at) < until)
    if kinds is not None:
        conditions.append(col(Event.kind).in_(list(kinds)))
    if before_id is not None:
        conditions.append(col(Event.id) < before_id)
    rows = session.execute(_views(session, viewer, conditions).limit(limit))
    return [_view(*row) for row in rows]


def latest_events(session: Session, viewer: Viewer, project_id: int, limit: int = 20) -> list[int]:
    """Ids of a project's newest events, newest first: what they were before tells of new ones.

    Several, because on PostgreSQL a lower id may be committed after a higher one. Empty when the
    viewer may not see the project.
    """
    query = (
        sa.select(col(Event.id))
        .join(Project, col(Event.project_id) == col(Project.id))
        .where(visible_projects(viewer), col(Event.project_id) == project_id)
        .order_by(col(Event.id).desc())
    )
    return list(session.execute(query.limit(limit)).scalars())


def image_events(
    session: Session, viewer: Viewer, image_id: int, limit: int = 100
) -> list[EventView]:
    """The newest events that changed one image, newest first.

    Raises NotFound when the viewer may not see the image.
    """
    image = session.exec(
        select(Image).where(col(Image.id) == image_id, visible_images(viewer))
    ).first()
    if image is None:
        raise NotFound("history.no_image", id=image_id)
    with_images = session.execute(
        sa.select(col(Event.id), col(Event.image_ids))
        .where(col(Event.project_id) == image.project_id, col(Event.image_ids).is_not(None))
        .order_by(col(Event.id).desc())
    ).yield_per(200)
    found: list[int] = []
    for event_id, packed in with_images:
        if image_id in unpack_ids(packed):
            found.append(event_id)
            if len(found) == limit:
                break
    rows = session.execute(_views(session, viewer, [col(Event.id).in_(found)]))
    return [_view(*row) for row in rows]
