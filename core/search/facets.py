"""The values of a field, each with the number of images that have it among those of a query."""

from collections.abc import Sequence

import numpy as np
from sqlmodel import Session

from core.accounts.access import Viewer
from core.projects.tables import Project
from core.search.bits import ProjectBits
from core.search.evaluate import found
from core.search.memory import project_bits
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
