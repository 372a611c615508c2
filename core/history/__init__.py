"""The append-only history of a project, and the undo that is made from it."""

from core.history.log import (
    EventView,
    events,
    image_events,
    latest_events,
    pack_ids,
    record,
    sentence,
    unpack_ids,
)
from core.history.registry import Change, inverse_of
from core.history.undo import last_redoable, last_undoable, undo

__all__ = [
    "Change",
    "EventView",
    "events",
    "image_events",
    "inverse_of",
    "last_redoable",
    "last_undoable",
    "latest_events",
    "pack_ids",
    "record",
    "sentence",
    "undo",
    "unpack_ids",
]
