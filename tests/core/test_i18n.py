"""The translation layer: both languages say the same things, and every text that is used exists."""

import ast
import re
import string

import pytest

from core.i18n import LANGUAGES, catalogue, current_language, t, texts, use_language
from core.settings import ROOT


@pytest.fixture(autouse=True)
def _english_afterwards():  # type: ignore[no-untyped-def]
    yield
    use_language("en")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_texts_with_the_same_placeholders() -> None:
    english = catalogue("en")
    assert len(english) > 100
    for language in LANGUAGES:
        other = catalogue(language)
        assert set(other) == set(english), set(other) ^ set(english)
        assert all(text.strip() for text in other.values())
        differing = [k for k in english if placeholders(other[k]) != placeholders(english[k])]
        assert differing == []


def test_korean_has_one_word_for_the_map() -> None:
    assert catalogue("ko")["shell.map"] == "지도"
    assert [key for key, text in catalogue("ko").items() if "맵" in text] == []


NAMED_FIRST = {"t", "UserError", "NotFound", "Refused", "report", "enter"}


def keys_of(call: ast.Call) -> set[str]:
    """The text that a call names: t("…"), an error, a job's stage, a kind of event."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    place, prefix = (3, "history.") if name == "record" else (0, "")
    if (name not in NAMED_FIRST and name != "record") or len(call.args) <= place:
        return set()
    value = getattr(call.args[place], "value", None)
    named = isinstance(value, str) and re.fullmatch(r"\w+(\.\w+)+", value)
    return {prefix + value} if named else set()


def used_keys() -> set[str]:
    """Keys that the code names in full."""
    found: set[str] = set()
    for folder in ("core", "components", "pages", "api"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    found |= keys_of(node)
    return found


def test_every_text_that_is_used_exists() -> None:
    used = used_keys()
    assert len(used) > 50
    assert used - set(catalogue("en")) == set()


def test_a_missing_text_never_breaks_a_page() -> None:
    assert t("no.such.text", n=3) == "no.such.text"


def test_the_language_is_that_of_the_context() -> None:
    use_language("ko")
    assert t("shell.home") == "시작"
    assert texts("shell")["home"] == "시작"
    use_language("xx")
    assert current_language() == "en"
    assert t("shell.home") == "Start"
