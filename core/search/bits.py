"""A project's images as sets of bits, one bit an image, kept while the database stays as it is.

Numbers and dates of all images are kept as columns, words as lists of the images that have each;
other terms are asked of the database once, by the condition that the compiler writes. AND, OR and
NOT then cost microseconds.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.sql.operators import in_op
from sqlmodel import col

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Box, Embedding
from core.annotations.tables import AnnotatedBox
from core.evaluation.truth import rightly_boxed
from core.maps.alike import project_similarities
from core.media.tables import Image
from core.projects.tables import Project
from core.search.ast import Operator, Term
from core.search.calculated import class_numbers, faulty, judged, odd_sizes
from core.search.compiler import as_universal, as_written, condition
from core.search.fields import FieldType, field_of
from core.search.intervals import intervals, lie_in
from core.search.kept import Kept
from core.search.measures import FAULTS, MEASURES
from core.search.metadata import Attribute, Attributes, taken_apart
from core.search.patterns import inside
from core.search.reader import Reader
from core.search.rows import (
    NUMBERS,
    SIZES,
    analysed_images,
    boxed_images,
    by_name,
    count_rows,
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
Column = npt.NDArray[np.float64] | npt.NDArray[np.int64]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Bytes of what is kept for one project.
_LEAST_ROOM = 64_000_000
_ROOM_PER_IMAGE = 160


@dataclass(frozen=True)
class Parts:
    """The images of each value of a field."""

    names: list[str]
    #: int64 (len(names) + 1,): where each one's images begin and end in `owners`.
    starts: npt.NDArray[np.int64]
    #: int32 (M,): positions of images.
    owners: npt.NDArray[np.int32]

    @property
    def nbytes(self) -> int:
        """Bytes of memory, roughly."""
        return self.starts.nbytes + self.owners.nbytes + 100 * len(self.names)


class ProjectBits:
    """What is kept of one project at one state of the database; `connection` reads that state."""

    def __init__(self, connection: sa.Connection, project: Project) -> None:
        self.project = project
        self._kept = Kept()
        self._read = Reader(connection, lambda statement: None)
        #: int64 (N,): the project's images, ascending.
        self.ids = self._read.listed(
            sa.select(col(Image.id)).where(self._mine).order_by(col(Image.id))
        )
        self._kept.room = max(_LEAST_ROOM, _ROOM_PER_IMAGE * len(self.ids))

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
            return _parts_of(dict(zip(taken, having, strict=True)))
        attribute = self._attribute(field)
        if attribute is not None:
            alike = attribute.by_word()
            return Parts(alike.words(), *alike.owners())
        if field in _CALCULATED:
            return _parts_of(_CALCULATED[field](self))
        grouped = self._read.grouped(value_rows(field, self.project))
        named = value_names(field, self.project)
        if named is not None:
            names = self._read.named(named)
            grouped = [(names[number], ids) for number, ids in grouped if number in names]
        owners: dict[str, list[npt.NDArray[np.int32]]] = {}
        for name, ids in grouped:
            # Two batches, or those of one person, may have one name.
            owners.setdefault(name, []).append(self.positions(ids))
        return _parts_of({name: np.concatenate(some) for name, some in owners.items()})

    def by_name(self) -> npt.NDArray[np.int32]:
        """int32 (N,): all images by name, equal names by id."""
        return self.positions(self._read.listed(by_name(self.project)))

    def _term(self, term: Term) -> Bits:
        field = field_of(term.field)
        assert field is not None
        compared = term.operator not in (Operator.IS, Operator.ONE_OF)
        if field.type is FieldType.DATE:
            return np.packbits(self._dated(term))
        if field.name in NUMBERS or (field.type is FieldType.ATTRIBUTE and compared):
            ends = intervals(term, field.type)
            return np.packbits(lie_in(self.column(term.field), ends))
        if field.type is FieldType.ATTRIBUTE:
            return self._valued(term)
        one_model = field.name == "differs" and len(term.values) == 1
        if (field.name in WORDED and not term.qualifiers) or one_model:
            return self._worded(term)
        if field.type is FieldType.PRESENCE and term.values[0] in _CALCULATED:
            having = self._having(parts := self.parts(term.values[0]), [True] * len(parts.names))
            return having if field.name == "has" else ~having
        if field.name == "text":
            return self._anywhere(term)
        return self.asked(condition(term, self.project))

    def _worded(self, term: Term) -> Bits:
        """The images that have one of some words."""
        parts = self.parts(term.field)
        fits = is_word(term.field, term.values)
        return self._having(parts, [fits(name) for name in parts.names])

    def _anywhere(self, term: Term) -> Bits:
        """The images that have one of some words in their name or their class, or as a tag."""
        parts = self.parts("pred")
        patterns = [inside(value) for value in term.values]
        holds = [any(each.fullmatch(name) for each in patterns) for name in parts.names]
        named, tagged = (self.term(replace(term, field=field)) for field in ("name", "tag"))
        return named | tagged | self._having(parts, holds)

    def _valued(self, term: Term) -> Bits:
        """The images whose attribute is one of some values."""
        attribute = self._attribute(term.field)
        if attribute is None:
            return self.asked(condition(term, self.project))
        fits = is_value(term.values)
        return self._having(self._alike(term.field), [fits(*each) for each in attribute.values])

    def _having(self, parts: Parts, wanted: list[bool]) -> Bits:
        truth = np.zeros(len(self.ids), dtype=bool)
        truth[parts.owners[np.repeat(np.array(wanted, dtype=bool), np.diff(parts.starts))]] = True
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
        # In the order of their ids, or the database would look up each row by itself.
        texts = sa.select(sa.cast(col(Image.attributes), sa.Text)).where(self._mine)
        return taken_apart(self._read.texts(texts.order_by(col(Image.id))))

    def first(self, query: Any) -> int | None:
        """The one number that a query gives; None for NULL."""
        return self._read.first(query)

    def asked(self, wanted: sa.ColumnElement[bool]) -> Bits:
        """The set of a condition on images, as the database answers it."""
        chosen = _listed_by(wanted)
        if chosen is None:
            chosen = sa.select(col(Image.id)).where(self._mine, wanted)
        truth = np.zeros(len(self.ids), dtype=bool)
        truth[self.positions(self._read.listed(chosen))] = True
        return np.packbits(truth)

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
            present = self.truth(self.asked(col(Image.deleted_at).is_(None)))
            widths, heights, _bytes = self._sizes()
            return odd_sizes(widths, heights, present)
        if name == "ratio":
            return np.divide(self.column("width"), self.column("height"))
        if name in SIZES:
            size: Column = self._sizes()[SIZES.index(name)]
            return size
        attribute = self._attribute(name)
        if attribute is not None:
            return attribute.numbers()
        if name in ("captured", "uploaded"):
            return self._aligned(*self._read.moments(moment_rows(name, self.project)))
        if name in ("name", "count"):
            rows = name_rows if name == "name" else count_rows
            ids, numbers = self._read.whole(rows(self.project))
            return self._aligned(ids, numbers, missing=0)
        if name in MEASURES and MEASURES[name].names:
            ids, numbers = self._read.whole(number_rows(name, self.project))
            return self._aligned(ids, numbers)
        return self._aligned(*self._read.broken(number_rows(name, self.project)))

    def faults(self) -> dict[str, npt.NDArray[np.int32]]:
        """The images with each fault; int32 positions."""
        columns = {fault: np.asarray(self.column(fault), dtype=np.float64) for fault in FAULTS}
        found = {fault: faulty(column, fault) for fault, column in columns.items()}
        return {fault: positions for fault, positions in found.items() if len(positions)}

    def judgements(self) -> dict[str, npt.NDArray[np.int32]]:
        """The images of which the project's model says what people say, and the others of which
        both say something: by class, or else by boxes."""
        known: dict[str, int] = {}
        numbers = []
        for field in ("pred", "said"):
            parts = self.parts(field)
            classes = np.full(len(self.ids), -1, dtype=np.int64)
            classes[parts.owners] = np.repeat(
                class_numbers(parts.names, known), np.diff(parts.starts)
            )
            numbers.append(classes)
        analysed = self.truth(self.asked(analysed_images(self.project)))
        right = judged(numbers[0], numbers[1], analysed)
        boxed = self._read.listed(boxed_images(self.project))
        boxed = boxed[np.isin(boxed, self.ids[analysed & (numbers[1] < 0)])]
        with self._read.session(Box, AnnotatedBox) as session:
            found = rightly_boxed(session, boxed.tolist(), self.project.model_key)
        right[self.positions(boxed)] = found
        positions = {name: np.flatnonzero(right == said) for name, said in (("yes", 1), ("no", 0))}
        return {name: at.astype(np.int32) for name, at in positions.items() if len(at)}

    def similarity(self, image_id: int) -> npt.NDArray[np.float64]:
        """float64 (N,): how similar each image is to one; NaN without features of either."""

        def compared() -> npt.NDArray[np.float64]:
            with self._read.session(Image, Embedding) as session:
                ids, found = project_similarities(session, self.project, image_id)
            return self._aligned(ids, found)

        return self.keep(("similar", image_id), compared)

    def _sizes(self) -> npt.NDArray[np.int64]:
        """int64 (3, N): SIZES of all images, which are read at once."""

        def read() -> npt.NDArray[np.int64]:
            _ids, *sizes = self._read.whole(size_rows(self.project))
            return np.array(sizes)

        return self.keep(("sizes",), read)

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


#: Fields of words that are calculated from other fields.
_CALCULATED: dict[str, Callable[[ProjectBits], dict[str, npt.NDArray[np.int32]]]] = {
    "fault": ProjectBits.faults,
    "correct": ProjectBits.judgements,
}


def _parts_of(owners: dict[str, npt.NDArray[np.int32]]) -> Parts:
    starts = np.cumsum([0, *map(len, owners.values())])
    flat = np.concatenate([*owners.values(), np.empty(0, dtype=np.int32)])
    return Parts(list(owners), starts, flat)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _listed_by(wanted: sa.ColumnElement[bool]) -> Any | None:
    """The query of `image.id IN (query)`; None for any other condition."""
    if not isinstance(wanted, sa.BinaryExpression) or wanted.operator is not in_op:
        return None
    if not wanted.left.compare(sa.inspect(Image).columns.id):
        return None
    return wanted.right.element if isinstance(wanted.right, sa.ScalarSelect) else None
