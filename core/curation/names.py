"""Names that people give: checked and made comparable in one way."""

import unicodedata

from core.errors import UserError

MAX_NAME = 100


def fold(name: str) -> str:
    """The form in which names are compared: trimmed, NFC, case-folded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name.strip()).casefold())


def is_printable(text: str) -> bool:
    """Whether text holds neither control characters nor halves of surrogate pairs."""
    return not any(unicodedata.category(char) in ("Cc", "Cs") for char in text)


def checked_name(name: str) -> str:
    """A tag's or selection's name as it is stored: NFC, trimmed.

    Raises UserError when it is empty, too long or holds control characters.
    """
    stored = unicodedata.normalize("NFC", name.strip())
    if not stored:
        raise UserError("curation.name_empty")
    if len(stored) > MAX_NAME:
        raise UserError("curation.name_too_long", n=len(stored), most=MAX_NAME)
    if not is_printable(stored):
        raise UserError("curation.name_unprintable")
    return stored
