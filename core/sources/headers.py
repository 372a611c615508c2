"""What a listed file is, from its first bytes: a picture, a file beside pictures, or neither."""

import io
import mmap
from dataclasses import dataclass
from typing import BinaryIO

from core.imports.readers import is_sidecar
from core.ingest.archives import is_archive
from core.ingest.pages import page_offsets
from core.media.decoding import ImageFacts, Refused
from core.media.header import read_facts
from core.media.origins import Unavailable, Unreachable, open_in_place, read_in_place, read_start
from core.media.places import Place
from core.media.tiff import is_tiff
from core.sources.listing import Found, LeftOut, Listed

_START = 1 << 16  # bytes of an object in a bucket; most headers with their EXIF are shorter


@dataclass(frozen=True, slots=True)
class Looked:
    """A listed file and what it is.

    Attributes:
        facts: of a picture; None with `refused` None: a file of several pictures, an archive, or
            one that speaks of pictures.
        refused: why it is not taken.
    """

    listed: Listed
    facts: ImageFacts | None = None
    refused: Refused | None = None


def look(listed: Listed) -> Looked:
    """Read a file's header, no more. Called in many threads at once.

    Raises:
        Unreachable: its place does not answer.
    """
    if isinstance(listed, LeftOut):
        return Looked(listed, refused=listed.reason)
    if is_sidecar(listed.name) or is_archive(listed.name):
        return Looked(listed)
    try:
        return Looked(listed, _facts(listed))
    except Refused as refused:
        return Looked(listed, refused=refused)
    except Unreachable:
        raise
    except Unavailable as error:
        return Looked(listed, refused=Refused(error.key, **error.params))


def _facts(found: Found) -> ImageFacts | None:
    """What a picture's header says; None for a file of several pictures."""
    place = Place(found.url)
    if place.is_s3:
        start = io.BytesIO(read_start(place, _START))
        data = read_in_place(place)[0] if is_tiff(start.getvalue()) else b""
        several = len(page_offsets(data)) > 1
        return None if several else read_facts(start, lambda: data or read_in_place(place)[0])
    with open_in_place(place) as file:
        return None if _has_pages(file) else read_facts(file, lambda: _whole(file))


def _has_pages(file: BinaryIO) -> bool:
    start = file.read(8)
    file.seek(0)
    if not is_tiff(start):
        return False
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return len(page_offsets(view)) > 1


def _whole(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()
