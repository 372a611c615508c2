"""Where the values of a field stand: rows of a value and an image that has it."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from core.accounts.tables import User
from core.analysis.tables import Box, Prediction
from core.curation.tables import ImageTag, SavedSelection, SelectedImage, Tag
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project
from core.search.compiler import attribute_value
from core.search.sql import members

#: A query of any columns.
Rows = sa.Select[*tuple[Any, ...]]


def value_rows(field: str, project: Project) -> Rows:
    """Rows of a value and an image that has it, for all images of the project.

    Images of other projects may be among them. Raises KeyError for a field without such values.
    """
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
