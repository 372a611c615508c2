"""From a syntax tree to a SQL condition on the image table.

Every term becomes a condition that is never NULL, so that NOT is the exact complement: what lies
in other tables is asked by `id IN (...)` over columns that are never NULL, and a comparison of a
column that may be NULL also says that it is not.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from PIL import ExifTags
from sqlmodel import col, select

from core.accounts.tables import User
from core.analysis.tables import Box, Prediction
from core.curation.names import fold
from core.curation.tables import ImageTag, SavedSelection, SelectedImage, Tag
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project
from core.search.ast import Expression, Not, Operator, Or, Taken, Term, children
from core.search.fields import FieldType, field_of
from core.search.intervals import Interval, holds, intervals
from core.search.patterns import contains, equals, fits, is_wild
from core.search.sql import (
    Value,
    in_parts,
    json_kind,
    json_member,
    json_number,
    json_text,
    part_reference,
)
from core.search.terms import READERS

Condition = sa.ColumnElement[bool]

#: Depth at which a condition is cut into parts; well below SQLite's parser stack of 100.
_PART_DEPTH = 10
#: Share of the picture that a box covers.
AREA: Value = (col(Box.x1) - col(Box.x0)) * (col(Box.y1) - col(Box.y0))
#: Width by height.
RATIO: Value = sa.cast(col(Image.width), sa.Double) / col(Image.height)
#: How people write the names of EXIF tags.
_EXIF = {name.lower(): name for name in ExifTags.TAGS.values()}
_EXIF |= {"iso": "ISOSpeedRatings", "exposure": "ExposureTime", "aperture": "FNumber"}
#: Formats by what people call them.
FORMATS = {"jpg": "jpeg", "tif": "tiff"}


def condition(expression: Expression | None, project: Project) -> Condition:
    """A condition on `Image` that is true exactly for a project's images that satisfy a query.

    It does not restrict the project or the viewer: callers add `visible_images`. It is never NULL.
    Raises TypeError where a saved query in it has a sample or a limit.
    """
    if expression is None:
        return sa.true()
    parts: list[Condition] = []
    whole = _combined(expression, project, parts, level=0)
    return in_parts([*parts, whole]) if parts else whole


def _combined(
    expression: Expression, project: Project, parts: list[Condition], level: int
) -> Condition:
    if isinstance(expression, Term):
        return _term(expression, project)
    if isinstance(expression, Taken):
        raise TypeError("no condition says what a query's sample or limit takes")
    if level == _PART_DEPTH:
        part = _combined(expression, project, parts, level=0)
        parts.append(part)
        return part_reference(len(parts) - 1)
    inner = [_combined(child, project, parts, level + 1) for child in children(expression)]
    if isinstance(expression, Not):
        return sa.not_(inner[0])
    return sa.or_(*inner) if isinstance(expression, Or) else sa.and_(*inner)


def _term(term: Term, project: Project) -> Condition:
    field = field_of(term.field)
    assert field is not None
    if field.type is FieldType.PRESENCE:
        present = _present(term.values[0], project)
        return present if term.field == "has" else sa.not_(present)
    if field.type is FieldType.ATTRIBUTE:
        return _attribute(term)
    if field.type is FieldType.DATE:
        return _dated(term)
    if field.type in READERS:
        return _measured(term, field.type, project)
    if term.qualifiers:
        return _boxes(term, project)
    one: Callable[[str, Project], Condition] = _TEXTUAL[term.field]
    return sa.or_(*(one(value, project) for value in term.values))


def _images_of(table: Any, *conditions: Condition) -> Condition:
    """The image stands in a row of `table`, which has an `image_id`, under these conditions."""
    return col(Image.id).in_(select(table.image_id).where(*conditions))


# Fields whose values are words


def _name(value: str, _project: Project) -> Condition:
    name = col(Image.name)
    if not is_wild(value):
        return contains(name, value)
    # A pattern fits the whole name or the part behind the folders.
    return sa.or_(fits(name, value), fits(name, f"*/{value}"))


def _tag(value: str, project: Project) -> Condition:
    folded = fold(value)
    # `defect` also stands for `defect/scratch` and whatever else is below it.
    below = col(Tag.folded).startswith(f"{folded}/", autoescape=True)
    named = sa.or_(col(Tag.folded) == folded, below)
    tag = select(Tag.id).where(Tag.project_id == project.id, named)
    return _images_of(ImageTag, col(ImageTag.tag_id).in_(tag))


def _pred(value: str, project: Project) -> Condition:
    of_model = col(Prediction.model_key) == project.model_key
    return _images_of(Prediction, of_model, equals(col(Prediction.label), value))


def _text(value: str, project: Project) -> Condition:
    of_model = col(Prediction.model_key) == project.model_key
    predicted = _images_of(Prediction, of_model, contains(col(Prediction.label), value))
    return sa.or_(_name(value, project), _tag(value, project), predicted)


def _box(value: str, project: Project) -> Condition:
    of_model = col(Box.model_key) == project.model_key
    return _images_of(Box, of_model, equals(col(Box.label), value))


def _boxes(term: Term, project: Project) -> Condition:
    """Images with as many boxes as the qualifiers say, each of which satisfies the other ones."""
    wanted = [col(Box.model_key) == project.model_key]
    wanted.append(sa.or_(*(equals(col(Box.label), label) for label in term.values)))
    numbers: list[tuple[Interval, ...]] = []
    for each in term.qualifiers:
        if each.field == "count":
            numbers.append(intervals(each, FieldType.NUMBER))
        else:
            measure = AREA if each.field == "area" else col(Box.confidence)
            wanted.append(_compared(measure, each, FieldType.SHARE))
    return _box_number(sa.and_(*wanted), numbers)


def _box_number(wanted: Condition, numbers: list[tuple[Interval, ...]]) -> Condition:
    """Images whose number of such boxes lies in one interval of each tuple; at least one box
    where there is no tuple."""
    if not numbers:
        return _images_of(Box, wanted)
    fits = sa.and_(
        *(sa.or_(*(_inside(sa.func.count(), e, _bound) for e in each)) for each in numbers)
    )
    # Images without any such box stand in no group: where none is right, look for the wrong ones.
    none_fits = all(any(holds(0, e) for e in each) for each in numbers)
    grouped = select(Box.image_id).where(wanted).group_by(col(Box.image_id))
    if none_fits:
        return col(Image.id).not_in(grouped.having(sa.not_(fits)))
    return col(Image.id).in_(grouped.having(fits))


def _model(value: str, _project: Project) -> Condition:
    return _images_of(Prediction, equals(col(Prediction.model_key), value))


def _by(value: str, project: Project) -> Condition:
    people = select(User.id).where(equals(col(User.name), value))
    batches = select(Batch.id).where(
        Batch.project_id == project.id, col(Batch.created_by).in_(people)
    )
    return col(Image.batch_id).in_(batches)


def _batch(value: str, project: Project) -> Condition:
    named = equals(col(Batch.name), value)
    if value.isascii() and value.isdigit() and int(value) < 2**63:
        named = sa.or_(named, col(Batch.id) == sa.literal(int(value), sa.BigInteger))
    batches = select(Batch.id).where(Batch.project_id == project.id, named)
    return col(Image.batch_id).in_(batches)


def _in(value: str, project: Project) -> Condition:
    saved = select(SavedSelection.id).where(
        SavedSelection.project_id == project.id, SavedSelection.folded == fold(value)
    )
    return _images_of(SelectedImage, col(SelectedImage.selection_id).in_(saved))


def _camera(value: str, _project: Project) -> Condition:
    return sa.and_(col(Image.camera).is_not(None), equals(col(Image.camera), value))


def _format(value: str, _project: Project) -> Condition:
    return equals(col(Image.format), FORMATS.get(value.lower(), value))


_TEXTUAL: dict[str, Callable[[str, Project], Condition]] = {
    "text": _text,
    "name": _name,
    "tag": _tag,
    "pred": _pred,
    "box": _box,
    "model": _model,
    "by": _by,
    "batch": _batch,
    "in": _in,
    "camera": _camera,
    "format": _format,
}


# Fields whose values have an order


def _compared(value: Value, term: Term, type_: FieldType) -> Condition:
    """`value` against the numbers of a term; NULL where the value is."""
    return sa.or_(*(_inside(value, each, _bound) for each in intervals(term, type_)))


def _inside(value: Value, interval: Interval, bound: Callable[[Any], Any]) -> Condition:
    """`value` lies in an interval whose ends `bound` turns into SQL; NULL where the value is."""
    if interval.low is not None and interval.low == interval.high:
        same: Condition = value == bound(interval.low)
        return same
    ends: list[Condition] = []
    if interval.low is not None:
        low = bound(interval.low)
        ends.append(value > low if interval.above else value >= low)
    if interval.high is not None:
        high = bound(interval.high)
        ends.append(value < high if interval.below else value <= high)
    return sa.and_(*ends)


def as_universal(moment: datetime) -> datetime:
    """A moment of the server's clock as the database keeps uploads."""
    return moment.astimezone(UTC)


def as_written(moment: datetime) -> datetime:
    """A moment as a camera writes it: without a zone."""
    return moment


def _bound(value: int | float) -> sa.BindParameter[Any]:
    return sa.literal(value, sa.BigInteger if isinstance(value, int) else sa.Double)


def _measured(term: Term, type_: FieldType, project: Project) -> Condition:
    if term.field == "conf":
        of_model = col(Prediction.model_key) == project.model_key
        return _images_of(Prediction, of_model, _compared(col(Prediction.confidence), term, type_))
    if term.field == "count":
        return _box_number(
            col(Box.model_key) == project.model_key, [intervals(term, FieldType.NUMBER)]
        )
    if term.field == "area":
        of_model = col(Box.model_key) == project.model_key
        return _images_of(Box, of_model, _compared(AREA, term, type_))
    columns: dict[str, Value] = {
        "ratio": RATIO,
        "bytes": col(Image.byte_size),
        "width": col(Image.width),
        "height": col(Image.height),
        "id": col(Image.id),
    }
    return _compared(columns[term.field], term, type_)


def _dated(term: Term) -> Condition:
    periods = intervals(term, FieldType.DATE)
    uploaded = sa.or_(*(_inside(col(Image.uploaded_at), each, as_universal) for each in periods))
    if term.field == "uploaded":
        return uploaded
    captured = sa.or_(*(_inside(col(Image.captured_at), each, as_written) for each in periods))
    return sa.or_(
        sa.and_(col(Image.captured_at).is_not(None), captured),
        sa.and_(col(Image.captured_at).is_(None), uploaded),
    )


# Attributes, and what an image may have


def attribute_number(field: str) -> Value:
    """The number that an image has as attribute `meta.<name>`; NULL where it is none."""
    member = _member(field)
    # CASE, because PostgreSQL would else turn text into a number and fail.
    return sa.case((json_kind(*member) == "number", json_number(*member)), else_=None)


def attribute_value(field: str) -> tuple[Value, Value]:
    """Kind and value of an attribute; the kind is NULL where the image does not have it."""
    member = _member(field)
    return json_kind(*member), json_text(*member)


def _attribute(term: Term) -> Condition:
    member = _member(term.field)
    kind = json_kind(*member)
    value = attribute_number(term.field)
    if term.operator not in (Operator.IS, Operator.ONE_OF):
        return _never_null(_compared(value, term, FieldType.ATTRIBUTE))
    choices: list[Condition] = []
    for text in term.values:
        choices.append(sa.and_(kind == "string", equals(json_text(*member), text)))
        if text.lower() in ("true", "false"):
            choices.append(kind == text.lower())
        try:
            choices.append(value == _bound(READERS[FieldType.ATTRIBUTE](text)))
        except ValueError:
            continue
    return _never_null(sa.or_(*choices))


def _member(field: str) -> tuple[Value, Value, Value]:
    """Where `meta.<name>` or `exif.<name>` stands."""
    prefix, _, name = field.partition(".")
    if prefix == "exif":
        return json_member(col(Image.exif), _EXIF.get(name.lower(), name))
    return json_member(col(Image.attributes), name)


def _never_null(uncertain: Condition) -> Condition:
    return sa.func.coalesce(uncertain, sa.false())


def _present(what: str, project: Project) -> Condition:
    prefix, _, name = what.partition(".")
    if name:
        stripped = name.strip('"')
        return json_kind(*_member(f"{prefix}.{stripped}")).is_not(None)
    if what in ("meta", "exif"):
        column = col(Image.attributes) if what == "meta" else col(Image.exif)
        return sa.cast(column, sa.Text) != "{}"
    if what == "tag":
        return _images_of(ImageTag)
    if what == "pred":
        of_model = col(Prediction.model_key) == project.model_key
        return _images_of(Prediction, of_model, col(Prediction.label).is_not(None))
    if what == "box":
        return _images_of(Box, col(Box.model_key) == project.model_key)
    return (col(Image.captured_at) if what == "date" else col(Image.camera)).is_not(None)
