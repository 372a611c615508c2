"""The original of an image, wherever it lies: in the store, or in its place."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer, visible_images
from core.errors import UserError
from core.media import store
from core.media.images import chunks
from core.media.origins import Unavailable, open_in_place, open_unchanged
from core.media.places import Place
from core.media.tables import UNREAD, Image

#: What a query asks for to make an `Original` from each row.
COLUMNS: tuple[Any, ...] = (Image.content_hash, Image.origin, Image.origin_version)


@dataclass(frozen=True, slots=True)
class Original:
    """What must be known of an image to read its file; see `Image` for the three."""

    content_hash: str
    origin: str | None = None
    version: str | None = None

    @property
    def is_read(self) -> bool:
        """Whether its bytes were read once, so that its content hash is one."""
        return not self.content_hash.startswith(UNREAD)


def original_of(image: Image) -> Original:
    """An image's original."""
    return Original(image.content_hash, image.origin, image.origin_version)


def open_original(original: Original) -> BinaryIO:
    """An original, open for reading.

    A copy in the store does where another project brought one and the file in its place is gone.

    Raises:
        Unavailable: it is gone, changed or not to be reached; the text says what to do.
        UserError: the settings do not allow to read it any more.
    """
    if original.origin is None:
        try:
            return store.open_original(original.content_hash)
        except FileNotFoundError:
            raise Unavailable("media.original_missing") from None
    place = Place(original.origin)
    if not original.is_read:
        return open_in_place(place)
    try:
        return open_unchanged(place, original.version, original.content_hash)
    except UserError:
        with suppress(FileNotFoundError):
            return store.open_original(original.content_hash)
        raise


def read_original(original: Original) -> bytes:
    """An original's bytes. Raises as `open_original`."""
    with open_original(original) as file:
        return file.read()


def stored_path(original: Original) -> Path | None:
    """Where an original lies in a store on this machine's disk, None if it is elsewhere."""
    path = store.local_path(original.content_hash) if original.origin is None else None
    return path if path is not None and path.exists() else None


def opener(session: Session, viewer: Viewer, image_ids: Iterable[int]) -> Callable[[str], BinaryIO]:
    """A function that opens the originals of these images by their content hash.

    It raises FileNotFoundError where one cannot be read.
    """
    found: dict[str, Original] = {}
    for part in chunks([int(image_id) for image_id in image_ids]):
        query = sa.select(*COLUMNS).where(col(Image.id).in_(part), visible_images(viewer))
        found.update({row[0]: Original(*row) for row in session.execute(query)})

    def open_one(content_hash: str) -> BinaryIO:
        try:
            return open_original(found[content_hash])
        except (KeyError, UserError) as error:
            raise FileNotFoundError(content_hash) from error

    return open_one
