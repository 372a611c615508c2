"""What happens to one file: hashed, decoded once, its original and thumbnail kept."""

import hashlib
from dataclasses import dataclass

from core.ingest.entries import Entry
from core.media import store, thumbnails
from core.media.decoding import ImageFacts, Refused, decode
from core.settings import settings
from models.adapter import Prepared, VisionModel


@dataclass(frozen=True)
class TakenIn:
    """A picture whose original and thumbnail are kept. Its pixels are gone but for `prepared`."""

    path: str
    content_hash: str
    byte_size: int
    facts: ImageFacts
    #: The model's input; None: there is no model.
    prepared: Prepared | None


@dataclass(frozen=True)
class Known:
    """A file whose content the project has already."""

    path: str
    content_hash: str


@dataclass(frozen=True)
class TurnedAway:
    """A file that is not taken in, and why."""

    path: str
    reason: Refused


def take_in(
    entry: Entry, model: VisionModel | None, known: set[str]
) -> TakenIn | Known | TurnedAway:
    """Take one file in. Called in many threads at once; writes no row.

    Args:
        known: content hashes of the project's images; these are not decoded again.

    Raises:
        OSError: the original or the thumbnail cannot be stored (full disk and such).
    """
    try:
        data = entry.read()
        content_hash = hashlib.sha256(data).hexdigest()
        if content_hash in known:
            return Known(entry.path, content_hash)
        side = settings().thumbnail_size
        decoded = decode(data, max(side, *model.card.input_size) if model else side)
    except Refused as reason:
        return TurnedAway(entry.path, reason)
    store.put(content_hash, data)
    thumbnails.write(content_hash, decoded.picture)
    prepared = model.prepare(decoded.picture) if model else None
    return TakenIn(entry.path, content_hash, len(data), decoded.facts, prepared)
