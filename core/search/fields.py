"""The fields of the query language: the one list behind the parser, the builder and the docs."""

import difflib
from dataclasses import dataclass
from enum import StrEnum

from core.i18n import t
from core.search.ast import Operator
from core.search.measures import FAULTS, MEASURES


class FieldType(StrEnum):
    """What a field's values are."""

    #: Text to look for inside names; `*` and `?` are wildcards.
    PATTERN = "pattern"
    #: A word out of those that occur; case does not matter.
    CHOICE = "choice"
    NUMBER = "number"
    #: A number from 0 to 1, or a percentage.
    SHARE = "share"
    #: Width by height: a number, or two with a colon between.
    RATIO = "ratio"
    #: A number of bytes, with or without a unit.
    SIZE = "size"
    #: A year, month or day, or days up to now.
    DATE = "date"
    #: Text, number or truth value.
    ATTRIBUTE = "attribute"
    #: The name of something that an image may have.
    PRESENCE = "presence"
    #: An image by its name or, behind a `#`, its number.
    IMAGE = "image"


_EQUAL = (Operator.IS, Operator.ONE_OF)
_COMPARED = (*_EQUAL, Operator.ABOVE, Operator.AT_LEAST, Operator.BELOW, Operator.AT_MOST)
_OPERATORS = {
    FieldType.PATTERN: _EQUAL,
    FieldType.CHOICE: _EQUAL,
    FieldType.PRESENCE: (Operator.IS,),
    FieldType.IMAGE: (Operator.IS,),
}


@dataclass(frozen=True)
class Field:
    """One field of the query language."""

    name: str
    type: FieldType
    #: A whole term, as it may be typed.
    example: str
    aliases: tuple[str, ...] = ()
    #: All values that it can have, where they are not those that occur.
    choices: tuple[str, ...] = ()

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators that it takes."""
        return _OPERATORS.get(self.type, (*_COMPARED, Operator.RANGE))

    @property
    def explanation(self) -> str:
        """What it searches, in the language of this context."""
        return t(f"query.field.{self.name}")


_FIELDS = (
    Field("text", FieldType.PATTERN, "scratch"),
    Field("tag", FieldType.CHOICE, 'tag:"deep scratch"'),
    Field("pred", FieldType.CHOICE, 'pred:"steel drum"', ("prediction",)),
    Field("conf", FieldType.SHARE, "conf:>0.7", ("confidence",)),
    Field("box", FieldType.CHOICE, "box:person"),
    Field("count", FieldType.NUMBER, "box:person count:>=2"),
    Field("area", FieldType.SHARE, "box:person area:<5%"),
    Field("model", FieldType.CHOICE, "model:yolo11n"),
    Field("name", FieldType.PATTERN, "name:*.jpg"),
    Field("date", FieldType.DATE, "date:2024-10-14..2024-11-19"),
    Field("uploaded", FieldType.DATE, "uploaded:last 7 days"),
    Field("by", FieldType.CHOICE, 'by:"Kim Minji"'),
    Field("batch", FieldType.CHOICE, "batch:12"),
    Field("in", FieldType.CHOICE, 'in:"my selection"'),
    Field("bytes", FieldType.SIZE, "bytes:>1MB", ("size",)),
    Field("width", FieldType.NUMBER, "width:640..1920"),
    Field("height", FieldType.NUMBER, "height:>=1080"),
    Field("ratio", FieldType.RATIO, "ratio:16:9"),
    Field("camera", FieldType.CHOICE, 'camera:"EOS R5"'),
    Field("format", FieldType.CHOICE, "format:png"),
    Field("note", FieldType.PATTERN, 'note:"look again"'),
    Field("truth", FieldType.CHOICE, "truth:cat", ("annotated",)),
    Field("correct", FieldType.CHOICE, "correct:no", choices=("yes", "no")),
    Field("differs", FieldType.CHOICE, "differs:yolo11n"),
    Field("similar", FieldType.IMAGE, "similar:#17>0.8"),
    Field("outlier", FieldType.SHARE, "outlier:>0.9"),
    Field("novelty", FieldType.SHARE, "novelty:>0.95"),
    Field("label_error", FieldType.SHARE, "label_error:>0.7"),
    Field("entropy", FieldType.SHARE, "entropy:>0.5", ("uncertainty",)),
    Field("margin", FieldType.SHARE, "margin:<10%"),
    Field("duplicate", FieldType.NUMBER, "duplicate:3"),
    Field("cluster", FieldType.NUMBER, "cluster:0"),
    Field("fault", FieldType.CHOICE, "fault:blur", choices=tuple(FAULTS)),
    Field("blur", FieldType.SHARE, "blur:>0.7", ("blurry",)),
    Field("dark", FieldType.SHARE, "dark:>0.7"),
    Field("bright", FieldType.SHARE, "bright:>0.9", ("light",)),
    Field("low_contrast", FieldType.SHARE, "low_contrast:>0.9"),
    Field("low_information", FieldType.SHARE, "low_information:>0.7"),
    Field("odd_size", FieldType.SHARE, "odd_size:>0.5"),
    Field("odd_ratio", FieldType.SHARE, "odd_ratio:>0.6"),
    Field("grey", FieldType.SHARE, "grey:1", ("gray", "grayscale")),
    Field("meta", FieldType.ATTRIBUTE, 'meta.line:"A-3"'),
    Field("exif", FieldType.ATTRIBUTE, "exif.iso:>800"),
    Field("has", FieldType.PRESENCE, "has:tag"),
    Field("no", FieldType.PRESENCE, "no:tag"),
    Field("id", FieldType.NUMBER, "id:17"),
)
_BY_NAME = {name: field for field in _FIELDS for name in (field.name, *field.aliases)}

#: What `has:` and `no:` may ask for, beside `meta.<name>` and `exif.<name>`.
PRESENCES = (
    "tag", "pred", "box", "date", "camera", "meta", "exif", "note", "truth", "correct", "in",
    "features", *MEASURES, "fault",
)  # fmt: skip


def fields() -> list[Field]:
    """All fields, the most used first. `text` is the bare word; `meta` is written `meta.<name>`."""
    return list(_FIELDS)


def field_of(name: str) -> Field | None:
    """The field of a term by its name or alias, in any case.

    `meta.<name>` is the field `meta`, `exif.<name>` the field `exif`.
    """
    prefix, _, attribute = name.partition(".")
    field = _BY_NAME.get(prefix.lower())
    if field is None or (field.type is FieldType.ATTRIBUTE) != bool(attribute):
        return None
    return field


def nearest(name: str, choices: tuple[str, ...] | None = None) -> str | None:
    """The name that someone who wrote `name` probably meant: a field, or one of `choices`."""
    known = tuple(_BY_NAME) if choices is None else choices
    close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return close[0] if close else None
