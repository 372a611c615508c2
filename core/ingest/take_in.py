"""What happens to one file: hashed, decoded once, its original kept, its thumbnail made."""

import hashlib
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from core.analysis.needed import needed_sides
from core.analysis.quality import Scores, measure
from core.ingest.entries import Entry
from core.ingest.listed import ListedImage
from core.ingest.pages import kept_for_pages, page_offsets
from core.media import store, thumbnails
from core.media.decoding import ImageFacts, Refused, decode
from models.adapter import Prepared, VisionModel


@dataclass(frozen=True)
class TakenIn:
    """A picture whose original is kept. Of its pixels only what is asked for below is left."""

    path: str
    content_hash: str
    byte_size: int
    facts: ImageFacts
    scores: Scores | None
    #: The model's input; None: there is no model, or its answer is known.
    prepared: Prepared | None
    #: Its thumbnail's JPEG; None: there is one already.
    thumbnail: bytes | None = None
    #: The row that the file has already.
    listed: ListedImage | None = None


@dataclass(frozen=True)
class Known:
    """A file whose content the project has already.

    Attributes:
        kept: whether the content is in the store now, and was only in its place before.
    """

    path: str
    content_hash: str
    listed: ListedImage | None = None
    kept: bool = False


@dataclass(frozen=True)
class Seen:
    """A file whose content another project has, analysed by the same model; it is kept."""

    entry: Entry
    content_hash: str
    byte_size: int

    @property
    def path(self) -> str:
        """The file's name."""
        return self.entry.path


@dataclass(frozen=True)
class TurnedAway:
    """A file that is not taken in, and why."""

    path: str
    reason: Refused
    listed: ListedImage | None = None


@dataclass(frozen=True)
class Paged:
    """A TIFF of several pages, each of which is a picture: they are taken in one by one.

    Attributes:
        file: a copy of it, to be removed by whoever takes the pages in.
        offsets: of the pages' directories.
    """

    path: str
    file: Path
    offsets: list[int]


def take_in(
    entry: Entry,
    model: VisionModel | None,
    known: Container[str],
    elsewhere: Container[str] = frozenset(),
    in_place: Container[str] = frozenset(),
    scratch: Path | None = None,
) -> TakenIn | Known | Seen | TurnedAway | Paged:
    """Take one file in. Called in many threads at once; writes no row.

    Args:
        known: content hashes of the project's images; these are not decoded again.
        elsewhere: content hashes that the model has analysed in other projects; neither are these.
        in_place: those of `known` whose originals the store does not have.
        scratch: folder for copies of files of several pages; None: their first page is taken in.

    Raises:
        OSError: the original cannot be stored (full disk and such).
    """
    listed = entry.listed
    keep = listed is None or not listed.in_place
    try:
        data = entry.read()
        if listed is None and scratch is not None and len(offsets := page_offsets(data)) > 1:
            return Paged(entry.path, kept_for_pages(data, scratch), offsets)
        content_hash = hashlib.sha256(data).hexdigest()
        if content_hash in known:
            if missing := keep and content_hash in in_place:
                store.put(content_hash, data, entry.file)
            return Known(entry.path, content_hash, listed, missing)
        if content_hash in elsewhere:
            if keep:
                store.put(content_hash, data, entry.file)
            return Seen(entry, content_hash, len(data))
        sides = needed_sides(model.card if model else None)
        decoded = decode(data, *sides, compiled=True)
    except Refused as reason:
        return TurnedAway(entry.path, reason, listed)
    if keep:
        store.put(content_hash, data, entry.file)
    small = thumbnails.make(decoded.pixels)
    scores = measure(small.pixels)
    prepared = model.prepare(decoded.pixels) if model else None
    facts, size = decoded.facts, len(data)
    return TakenIn(entry.path, content_hash, size, facts, scores, prepared, small.jpeg, listed)
