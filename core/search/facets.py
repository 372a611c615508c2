"""The values of a field, each with the number of images that have it among those of a query."""

from collections.abc import Sequence

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer
from core.accounts.tables import User
from core.analysis.tables import Box, Prediction
from core.curation.tables import ImageTag, SavedSelection, SelectedImage, Tag
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project
from core.search.bits import ProjectBits, Rows
from core.search.compiler import attribute_value
from core.search.memory import project_bits
from core.search.sql import members
from core.search.views import read

#: Values, each with its number of images, the most frequent first.
Counts = list[tuple[str, int]]

#: The fields that have values to count, beside `meta.<name>` and `exif.<name>`.
FACETS = ("tag", "pred", "model", "box", "batch", "by", "in", "camera", "format")


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
        wanted = bits.truth(bits.found(expression, viewer))
        return {field: _counted(bits, project, field, wanted) for field in fields}


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
        wanted = bits.truth(bits.found(expression, viewer))
        return _counted(bits, project, "meta", wanted)


def _counted(bits: ProjectBits, project: Project, field: str, wanted: np.ndarray) -> Counts:
    names, starts, owners = bits.keep_parts(("facet", field), _query(field, project))
    inside = np.concatenate([[0], np.cumsum(wanted[owners])])
    numbers = inside[starts[1:]] - inside[starts[:-1]]
    counts = [(name, int(n)) for name, n in zip(names, numbers, strict=True) if n]
    return sorted(counts, key=lambda each: (-each[1], each[0]))


def _query(field: str, project: Project) -> Rows:
    """Rows of a value and an image that has it, for all images of the project."""
    mine = col(Image.project_id) == project.id
    model = project.model_key
    if "." in field:
        kind, value = attribute_value(field)
        # A truth value's text differs between databases.
        written = sa.case((kind.in_(("true", "false")), kind), else_=sa.cast(value, sa.String))
        return sa.select(written, col(Image.id)).where(mine, kind.is_not(None))
    named = members(col(Image.attributes))
    queries: dict[str, Rows] = {
        "tag": sa.select(col(Tag.name), col(ImageTag.image_id))
        .join(Tag, col(Tag.id) == col(ImageTag.tag_id))
        .where(col(Tag.project_id) == project.id),
        "pred": sa.select(col(Prediction.label), col(Prediction.image_id)).where(
            col(Prediction.model_key) == model, col(Prediction.label).is_not(None)
        ),
        "model": sa.select(col(Prediction.model_key), col(Prediction.image_id)),
        "box": sa.select(col(Box.label), col(Box.image_id))
        .where(col(Box.model_key) == model)
        .distinct(),
        "batch": sa.select(col(Batch.name), col(Image.id))
        .join(Batch, col(Batch.id) == col(Image.batch_id))
        .where(mine),
        "by": sa.select(col(User.name), col(Image.id))
        .select_from(Image)
        .join(Batch, col(Batch.id) == col(Image.batch_id))
        .join(User, col(User.id) == col(Batch.created_by))
        .where(mine),
        "in": sa.select(col(SavedSelection.name), col(SelectedImage.image_id))
        .join(SavedSelection, col(SavedSelection.id) == col(SelectedImage.selection_id))
        .where(col(SavedSelection.project_id) == project.id),
        "camera": sa.select(col(Image.camera), col(Image.id)).where(
            mine, col(Image.camera).is_not(None)
        ),
        "format": sa.select(col(Image.format), col(Image.id)).where(mine),
        "meta": sa.select(named.c.key, col(Image.id))
        .select_from(sa.join(Image, named, sa.true()))
        .where(mine),
    }
    return queries[field]
