"""What a whole query finds, from sets of bits."""

from datetime import date

import numpy as np
import numpy.typing as npt

from core.accounts.access import Viewer
from core.search.ast import Expression, Not, Or, Query, Sample, Taken, Term, children
from core.search.bits import Bits, ProjectBits
from core.search.likeness import keys_with_ids, similar
from core.search.ordering import BY_NAME, chances, part


def found(bits: ProjectBits, expression: Expression | None, viewer: Viewer) -> Bits:
    """The images that satisfy an expression and that `viewer` may see."""
    seen = bits.seen(viewer)
    return seen if expression is None else seen & _of(bits, expression, viewer)


def _of(bits: ProjectBits, expression: Expression, viewer: Viewer) -> Bits:
    if isinstance(expression, Term):
        # What is like an image that the viewer may not see tells of it.
        alike = expression.field == "similar"
        return similar(bits, expression, viewer) if alike else bits.term(expression)
    if isinstance(expression, Taken):
        key = ("taken", expression.query, viewer, date.today())
        return bits.keep(key, lambda: _taken(bits, expression.query, viewer))
    parts = [_of(bits, child, viewer) for child in children(expression)]
    if isinstance(expression, Not):
        return ~parts[0]
    combine = np.bitwise_or if isinstance(expression, Or) else np.bitwise_and
    combined: Bits = combine.reduce(parts)
    return combined


def _taken(bits: ProjectBits, query: Query, viewer: Viewer) -> Bits:
    """What a query's sample and then its limit leave of the images that satisfy its condition."""
    wanted = found(bits, query.where, viewer)
    if query.sample is not None:
        wanted = _packed(bits, _sampled(bits, bits.truth(wanted), query.sample))
    if query.limit is not None:
        keys = keys_with_ids(bits, query.order or BY_NAME, viewer)
        wanted = _packed(bits, part(bits, wanted, keys, 0, query.limit))
    return wanted


def _packed(bits: ProjectBits, positions: npt.NDArray[np.integer]) -> Bits:
    truth = np.zeros(len(bits.ids), dtype=bool)
    truth[positions] = True
    return np.packbits(truth)


def _sampled(
    bits: ProjectBits, wanted: npt.NDArray[np.bool_], sample: Sample
) -> npt.NDArray[np.integer]:
    """Positions of the images with the smallest numbers by chance, equal ones by id."""
    numbers = chances(bits.ids, sample.seed)
    if not sample.per:
        positions = np.flatnonzero(wanted)
        return positions[np.argsort(numbers[positions], kind="stable")[: sample.count]]
    parts = bits.parts(sample.per)
    there = wanted[parts.owners]
    groups, members = parts.numbers()[there], parts.owners[there]
    order = np.lexsort((members, numbers[members], groups))
    groups, members = groups[order], members[order]
    # How many of the same group stand before each.
    before = np.arange(len(groups)) - np.searchsorted(groups, groups)
    return members[before < sample.count]
