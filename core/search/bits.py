"""A project's images as sets of bits, one bit an image, kept while the database stays as it is.

A term's set comes from the database once, by the same condition that the compiler writes, or for
numbers and dates from a column that is kept; AND, OR and NOT then cost microseconds. Whatever is
kept is thrown away when anything was committed to the database in between.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.sql.operators import in_op
from sqlmodel import col

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Box, Prediction
from core.curation.scope import among
from core.media.tables import Image
from core.projects.tables import Project
from core.search.ast import Operator, Term
from core.search.compiler import (
    AREA,
    RATIO,
    as_universal,
    as_written,
    attribute_number,
    attribute_value,
    condition,
)
from core.search.fields import FieldType, field_of
from core.search.intervals import Interval, intervals
from core.search.rows import Rows
from core.search.sql import Value, by_code_points, microseconds

#: uint8 (ceil(N / 8),): bit i is set when image i, in ascending order of ids, is in the set.
Bits = npt.NDArray[np.uint8]
#: One value an image; NaN where there is none.
Column = npt.NDArray[np.float64] | npt.NDArray[np.int64]
#: Values; where each one's images begin and end in what follows; positions of these images.
Parts = tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.int32]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_VALUES = 10_000  # of an attribute, above which each query asks all images
_MOST_BYTES = 64_000_000  # of what is kept for one project


class ProjectBits:
    """What is kept of one project at one state of the database; `connection` reads that state."""

    def __init__(self, connection: sa.Connection, project: Project) -> None:
        self.connection = connection
        self.project = project
        self._kept: OrderedDict[Hashable, npt.NDArray[Any]] = OrderedDict()
        self._parts: dict[Hashable, Parts] = {}
        #: int64 (N,): the project's images, ascending.
        self.ids = self._listed(sa.select(col(Image.id)).where(self._mine).order_by(col(Image.id)))

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return col(Image.project_id) == self.project.id

    def seen(self, viewer: Viewer) -> Bits:
        """The images that `viewer` may see."""
        return self.keep(("viewer", viewer), lambda: self.asked(visible_images(viewer)))

    def term(self, term: Term) -> Bits:
        """The images that satisfy a term."""
        # `last 7 days` is another week tomorrow.
        return self.keep((term, date.today()), lambda: self._term(term))

    def truth(self, bits: Bits) -> npt.NDArray[np.bool_]:
        """bool (N,): for each image of `ids`, whether it is in the set."""
        return np.unpackbits(bits, count=len(self.ids)).view(np.bool_)

    def positions(self, image_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Where these images stand in `ids`; those of other projects are left out."""
        if not len(self.ids):
            return np.empty(0, dtype=np.int32)
        at = np.searchsorted(self.ids, image_ids).clip(max=len(self.ids) - 1)
        there: npt.NDArray[np.int32] = at[self.ids[at] == image_ids].astype(np.int32)
        return there

    def keep(self, key: Hashable, make: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """What `make` gives, made once and then kept; the least used goes when there is no room."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = make()
        self._kept[key] = made
        room = max(_MOST_BYTES, 40 * len(self.ids))
        while sum(each.nbytes for each in self._kept.values()) > room and len(self._kept) > 1:
            self._kept.popitem(last=False)
        return made

    def keep_parts(self, key: Hashable, query: Rows) -> Parts:
        """Which images have each value; `query` gives rows of a value and an image."""
        if key not in self._parts:
            value, image_id = query.subquery().c
            joined = sa.func.aggregate_strings(sa.cast(image_id, sa.String), ",")
            rows = self.connection.execute(sa.select(value, joined).group_by(value)).all()
            owners = [self.positions(_numbers(text)) for _, text in rows]
            starts = np.cumsum([0, *map(len, owners)])
            flat = np.concatenate([*owners, np.empty(0, dtype=np.int32)])
            self._parts[key] = ([name for name, _ in rows], starts, flat)
        return self._parts[key]

    def _term(self, term: Term) -> Bits:
        field = field_of(term.field)
        assert field is not None
        if field.type is FieldType.DATE:
            return np.packbits(self._dated(term))
        compared = term.operator not in (Operator.IS, Operator.ONE_OF)
        if field.name in _NUMBERS or (field.type is FieldType.ATTRIBUTE and compared):
            ends = intervals(term, field.type)
            return np.packbits(_inside(self.column(term.field), ends, lambda end: end))
        if field.type is FieldType.ATTRIBUTE:
            return self._attribute(term)
        return self.asked(condition(term, self.project))

    def _attribute(self, term: Term) -> Bits:
        """Whether an attribute is one of some words: asked of one image for each value there is."""
        firsts, starts, owners = self._alike(term.field)
        if len(firsts) > _MOST_VALUES:
            return self.asked(condition(term, self.project))
        wanted = sa.and_(among(Image.id, firsts), condition(term, self.project))
        fitting = np.isin(firsts, self._listed(sa.select(col(Image.id)).where(wanted)))
        truth = np.zeros(len(self.ids), dtype=bool)
        truth[owners] = np.repeat(fitting, np.diff(starts))
        return np.packbits(truth)

    def _alike(
        self, field: str
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int32]]:
        """Images by the value of an attribute: the first of each, and `Parts` without the names."""
        key = ("alike", field)
        if key not in self._parts:
            query = sa.select(*attribute_value(field), col(Image.id)).where(self._mine)
            kind, value, image_id = query.subquery().c
            joined = sa.func.aggregate_strings(sa.cast(image_id, sa.String), ",")
            grouped = sa.select(joined).where(kind.is_not(None)).group_by(kind, value)
            texts = self.connection.execute(grouped).scalars().all()
            owners = [self.positions(_numbers(text)) for text in texts]
            starts = np.cumsum([0, *map(len, owners)])
            flat = np.concatenate([*owners, np.empty(0, dtype=np.int32)])
            self._parts[key] = ([], starts, flat)
        _names, starts, owners_at = self._parts[key]
        return self.ids[owners_at[starts[:-1]]], starts, owners_at

    def asked(self, wanted: sa.ColumnElement[bool]) -> Bits:
        """The set of a condition on images, as the database answers it."""
        chosen = _listed_by(wanted)
        if chosen is None:
            chosen = sa.select(col(Image.id)).where(self._mine, wanted)
        truth = np.zeros(len(self.ids), dtype=bool)
        truth[self.positions(self._listed(chosen))] = True
        return np.packbits(truth)

    def _dated(self, term: Term) -> npt.NDArray[np.bool_]:
        ends = intervals(term, FieldType.DATE)
        uploaded = _inside(
            self.column("uploaded"), ends, lambda moment: _microseconds(as_universal(moment))
        )
        if term.field == "uploaded":
            return uploaded
        taken = self.column("captured")
        captured = _inside(
            taken, ends, lambda moment: _microseconds(as_written(moment).replace(tzinfo=UTC))
        )
        return np.where(np.isnan(taken), uploaded, captured)

    def column(self, name: str) -> Column:
        """One value an image, in the order of `ids`; moments in microseconds since 1970."""
        return self.keep(("column", name), lambda: self._loaded(name))

    def _loaded(self, name: str) -> Column:
        if name == "id":
            return self.ids
        query: Rows
        if name == "date":
            taken = self.column("captured")
            return np.where(np.isnan(taken), self.column("uploaded"), taken)
        if name in ("count", "area"):
            number = sa.func.count() if name == "count" else sa.func.max(AREA)
            query = (
                sa.select(col(Box.image_id), number)
                .where(col(Box.model_key) == self.project.model_key)
                .group_by(col(Box.image_id))
            )
        elif name == "name":
            place = sa.func.dense_rank().over(order_by=by_code_points(col(Image.name)))
            query = sa.select(col(Image.id), place).where(self._mine)
        elif name == "conf":
            query = sa.select(col(Prediction.image_id), col(Prediction.confidence)).where(
                col(Prediction.model_key) == self.project.model_key,
                col(Prediction.confidence).is_not(None),
            )
        else:
            value = _NUMBERS[name] if name in _NUMBERS else attribute_number(name)
            query = sa.select(col(Image.id), value).where(self._mine, value.is_not(None))
        owners, values = self._pairs(query, whole=name in _WHOLE)
        column = np.full(len(self.ids), 0.0 if name == "count" else np.nan)
        if len(self.ids):
            at = np.searchsorted(self.ids, owners).clip(max=len(self.ids) - 1)
            mine = self.ids[at] == owners
            column[at[mine]] = values[mine]
        return column

    def _pairs(self, query: Rows, *, whole: bool) -> tuple[npt.NDArray[np.int64], npt.NDArray[Any]]:
        """Images and their numbers, from rows of both; whole ones travel as text, as ids do."""
        if whole:
            texts = sa.select(
                *(
                    sa.func.aggregate_strings(sa.cast(column, sa.String), ",")
                    for column in query.subquery().c
                )
            )
            both: Any = self.connection.execute(texts).one()
            return _numbers(both[0]), _numbers(both[1])
        rows = self.connection.execute(query).all()
        return (
            np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows)),
            np.fromiter((row[1] for row in rows), dtype=np.float64, count=len(rows)),
        )

    def _listed(self, query: Any) -> npt.NDArray[np.int64]:
        """Ids that a query lists, in its order, fetched as one text: a tenth of the time."""
        ids = query.subquery().c[0]
        joined = sa.func.aggregate_strings(sa.cast(ids, sa.String), ",")
        text = self.connection.execute(sa.select(joined)).scalar_one()
        return _numbers(text)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _numbers(text: str | None) -> npt.NDArray[np.int64]:
    return np.fromstring(text or "", dtype=np.int64, sep=",")


#: Columns whose numbers have no fraction.
_WHOLE = ("bytes", "width", "height", "uploaded", "captured", "name", "count")
#: Fields that are kept as numbers, each with its column.
_NUMBERS: dict[str, Value] = {
    "bytes": col(Image.byte_size),
    "width": col(Image.width),
    "height": col(Image.height),
    "ratio": RATIO,
    "id": col(Image.id),
    "conf": col(Prediction.confidence),
    "uploaded": microseconds(col(Image.uploaded_at)),
    "captured": microseconds(col(Image.captured_at)),
}


def _inside(
    column: Column, ends: tuple[Interval, ...], bound: Callable[[Any], int | float]
) -> npt.NDArray[np.bool_]:
    """Whether each value lies in one of the intervals; never where there is none."""
    found = np.zeros(len(column), dtype=bool)
    for each in ends:
        here = ~np.isnan(column)
        if each.low is not None:
            low = bound(each.low)
            here &= column > low if each.above else column >= low
        if each.high is not None:
            high = bound(each.high)
            here &= column < high if each.below else column <= high
        found |= here
    return found


def _listed_by(wanted: sa.ColumnElement[bool]) -> Any | None:
    """The query of `image.id IN (query)`; None for any other condition."""
    if not isinstance(wanted, sa.BinaryExpression) or wanted.operator is not in_op:
        return None
    if not wanted.left.compare(sa.inspect(Image).columns.id):
        return None
    return wanted.right.element if isinstance(wanted.right, sa.ScalarSelect) else None
