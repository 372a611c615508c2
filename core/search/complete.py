"""What a query that is being typed can be completed to at the cursor."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer, visible_images
from core.curation.names import fold
from core.media.tables import Image
from core.projects.tables import Project
from core.search.ast import quoted, tag_quoted
from core.search.facets import FACETS, Counts, attributes, values
from core.search.fields import PRESENCES, Field, FieldType, field_of, fields
from core.search.patterns import contains

MOST = 100  # completions offered at a time

_STRING = r'"(?:\\.|[^"\\])*"'
#: A field with its operator, and after it what there is of a value, perhaps within a list.
_VALUE = re.compile(
    rf'(?:^|[\s(!-])(?P<field>(?:meta\."(?:\\.|[^"\\])*"|[^\W\d_][\w.-]*))(?::(?:[<>]=?|=)?|[<>]=?|=)'
    rf'(?:\(\s*(?:(?:{_STRING}|[^\s()",]+)\s*,\s*)*)?(?P<value>"(?:\\.|[^"\\])*|[^\s()"&|,]*)$',
    re.IGNORECASE,
)
_WORD = re.compile(r'(?:^|[\s()&|!"-])(?P<word>[^\s()"&|,:<>=!-][^\s()"&|,:<>=]*|)$')
#: A tag that is begun where every word is one, perhaps in quotes that are still open.
_TAG = re.compile(
    rf'^(?:{_STRING}|[^"])*?(?:^|(?<=[\s()]))(?P<word>"(?:\\.|[^"\\])*|[^\s()"]*)$', re.DOTALL
)
_REST = re.compile(r'[^\s()"&|,]*')
_STRING_REST = re.compile(r'(?:\\.|[^"\\])*"')
_KEYWORDS = ("AND", "OR", "NOT")
_DAYS = ("today", "yesterday", "last 7 days", "last 30 days")
_WORDS_FROM = ("tag", "pred")  # fields whose values a word alone completes to


@dataclass(frozen=True)
class Completion:
    """One way to go on: `text` takes the place of the characters from `start` to `end`."""

    text: str
    #: What the list shows.
    label: str
    kind: Literal["field", "value", "keyword"]
    #: Images of the project that have the value; None where nothing is counted.
    count: int | None
    start: int
    end: int


def complete(
    session: Session, viewer: Viewer, project: Project, text: str, cursor: int
) -> list[Completion]:
    """Completions of a query at `cursor`, a number of characters, the likeliest first.

    At most MOST. A text that is no query yet is completed all the same; inside quoted text that
    belongs to no field there is nothing to complete.
    """
    head, tail = text[:cursor], text[cursor:]
    match = _VALUE.search(head)
    if match:
        start, end = match.start("value"), cursor + _length_of_rest(match["value"], tail)
        found = _values(session, viewer, project, match["field"], match["value"].lstrip('"'))
        return [
            Completion(_written(value), value, "value", count, start, end)
            for value, count in found[:MOST]
        ]
    word = _WORD.search(head)
    if word is None or _quotes(head) % 2:
        return []
    start, end = word.start("word"), cursor + len((_REST.match(tail) or [""])[0])
    return list(_begun(session, viewer, project, head, word["word"], start, end))[:MOST]


def complete_tags(
    session: Session, viewer: Viewer, project: Project, text: str, cursor: int
) -> list[Completion]:
    """The same for the text of `parse_tags`, in which every word is a tag."""
    head, tail = text[:cursor], text[cursor:]
    match = _TAG.search(head)
    begun = match["word"] if match else ""
    start, end = cursor - len(begun), cursor + _length_of_rest(begun, tail)
    after_term = not begun and bool(re.search(r"[^\s(]\s+$", head)) and not _joined(head)
    known = values(session, viewer, project, "tag")
    found = _fitting(known, begun.lstrip('"')) if begun or not after_term else []
    words = [word for word in _KEYWORDS if after_term or word == "NOT"]
    keywords = [
        Completion(word, word, "keyword", None, start, end)
        for word in words
        if _letters(word).startswith(_letters(begun))
    ]
    tags = [Completion(tag_quoted(name), name, "value", count, start, end) for name, count in found]
    return [*tags, *keywords][:MOST]


def _written(value: str) -> str:
    # Days up to now are words of the language.
    return value if value in _DAYS else quoted(value)


def _quotes(text: str) -> int:
    return len(re.findall(r'(?<!\\)"', text))


def _length_of_rest(begun: str, tail: str) -> int:
    """How much of what follows the cursor belongs to the value that it stands in."""
    if not begun.startswith('"'):
        match = _REST.match(tail)
    else:
        # An open quote ends at the next one only where that does not begin another text.
        match = _STRING_REST.match(tail) if _quotes(tail) % 2 else None
    return len(match[0]) if match else 0


def _values(
    session: Session, viewer: Viewer, project: Project, name: str, begun: str
) -> list[tuple[str, int | None]]:
    field = field_of(name)
    if field is None:
        return []
    known: Iterable[tuple[str, int | None]] = []
    if field.type is FieldType.ATTRIBUTE:
        known = values(session, viewer, project, name.replace('"', ""))
    elif field.name in FACETS:
        known = values(session, viewer, project, field.name)
        # What may stand there but finds nothing comes last.
        rest = sorted(set(field.choices) - {value for value, _ in known})
        known = [*known, *((value, 0) for value in rest)]
    elif field.type is FieldType.IMAGE:
        known = _names(session, viewer, project, begun)
    elif field.type is FieldType.PRESENCE:
        named = (f"meta.{each}" for each, _ in attributes(session, viewer, project))
        known = [(each, None) for each in (*PRESENCES, *named)]
    elif field.type is FieldType.DATE:
        known = [(each, None) for each in _DAYS]
    return _fitting(known, begun)


def _names(
    session: Session, viewer: Viewer, project: Project, begun: str
) -> list[tuple[str, int | None]]:
    """Some names of images that hold what was typed."""
    mine = sa.and_(col(Image.project_id) == project.id, visible_images(viewer))
    named = contains(col(Image.name), begun) if begun else sa.true()
    query = sa.select(col(Image.name)).where(mine, named).order_by(col(Image.name)).limit(MOST)
    return [(name, None) for name in session.execute(query).scalars()]


def _fitting(known: Iterable[tuple[str, int | None]], begun: str) -> list[tuple[str, int | None]]:
    """Those that hold what was typed, the ones that begin with it first."""
    wanted = _letters(begun)
    holding = [(_letters(each[0]).find(wanted), each) for each in known]
    first = [each for at, each in holding if at == 0]
    return [*first, *(each for at, each in holding if at > 0)]


def _letters(text: str) -> str:
    """What typing is compared by: a syllable that is not complete yet begins a complete one."""
    return unicodedata.normalize("NFD", fold(text))


def _begun(
    session: Session,
    viewer: Viewer,
    project: Project,
    head: str,
    word: str,
    start: int,
    end: int,
) -> Iterator[Completion]:
    """What a word alone may become: a field, a word that joins, a tag or class."""
    wanted = _letters(word)
    after_term = bool(re.search(r"[^\s(!-]\s+$", head[:start])) and not _joined(head[:start])
    keywords = [each for each in _KEYWORDS if after_term or each == "NOT"]
    joining = [Completion(k, k, "keyword", None, start, end) for k in keywords]
    joining = [each for each in joining if _letters(each.text).startswith(wanted)]
    if after_term:
        yield from joining
    spelled = _field_names(session, viewer, project)
    named = [written for name, written in spelled if _letters(name).startswith(wanted)]
    for written in dict.fromkeys(named):
        yield Completion(written, written, "field", None, start, end)
    if not after_term:
        yield from joining
    if not word:
        return
    for name in _WORDS_FROM:
        counted: Counts = values(session, viewer, project, name)
        for value, count in _fitting(counted, word):
            term = f"{name}:{quoted(value)}"
            yield Completion(term, term, "value", count, start, end)


def _joined(head: str) -> bool:
    return bool(re.search(r'(?:^|[\s()"])(?:and|or|not)\s+$', head, re.IGNORECASE))


def _field_names(session: Session, viewer: Viewer, project: Project) -> Iterator[tuple[str, str]]:
    """What may be typed for a field, and how a term with it begins."""
    for field in fields():
        if field.name == "text":
            continue
        if field.type is not FieldType.ATTRIBUTE:
            yield from _spellings(field)
    for name, _ in attributes(session, viewer, project):
        plain = re.fullmatch(r"[\w-]+", name)
        yield f"meta.{name}", f"meta.{name}:" if plain else f'meta."{name}":'
    yield "exif.", "exif.iso:"


def _spellings(field: Field) -> Iterator[tuple[str, str]]:
    yield field.name, f"{field.name}:"
    for alias in field.aliases:
        yield alias, f"{field.name}:"
