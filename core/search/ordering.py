"""The order of results: a project's images by several keys, those that lack a field last."""

import numpy as np
import numpy.typing as npt

from core.curation.names import fold
from core.search.ast import Key
from core.search.bits import Bits, Column, ProjectBits
from core.search.clauses import RANDOM
from core.search.fields import FieldType, field_of

#: int32 (N,): places in `ProjectBits.ids`.
Positions = npt.NDArray[np.int32]

#: What the view offers to order by; `-` before one reverses it.
ORDERS = ("name", "date", "uploaded", "confidence", "bytes", "id")
BY_NAME = (Key("name"),)
_FIRST_LOOK = 4096  # places looked at before all others


def keys_of(order: str) -> tuple[Key, ...]:
    """The keys of one of ORDERS. Raises ValueError."""
    name = order.removeprefix("-")
    if name not in ORDERS:
        raise ValueError(f"unknown order {order!r}; known: {', '.join(ORDERS)}")
    return (Key("conf" if name == "confidence" else name, order.startswith("-")),)


def in_order(bits: ProjectBits, keys: tuple[Key, ...]) -> Positions:
    """All images of the project in order, equal ones by id."""

    def ordered() -> Positions:
        if keys == BY_NAME:
            return bits.by_name()
        columns = [_column(bits, key) for key in reversed(keys)]
        return np.lexsort(columns).astype(np.int32)

    return bits.keep(("order", keys), ordered)


def places(bits: ProjectBits, keys: tuple[Key, ...]) -> Positions:
    """For each image of the project, where it stands in `in_order`."""

    def inverted() -> Positions:
        at = in_order(bits, keys)
        ranks = np.empty_like(at)
        ranks[at] = np.arange(len(at), dtype=np.int32)
        return ranks

    return bits.keep(("places", keys), inverted)


def part(
    bits: ProjectBits, wanted: Bits, keys: tuple[Key, ...], offset: int, limit: int | None
) -> Positions:
    """The images of a set in order, without the first `offset` ones, at most `limit`.

    No more of the order is looked at than this part needs.
    """
    order, truth = in_order(bits, keys), bits.truth(wanted)
    if truth.all():
        return order[offset:] if limit is None else order[offset : offset + limit]
    if limit is None:
        return order[truth[order]][offset:]
    pieces, at, size, missing = [], 0, _FIRST_LOOK, offset + limit
    while missing > 0 and at < len(order):
        piece = order[at : at + size]
        piece = piece[truth[piece]]
        pieces.append(piece)
        at, size, missing = at + size, 4 * size, missing - len(piece)
    return np.concatenate([order[:0], *pieces])[offset : offset + limit]


def beside(
    bits: ProjectBits, wanted: Bits, keys: tuple[Key, ...], position: int, step: int
) -> int | None:
    """The image of a set that is `step` places behind (before, if negative) one that is in it.

    None past the ends, and where the one is not in the set.
    """
    truth = bits.truth(wanted)
    if not truth[position]:
        return None
    if not step:
        return position
    order, at = in_order(bits, keys), int(places(bits, keys)[position])
    rest = order[at + 1 :] if step > 0 else order[:at][::-1]
    start, size, missing = 0, _FIRST_LOOK, abs(step)
    while start < len(rest):
        piece = rest[start : start + size]
        piece = piece[truth[piece]]
        if len(piece) >= missing:
            return int(piece[missing - 1])
        start, size, missing = start + size, 4 * size, missing - len(piece)
    return None


def chances(ids: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.uint64]:
    """uint64 (N,): for each image a number by chance that depends on its id and the seed alone.

    SplitMix64 (Steele, Lea and Flood, 2014), twice: of the seed, then of the id beside it.
    """
    return _mixed(ids.astype(np.uint64) ^ _mixed(np.array([seed], dtype=np.uint64)))


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _column(bits: ProjectBits, key: Key) -> npt.NDArray[np.float64 | np.int64 | np.uint64]:
    """What one key sorts by, ascending; NaN, which sorts last, where an image has no value."""
    if key.field == RANDOM:
        return chances(bits.ids, key.seed)
    field = field_of(key.field)
    assert field is not None
    column: Column
    if field.type is FieldType.CHOICE:
        column = _words(bits, key.field)
    elif field.type is FieldType.IMAGE:
        column = bits.similarity(int(key.image))
    elif field.type is FieldType.ATTRIBUTE:
        column = _attribute(bits, key.field)
    else:
        column = bits.column(key.field)
    return -column if key.descending else column


def _words(bits: ProjectBits, field: str) -> npt.NDArray[np.float64]:
    """float64 (N,): the place of each image's word among all words, by letters, then by case; of
    several words the first one's."""
    parts = bits.parts(field)
    names = parts.names
    alphabet = sorted(range(len(names)), key=lambda i: (fold(names[i]), names[i]))
    ranks = np.empty(len(names))
    ranks[alphabet] = np.arange(len(names))
    column = np.full(len(bits.ids), np.nan)
    np.fmin.at(column, parts.owners, ranks[parts.numbers()])
    return column


def _attribute(bits: ProjectBits, field: str) -> npt.NDArray[np.float64]:
    """float64 (N,): the place of an attribute's value: numbers first, then words."""
    numbers = bits.column(field)
    found, places_of = np.unique(numbers[~np.isnan(numbers)], return_inverse=True)
    column = _words(bits, field) + len(found)
    column[~np.isnan(numbers)] = places_of
    return column
