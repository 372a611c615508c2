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

from core.analysis.tables import Box, Embedding, Prediction
from core.annotations.tables import AnnotatedBox, Annotation
from core.curation.tables import ImageTag, SelectedImage
from core.media.tables import Image
from core.projects.tables import Project
from core.search.ast import Expression, Not, Operator, Or, Taken, Term, children
from core.search.fields import FieldType, field_of
from core.search.intervals import Interval, asks_for_days, day_number, holds, intervals
from core.search.measures import MEASURES
from core.search.metadata import DAY
from core.search.patterns import equals
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
from core.search.textual import TEXTUAL, Condition, differs, images_of

#: Depth at which a condition is cut into parts; well below SQLite's parser stack of 100.
_PART_DEPTH = 10
#: Share of the picture that a box covers.
AREA: Value = (col(Box.x1) - col(Box.x0)) * (col(Box.y1) - col(Box.y0))
#: Width by height.
RATIO: Value = sa.cast(col(Image.width), sa.Double) / col(Image.height)
#: How people write the names of EXIF tags.
_EXIF = {name.lower(): name for name in ExifTags.TAGS.values()}
_EXIF |= {"iso": "ISOSpeedRatings", "exposure": "ExposureTime", "aperture": "FNumber"}
#: What is calculated in memory, from the values of all images.
_CALCULATED = ("similar", "correct", "fault", "odd_size")


def condition(expression: Expression | None, project: Project) -> Condition:
    """A condition on `Image` that is true exactly for a project's images that satisfy a query.

    It does not restrict the project or the viewer: callers add `visible_images`. It is never NULL.
    Raises TypeError where no SQL can say it: see `is_sql`.
    """
    if expression is None:
        return sa.true()
    if not is_sql(expression):
        raise TypeError("no condition says what is calculated from all images")
    parts: list[Condition] = []
    whole = _combined(expression, project, parts, level=0)
    return in_parts([*parts, whole]) if parts else whole


def is_sql(expression: Expression) -> bool:
    """Whether `condition` can say it: not the sample or limit of a saved query, and not what is
    calculated from all images."""
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Taken) or (isinstance(node, Term) and _is_calculated(node)):
            return False
        waiting.extend(children(node))
    return True


def _is_calculated(term: Term) -> bool:
    asked = term.values[0] if term.field in ("has", "no") else term.field
    return asked in _CALCULATED


def _combined(
    expression: Expression, project: Project, parts: list[Condition], level: int
) -> Condition:
    if isinstance(expression, Term):
        return _term(expression, project)
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
    if term.field == "differs":
        return differs(term, project)
    one: Callable[[str, Project], Condition] = TEXTUAL[term.field]
    return sa.or_(*(one(value, project) for value in term.values))


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
        return images_of(Box, wanted)
    fits = sa.and_(
        *(sa.or_(*(_inside(sa.func.count(), e, _bound) for e in each)) for each in numbers)
    )
    # Images without any such box stand in no group: where none is right, look for the wrong ones.
    none_fits = all(any(holds(0, e) for e in each) for each in numbers)
    grouped = select(Box.image_id).where(wanted).group_by(col(Box.image_id))
    if none_fits:
        return col(Image.id).not_in(grouped.having(sa.not_(fits)))
    return col(Image.id).in_(grouped.having(fits))


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
    if (measure := MEASURES.get(term.field)) is not None:
        fits = _compared(measure.value, term, type_)
        return images_of(measure.table, measure.of(project), fits)
    if term.field == "count":
        return _box_number(
            col(Box.model_key) == project.model_key, [intervals(term, FieldType.NUMBER)]
        )
    if term.field == "area":
        of_model = col(Box.model_key) == project.model_key
        return images_of(Box, of_model, _compared(AREA, term, type_))
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
    if asks_for_days(term):
        return _never_null(_on_days(json_text(*member), kind, term))
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


def _on_days(text: Value, kind: Value, term: Term) -> Condition:
    """A text that begins with a day, which lies where a term asks for."""
    is_day = sa.and_(kind == "string", text.regexp_match(DAY.pattern))
    number = sa.cast(sa.func.replace(sa.func.substr(text, 1, 10), "-", ""), sa.Integer)
    # CASE, because PostgreSQL would else turn any text into a number and fail.
    day: Value = sa.case((is_day, number), else_=None)
    periods = intervals(term, FieldType.DATE)
    return sa.or_(*(_inside(day, each, lambda end: _bound(day_number(end))) for each in periods))


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
    if (measure := MEASURES.get(what)) is not None:
        return images_of(measure.table, measure.of(project), col(measure.column).is_not(None))
    presences: dict[str, Callable[[Project], Condition]] = {
        "tag": lambda project: images_of(ImageTag),
        "pred": lambda project: images_of(
            Prediction,
            col(Prediction.model_key) == project.model_key,
            col(Prediction.label).is_not(None),
        ),
        "box": lambda project: images_of(Box, col(Box.model_key) == project.model_key),
        "features": lambda project: images_of(
            Embedding, col(Embedding.model_key) == project.model_key
        ),
        "truth": lambda project: sa.or_(
            images_of(Annotation, col(Annotation.label).is_not(None)), images_of(AnnotatedBox)
        ),
        "in": lambda project: images_of(SelectedImage),
        "note": lambda project: col(Image.note) != "",
        "date": lambda project: col(Image.captured_at).is_not(None),
        "camera": lambda project: col(Image.camera).is_not(None),
    }
    return presences[what](project)
