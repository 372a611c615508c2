"""The values of a field, each with the number of images that have it among those of a query."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from core.accounts.access import Viewer
from core.curation.names import fold
from core.projects.tables import Project
from core.search.bits import ProjectBits
from core.search.evaluate import found
from core.search.memory import project_bits
from core.search.parts import Parts
from core.search.views import read

#: Values, each with its number of images, the most frequent first.
Counts = list[tuple[str, int]]

#: The fields that have values to count, beside `meta.<name>` and `exif.<name>`.
FACETS = (
    "tag", "pred", "truth", "correct", "differs", "model", "box", "batch", "by", "in", "camera",
    "format", "fault", "cluster", "duplicate",
)  # fmt: skip


def facets(
    session: Session, viewer: Viewer, project: Project, text: str, fields: Sequence[str] = FACETS
) -> dict[str, Counts]:
    """For each field its values with their number among the images of a query.

    Values that none of these images has are left out. `fields` are among FACETS, or attributes as
    `meta.<name>` and `exif.<name>`. Raises QueryError for a wrong query, KeyError for a field that
    has no values to count.
    """
    expression = read(session, project, text)
    with project_bits(project) as bits:
        wanted = bits.truth(found(bits, expression, viewer))
        return {field: _counted(bits, field, wanted) for field in fields}


def values(session: Session, viewer: Viewer, project: Project, field: str) -> Counts:
    """The values of a choice field with how many visible images have each, the most frequent first.

    `field` is one of FACETS. Raises KeyError for others.
    """
    return facets(session, viewer, project, "", (field,))[field]


def attributes(session: Session, viewer: Viewer, project: Project, text: str = "") -> Counts:
    """The names of the attributes, each with the number of images of a query that have it.

    Raises QueryError for a wrong query.
    """
    expression = read(session, project, text)
    with project_bits(project) as bits:
        wanted = bits.truth(found(bits, expression, viewer))
        return _counted(bits, "meta", wanted)


def _counted(bits: ProjectBits, field: str, wanted: np.ndarray) -> Counts:
    parts = bits.parts(field)
    inside = np.concatenate([[0], np.cumsum(wanted[parts.owners])])
    numbers = inside[parts.starts[1:]] - inside[parts.starts[:-1]]
    counts = [(name, int(n)) for name, n in zip(parts.names, numbers, strict=True) if n]
    return sorted(counts, key=lambda each: (-each[1], each[0]))


@dataclass(frozen=True)
class TagNode:
    """A tag, or what the names of several begin with, in the tree that `/` makes of them."""

    #: What `tag:` asks for.
    name: str
    #: The part of the name that stands below its parent.
    label: str
    #: 0 at the top.
    depth: int
    #: Number of images that have this tag or one below it, each counted once.
    count: int


def tag_tree(session: Session, viewer: Viewer, project: Project, text: str = "") -> list[TagNode]:
    """The tags of the images that a query finds, each below its parent, as `tag:` finds them.

    Siblings come by their number of images, then by name. What only the names of others begin with
    is a node as well: `defect` above `defect/dent`. Raises QueryError for a wrong query.
    """
    expression = read(session, project, text)
    with project_bits(project) as bits:
        wanted = bits.truth(found(bits, expression, viewer))
        return list(_nodes(bits.parts("tag"), wanted))


def _nodes(parts: Parts, wanted: np.ndarray) -> Iterator[TagNode]:
    owners: defaultdict[tuple[str, ...], list[np.ndarray]] = defaultdict(list)
    names: dict[tuple[str, ...], str] = {}
    for n, name in enumerate(parts.names):
        mine = parts.owners[parts.starts[n] : parts.starts[n + 1]]
        mine = mine[wanted[mine]]
        if not len(mine):
            continue
        levels = name.split("/")
        for depth in range(1, len(levels) + 1):
            path = tuple(fold(level) for level in levels[:depth])
            owners[path].append(mine)
            if depth == len(levels) or path not in names:
                names[path] = "/".join(levels[:depth])
    counts = {
        path: len(some[0]) if len(some) == 1 else len(np.unique(np.concatenate(some)))
        for path, some in owners.items()
    }

    def place(path: tuple[str, ...]) -> list[tuple[int, str]]:
        above = [path[:depth] for depth in range(1, len(path) + 1)]
        return [(-counts[each], each[-1]) for each in above]

    for path in sorted(counts, key=place):
        label = names[path].rpartition("/")[2]
        yield TagNode(names[path], label, len(path) - 1, counts[path])
