"""What every transaction changed, so that whoever keeps what it read knows what is old."""

from core.changes.names import EVERYTHING, part_sources, sources
from core.changes.reading import Changes, changes_since, latest
from core.changes.recording import PART, UNRECORDED, watch

__all__ = [
    "EVERYTHING",
    "PART",
    "UNRECORDED",
    "Changes",
    "changes_since",
    "latest",
    "part_sources",
    "sources",
    "watch",
]
