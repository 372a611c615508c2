"""A project's images as sets of bits, one bit an image, kept while the database stays as it is.

Numbers and dates of all images are kept as columns, words as lists of the images that have each;
other terms are asked of the database once, by the condition that the compiler writes. AND, OR and
NOT then cost microseconds.
"""

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.sql.operators import in_op
from sqlmodel import Session, col

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Embedding
from core.changes import Changes, part_sources, sources
from core.maps.alike import project_similarities
from core.media.tables import Image
from core.projects.tables import Project
from core.search import metadata
from core.search.ast import Operator, Term
from core.search.calculated import CALCULATED, odd_sizes
from core.search.compiler import as_universal, as_written, condition
from core.search.fields import FieldType, field_of
from core.search.intervals import asks_for_days, day_number, intervals, lie_in
from core.search.kept import Kept
from core.search.measures import MEASURES
from core.search.metadata import Attribute, Attributes, taken_apart
from core.search.parts import Names, Parts, Positions, parts_of
from core.search.patterns import inside
from core.search.reader import Reader
from core.search.rows import (
    LINKED,
    NUMBERS,
    SIZES,
    attribute_texts,
    by_name,
    count_rows,
    linked_rows,
    moment_rows,
    name_rows,
    number_rows,
    size_rows,
    value_names,
    value_rows,
)
from core.search.words import WORDED, is_value, is_word

#: uint8 (ceil(N / 8),): bit i is set when image i, in ascending order of ids, is in the set.
Bits = npt.NDArray[np.uint8]
#: One value an image; NaN where there is none.
Column = npt.NDArray[np.float64] | npt.NDArray[np.signedinteger]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Bytes of what is kept for one project.
_FEW = 4  # tags that are read one by one
_LEAST_ROOM = 64_000_000
_ROOM_PER_IMAGE = 160


class ProjectBits:
    """What is kept of one project at one state of the database; `connection` reads that state."""

    def __init__(self, connection: sa.Connection, project: Project) -> None:
        self.project = project
        self._kept = Kept()
        self._read = Reader(connection, lambda statement: self._kept.uses(sources(statement)))
        #: int64 (N,): the project's images, ascending.
        self.ids = self._read.listed(
            sa.select(col(Image.id)).where(self._mine).order_by(col(Image.id))
        )
        self._kept.room = max(_LEAST_ROOM, _ROOM_PER_IMAGE * len(self.ids))

    def refresh(self, since: Changes) -> bool:
        """Keep no longer what was changed; whether the rest is still of use."""
        names = since.names(self._has_between)
        if "image" in names:
            # Those of other projects are nothing to this one.
            if not self._same_images():
                return False
            names.discard("image")
        self._kept.forget(names)
        return True

    def _has_between(self, low: int, high: int) -> bool:
        first, end = np.searchsorted(self.ids, [low, high + 1])
        return bool(first < end)

    def _same_images(self) -> bool:
        # Ids only grow, and none is given twice.
        query = sa.select(sa.func.count(), sa.func.max(col(Image.id))).where(self._mine)
        count, last = self._read.row(query)
        return count == len(self.ids) and (not count or last == self.ids[-1])

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
        return self._kept.get(key, make)

    def parts(self, field: str) -> Parts:
        """Which images have each value of a field: one of FACETS, or an attribute.

        Raises KeyError for others.
        """
        return self._kept.get(("parts", field), lambda: self._parts(field))

    def _parts(self, field: str) -> Parts:
        taken = self._attributes() if field == "meta" else None
        if taken is not None:
            having = [np.flatnonzero(each.codes >= 0).astype(np.int32) for each in taken.values()]
            return parts_of(dict(zip(taken, having, strict=True)))
        if field in LINKED:
            return self._linked(field)
        attribute = self._attribute(field)
        if attribute is not None:
            alike = attribute.by_word()
            return Parts(alike.words(), *alike.owners())
        if field in CALCULATED:
            return parts_of(CALCULATED[field](self))
        if field == "differs" and len(self.parts("model").names) < 2:
            return parts_of({})
        grouped = self._read.grouped(value_rows(field, self.project))
        named = value_names(field, self.project)
        if named is not None:
            names = self._read.named(named)
            grouped = [(names[number], ids) for number, ids in grouped if number in names]
        owners: dict[str, list[npt.NDArray[np.int32]]] = {}
        for name, ids in grouped:
            # Two batches, or those of one person, may have one name.
            owners.setdefault(name, []).append(self.positions(ids))
        return parts_of({name: np.concatenate(some) for name, some in owners.items()})

    def _linked(self, field: str) -> Parts:
        """The images of each tag, and the like; only those are read that changed."""
        named = value_names(field, self.project)
        names = self._kept.get((field, "names"), lambda: Names(self._read.named(named))).by_number
        table = LINKED[field][0].__tablename__
        missing = [number for number in names if not self._kept.has((field, number))]
        if len(missing) > _FEW:
            with self._kept.apart():
                grouped = dict(self._read.grouped(value_rows(field, self.project)))
            for number in missing:
                positions = self.positions(grouped.get(number, self.ids[:0]))
                self._kept.put((field, number), positions, part_sources(table, number))

        def read(number: int) -> Positions:
            with self._kept.apart():
                positions = self.listed(linked_rows(field, number))
            self._kept.uses(part_sources(table, number))
            return positions

        return parts_of(
            {
                name: self._kept.get((field, number), partial(read, number))
                for number, name in sorted(names.items())
            }
        )

    def by_name(self) -> npt.NDArray[np.int32]:
        """int32 (N,): all images by name, equal names by id."""
        return self.positions(self._read.listed(by_name(self.project)))

    def _term(self, term: Term) -> Bits:
        field = field_of(term.field)
        assert field is not None
        compared = term.operator not in (Operator.IS, Operator.ONE_OF)
        if field.type is FieldType.DATE:
            return np.packbits(self._dated(term))
        if field.type is FieldType.ATTRIBUTE and asks_for_days(term):
            return self._on_days(term)
        if field.name in NUMBERS or (field.type is FieldType.ATTRIBUTE and compared):
            ends = intervals(term, field.type)
            return np.packbits(lie_in(self.column(term.field), ends))
        if field.type is FieldType.ATTRIBUTE:
            return self._valued(term)
        one_model = field.name == "differs" and len(term.values) == 1
        if (field.name in WORDED and not term.qualifiers) or one_model:
            return self._worded(term)
        if field.type is FieldType.PRESENCE and term.values[0] in CALCULATED:
            having = self._packed(self.parts(term.values[0]).owners)
            return having if field.name == "has" else ~having
        if field.name == "text":
            return self._anywhere(term)
        return self.asked(condition(term, self.project))

    def _worded(self, term: Term) -> Bits:
        """The images that have one of some words."""
        parts = self.parts(term.field)
        fits = is_word(term.field, term.values)
        return self._packed(parts.having([fits(name) for name in parts.names]))

    def _anywhere(self, term: Term) -> Bits:
        """The images that have one of some words in their name or their class, or as a tag."""
        parts = self.parts("pred")
        patterns = [inside(value) for value in term.values]
        holds = [any(each.fullmatch(name) for each in patterns) for name in parts.names]
        named, tagged = (self.term(replace(term, field=field)) for field in ("name", "tag"))
        return named | tagged | self._packed(parts.having(holds))

    def _valued(self, term: Term) -> Bits:
        """The images whose attribute is one of some values."""
        attribute = self._attribute(term.field)
        if attribute is None:
            return self.asked(condition(term, self.project))
        fits = is_value(term.values)
        alike = self._alike(term.field)
        return self._packed(alike.having([fits(*each) for each in attribute.values]))

    def _on_days(self, term: Term) -> Bits:
        """The images whose attribute is a day that lies where a term asks for."""
        attribute = self._attribute(term.field)
        if attribute is None:
            return self.asked(condition(term, self.project))
        days = self.keep(("days", term.field), attribute.days)
        return np.packbits(lie_in(days, intervals(term, FieldType.DATE), day_number))

    def _packed(self, positions: Positions) -> Bits:
        truth = np.zeros(len(self.ids), dtype=bool)
        truth[positions] = True
        return np.packbits(truth)

    def _alike(self, field: str) -> Parts:
        """Images by the value of an attribute that was taken apart."""

        def sorted_() -> Parts:
            attribute = self._attribute(field)
            assert attribute is not None
            return Parts([], *attribute.owners())

        return self._kept.get(("alike", field), sorted_)

    def _attribute(self, field: str) -> Attribute | None:
        """What all images have as `meta.<name>`; None for other fields, and where attributes differ
        too much to be taken apart at once."""
        prefix, _, name = field.partition(".")
        if prefix != "meta":
            return None
        by_name = self._attributes()
        if by_name is None:
            return None
        return by_name.get(name) or Attribute([], np.full(len(self.ids), -1, dtype=np.int32))

    def _attributes(self) -> dict[str, Attribute] | None:
        return self._kept.get(("attributes",), self._taken_apart).by_name

    def _taken_apart(self) -> Attributes:
        grouped = self._read.grouped(attribute_texts(self.project), most=metadata.MOST_TEXTS + 1)
        if len(grouped) > metadata.MOST_TEXTS:
            return Attributes(None)
        return taken_apart(((text, self.positions(ids)) for text, ids in grouped), len(self.ids))

    def first(self, query: Any) -> int | None:
        """The one number that a query gives; None for NULL."""
        found: int | None = self._read.row(query)[0]
        return found

    def asked(self, wanted: sa.ColumnElement[bool]) -> Bits:
        """The set of a condition on images, as the database answers it."""
        chosen = _listed_by(wanted)
        if chosen is None:
            chosen = sa.select(col(Image.id)).where(self._mine, wanted)
        return self._packed(self.listed(chosen))

    def listed(self, query: Any) -> Positions:
        """The images that a query lists by their ids; those of other projects are left out."""
        return self.positions(self._read.listed(query))

    def session(self, *tables: Any) -> AbstractContextManager[Session]:
        """A session that reads what this does, for what others read of these tables."""
        return self._read.session(*tables)

    def _dated(self, term: Term) -> npt.NDArray[np.bool_]:
        ends = intervals(term, FieldType.DATE)
        uploaded = lie_in(
            self.column("uploaded"), ends, lambda moment: _microseconds(as_universal(moment))
        )
        if term.field == "uploaded":
            return uploaded
        taken = self.column("captured")
        captured = lie_in(
            taken, ends, lambda moment: _microseconds(as_written(moment).replace(tzinfo=UTC))
        )
        return np.where(np.isnan(taken), uploaded, captured)

    def column(self, name: str) -> Column:
        """One value an image, in the order of `ids`; moments in microseconds since 1970."""
        return self.keep(("column", name), lambda: self._loaded(name))

    def _loaded(self, name: str) -> Column:
        if name == "id":
            return self.ids
        if name == "date":
            taken = self.column("captured")
            return np.where(np.isnan(taken), self.column("uploaded"), taken)
        if name == "odd_size":
            return odd_sizes(self)
        if name == "ratio":
            return np.divide(self.column("width"), self.column("height"))
        if name in SIZES:
            return self._size(name)
        attribute = self._attribute(name)
        if attribute is not None:
            return attribute.numbers()
        if name in ("captured", "uploaded"):
            return self._aligned(*self._read.moments(moment_rows(name, self.project)))
        if name in ("name", "count"):
            rows = name_rows if name == "name" else count_rows
            ids, numbers = self._read.whole(rows(self.project))
            return _small(self._aligned(ids, numbers, missing=0).astype(np.int64))
        if name in MEASURES and MEASURES[name].names:
            ids, numbers = self._read.whole(number_rows(name, self.project))
            return self._aligned(ids, numbers)
        return self._aligned(*self._read.broken(number_rows(name, self.project)))

    def similarity(self, image_id: int) -> npt.NDArray[np.float64]:
        """float64 (N,): how similar each image is to one; NaN without features of either."""

        def compared() -> npt.NDArray[np.float64]:
            with self._read.session(Image, Embedding) as session:
                ids, found = project_similarities(session, self.project, image_id)
            return self._aligned(ids, found)

        return self.keep(("similar", image_id), compared)

    def _size(self, name: str) -> Column:
        """One of SIZES; all of them are read at once."""
        _ids, *sizes = self._read.whole(size_rows(self.project))
        made = {each: _small(size) for each, size in zip(SIZES, sizes, strict=True)}
        for other in made.keys() - {name}:
            self._kept.put(("column", other), made[other], sources(size_rows(self.project)))
        return made[name]

    def _aligned(
        self, ids: npt.NDArray[np.int64], values: npt.NDArray[Any], missing: float = np.nan
    ) -> npt.NDArray[np.float64]:
        """float64 (N,): the values of these images in the order of `ids`."""
        column = np.full(len(self.ids), missing)
        if len(self.ids):
            at = np.searchsorted(self.ids, ids).clip(max=len(self.ids) - 1)
            mine = self.ids[at] == ids
            column[at[mine]] = values[mine]
        return column


def _small(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.signedinteger]:
    """The same whole numbers in as few bytes as all of them need."""
    ends = numbers.min(initial=0), numbers.max(initial=0)
    for kind in (np.dtype(np.int16), np.dtype(np.int32)):
        if np.iinfo(kind).min <= ends[0] and ends[1] <= np.iinfo(kind).max:
            small: npt.NDArray[np.signedinteger] = numbers.astype(kind)
            return small
    return numbers


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _listed_by(wanted: sa.ColumnElement[bool]) -> Any | None:
    """The query of `image.id IN (query)`; None for any other condition."""
    if not isinstance(wanted, sa.BinaryExpression) or wanted.operator is not in_op:
        return None
    if not wanted.left.compare(sa.inspect(Image).columns.id):
        return None
    return wanted.right.element if isinstance(wanted.right, sa.ScalarSelect) else None
