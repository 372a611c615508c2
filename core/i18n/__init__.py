"""The translation layer: every text that a person sees, in English and Korean.

A catalogue file a subject, `locales/<language>/<subject>.toml`; the text `title` in `map.toml` is
`t("map.title")`. Placeholders are `{name}`.
"""

import tomllib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = {"en": "English", "ko": "한국어"}
_LOCALES = Path(__file__).parent / "locales"
_language: ContextVar[str | None] = ContextVar("language", default=None)
_lookups: list[Callable[[], str | None]] = []


def use_language(code: str) -> None:
    """Make `code` the language of texts in this context (a page run, a request)."""
    _language.set(code if code in LANGUAGES else "en")


def look_language_up(lookup: Callable[[], str | None]) -> None:
    """Let `lookup` tell the language of contexts in which `use_language` was not called.

    It gives None where it does not know; where nobody knows, texts are English.
    """
    _lookups.append(lookup)


def current_language() -> str:
    """The language of texts in this context."""
    known = _language.get() or next(filter(None, (lookup() for lookup in _lookups)), None)
    return known if known in LANGUAGES else "en"


def _flatten(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        name = f"{prefix}.{key}"
        if isinstance(value, dict):
            yield from _flatten(value, name)
        else:
            yield name, value


@lru_cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of one language by their full key."""
    texts: dict[str, str] = {}
    for file in sorted((_LOCALES / language).glob("*.toml")):
        texts.update(_flatten(tomllib.loads(file.read_text(encoding="utf-8")), file.stem))
    return texts


def t(key: str, /, **params: object) -> str:
    """The text `key` in the context's language, with its placeholders filled in.

    Falls back to English, then to the key itself, so that a missing text never breaks a page.
    """
    template = catalogue(current_language()).get(key) or catalogue("en").get(key) or key
    return template.format(**params) if params else template


def texts(prefix: str, language: str | None = None) -> dict[str, str]:
    """All texts under `prefix` by the rest of their key, for a component's browser side.

    Args:
        language: None: the context's.
    """
    start = f"{prefix}."
    merged = {**catalogue("en"), **catalogue(language or current_language())}
    return {key.removeprefix(start): text for key, text in merged.items() if key.startswith(start)}
