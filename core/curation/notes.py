"""Notes: what people write about an image, as free text."""

import re
import unicodedata

import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer, visible_images
from core.curation.names import is_printable
from core.curation.scope import touchable
from core.database import writing
from core.errors import NotFound, Outdated, UserError
from core.history import Change, inverse_of, record, unpack_ids
from core.history.packing import pack_parts, unpack_parts
from core.history.tables import Event
from core.media.tables import Image

MAX_NOTE = 5000
_SUMMARY = 100


def set_note(viewer: Viewer, image_id: int, note: str, *, seen: str | None = None) -> Event | None:
    """Write the note of an image; an empty one takes it away. Returns None when nothing changed.

    `seen` is the note as the editor saw it. Raises UserError for an unfit note, Outdated when
    someone else changed it since, NotFound for an unknown image.
    """
    new = _checked(note)
    with writing() as session:
        query = sa.select(Image).where(col(Image.id) == image_id, visible_images(viewer))
        image = session.execute(query.with_for_update()).scalar_one_or_none()
        if image is None:
            raise NotFound("curation.no_image", id=image_id)
        if image.note == new:
            return None
        if seen is not None and image.note != seen:
            raise Outdated("curation.note_changed", note=_shortened(image.note))
        change = _write(session, image, new)
        return record(
            session,
            viewer,
            image.project_id,
            change.kind,
            change.details,
            change.image_ids,
            undo_data=change.undo_data,
        )


@inverse_of("note.set")
@inverse_of("note.removed")
def _unset(session: Session, viewer: Viewer, event: Event) -> Change:
    condition = touchable(viewer, event.project_id, unpack_ids(event.image_ids), binned=True)
    image = session.execute(
        sa.select(Image).where(condition).with_for_update()
    ).scalar_one_or_none()
    if image is None:
        raise UserError("curation.nothing_to_undo")
    parts = unpack_parts(event.undo_data or b"")
    if image.note != parts["after"]:
        raise UserError("curation.note_changed", note=_shortened(image.note))
    return _write(session, image, parts["before"])


def _checked(note: str) -> str:
    text = unicodedata.normalize("NFC", note.replace("\r\n", "\n").strip())
    if len(text) > MAX_NOTE:
        raise UserError("curation.note_too_long", n=len(text), most=MAX_NOTE)
    if not is_printable(re.sub(r"[\n\t]", "", text)):
        raise UserError("curation.note_unprintable")
    return text


def _write(session: Session, image: Image, note: str) -> Change:
    before, image.note = image.note, note
    session.add(image)
    details = {"note": _shortened(note or before)}
    kind = "note.set" if note else "note.removed"
    return Change(kind, details, [image.id or 0], pack_parts(before=before, after=note))


def _shortened(note: str) -> str:
    text = " ".join(note.split()) or "–"
    return text if len(text) <= _SUMMARY else f"{text[: _SUMMARY - 1]}…"
