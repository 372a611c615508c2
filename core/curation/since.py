"""What was done to a tag after an event, which the event's undo must not overwrite."""

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col

from core.curation.names import fold
from core.history import unpack_ids
from core.history.tables import Event

_TAGGING = ("tag.added", "tag.removed", "tag.deleted", "tag.merged", "tag.split")


def present_name(session: Session, event: Event, name: str) -> str:
    """What a tag that had this name at an event is called now."""
    query = (
        sa.select(col(Event.details))
        .where(
            col(Event.project_id) == event.project_id,
            col(Event.id) > event.id,
            col(Event.kind) == "tag.renamed",
        )
        .order_by(col(Event.id))
    )
    for details in session.execute(query).scalars():
        if fold(details["old"]) == fold(name):
            name = details["new"]
    return name


def tagged_since(session: Session, event: Event, *names: str) -> np.ndarray:
    """The images to which a later event that is in force gave the tag, or from which it took it.

    What was done and taken back again does not count.

    Args:
        names: of the tag, at the event and now.

    Returns:
        int64 (N,), ascending.
    """
    query = sa.select(col(Event.id), col(Event.undoes), col(Event.kind), col(Event.details)).where(
        col(Event.project_id) == event.project_id,
        col(Event.id) > event.id,
        col(Event.kind).in_(_TAGGING),
    )
    folded = {fold(name) for name in names}
    undoes: dict[int, int | None] = {}
    about: list[int] = []
    for event_id, undone, _kind, details in session.execute(query):
        undoes[event_id] = undone
        if not folded.isdisjoint(map(fold, (details["tag"], details.get("into", "")))):
            about.append(event_id)
    in_force = [event_id for event_id in about if _counts(event_id, undoes)]
    packed = sa.select(col(Event.image_ids)).where(col(Event.id).in_(in_force))
    ids = [unpack_ids(each) for each in session.execute(packed).scalars()]
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *ids]))


def _counts(event_id: int, undoes: dict[int, int | None]) -> bool:
    """Whether an event stands, and is no more than the way back from one of these events."""
    if event_id in undoes.values():
        return False
    steps = 0
    root: int | None = event_id
    while root is not None and root in undoes:
        root, steps = undoes[root], steps + 1
    # The last step leads out of these events, to an earlier one or to none.
    return steps % 2 == 1
