"""Running queries: which images, in which order, and how many."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlmodel import Session

from core.accounts.access import Viewer
from core.projects.tables import Project
from core.search.ast import Expression, Key
from core.search.bits import Bits, ProjectBits
from core.search.compiler import condition, is_sql
from core.search.evaluate import found
from core.search.likeness import keys_with_ids
from core.search.memory import project_bits
from core.search.ordering import beside, keys_of, part
from core.search.parser import parse_query
from core.search.views import read

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Page:
    """A part of what a query finds."""

    #: int64 (k,): the images of this part, in order.
    ids: Ids
    #: How many the query finds in all.
    total: int


def page(
    session: Session,
    viewer: Viewer,
    project: Project,
    text: str,
    order: str = "name",
    *,
    limit: int = 60,
    offset: int = 0,
) -> Page:
    """A part of what `find` gives, with the number of all."""
    with _asked(session, viewer, project, text, order) as (bits, wanted, keys):
        ids = bits.ids[part(bits, wanted, keys, offset, limit)]
        return Page(ids, _size(wanted))


def find(
    session: Session,
    viewer: Viewer,
    project: Project,
    text: str,
    order: str = "name",
    *,
    limit: int | None = None,
    offset: int = 0,
) -> Ids:
    """The images of a project that satisfy a query: int64 (N,) ids in order, equal ones by id.

    `order` is one of ORDERS, or one with `-` in front; a query that says its order itself has it.
    Images that lack the field come last. The answer is that of the database as it is now; within
    a transaction that writes, `session` is asked itself, so that it sees its own changes. Raises
    QueryError for a wrong query, ValueError for an unknown order.
    """
    with _asked(session, viewer, project, text, order) as (bits, wanted, keys):
        ids: Ids = bits.ids[part(bits, wanted, keys, offset, limit)]
        return ids


def count(session: Session, viewer: Viewer, project: Project, text: str) -> int:
    """The number of a project's images that satisfy a query. Raises QueryError."""
    with _asked(session, viewer, project, text, "id") as (_bits, wanted, _keys):
        return _size(wanted)


def neighbour(
    session: Session,
    viewer: Viewer,
    project: Project,
    text: str,
    order: str,
    image_id: int,
    step: int,
) -> int | None:
    """The image `step` places behind (before, if negative) one in what a query finds.

    None past the ends, and for an image that the query does not find. Raises QueryError.
    """
    with _asked(session, viewer, project, text, order) as (bits, wanted, keys):
        at = bits.positions(np.array([image_id], dtype=np.int64))
        there = beside(bits, wanted, keys, int(at[0]), step) if len(at) else None
        return None if there is None else int(bits.ids[there])


@contextmanager
def _asked(
    session: Session, viewer: Viewer, project: Project, text: str, order: str
) -> Iterator[tuple[ProjectBits, Bits, tuple[Key, ...]]]:
    """A project's bits, those of the images that a query finds, and the keys of its order."""
    keys = parse_query(text).order or keys_of(order)
    expression = read(session, project, text)
    if session.connection().get_execution_options().get("writes", False):
        bits = ProjectBits(session.connection(), project)
        yield bits, _found_now(bits, expression, viewer), keys_with_ids(bits, keys, viewer)
    else:
        with project_bits(project) as bits:
            wanted = found(bits, expression, viewer)
            yield bits, wanted, keys_with_ids(bits, keys, viewer)


def _found_now(bits: ProjectBits, expression: Expression | None, viewer: Viewer) -> Bits:
    """The same as `found`, by one question to the database where that can answer it."""
    if expression is not None and not is_sql(expression):
        return found(bits, expression, viewer)
    return bits.seen(viewer) & bits.asked(condition(expression, bits.project))


def _size(bits: Bits) -> int:
    return int(np.bitwise_count(bits).sum())
