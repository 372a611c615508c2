"""The note of an image: free text that people write."""

import streamlit as st

from components.context import viewer
from components.detail.saving import Edit, follow, save, show_problem
from core.curation.notes import MAX_NOTE, set_note
from core.database import reading
from core.i18n import t
from core.media.images import load_image
from core.media.tables import Image


def note_field(image: Image) -> None:
    """Draw the field; what is written is saved when the field is left."""
    assert image.id is not None
    image_id, seen = image.id, image.note
    key = f"note:{image_id}"
    follow(image_id, "note", key, seen)

    def written() -> None:
        _save(image, seen, st.session_state[key])

    st.text_area(
        t("detail.note"),
        key=key,
        height="content",
        max_chars=MAX_NOTE,
        placeholder=t("detail.note_placeholder"),
        on_change=written,
    )
    show_problem(image_id, "note")


def _save(image: Image, seen: str, wanted: str) -> None:
    image_id = image.id or 0

    def write(seen: str) -> None:
        set_note(viewer(), image_id, wanted, seen=seen)

    def present() -> str:
        with reading() as session:
            return load_image(session, viewer(), image_id).note

    save(Edit(image.project_id, image_id, "note", seen, wanted, write, present, _shown))


def _shown(note: str) -> str:
    return " ".join(note.split()) or t("detail.no_note")
