"""Where the values of a field stand: rows of a word or a number and an image that has it."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from core.accounts.tables import User
from core.analysis.tables import Box, Prediction
from core.annotations.tables import AnnotatedBox, Annotation
from core.curation.tables import ImageTag, SavedSelection, SelectedImage, Tag
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project
from core.search.compiler import AREA, attribute_number, attribute_value
from core.search.measures import MEASURES
from core.search.sql import by_code_points, members, stored_moment

#: A query of any columns.
Rows = sa.Select[*tuple[Any, ...]]

_MOMENTS = {"uploaded": col(Image.uploaded_at), "captured": col(Image.captured_at)}
#: Fields that are asked for by their numbers.
NUMBERS = ("bytes", "width", "height", "ratio", "id", "odd_size", *MEASURES)
SIZES = ("width", "height", "bytes")


def by_name(project: Project) -> Rows:
    """The project's images by name, equal names by id."""
    order = (by_code_points(col(Image.name)), col(Image.id))
    return sa.select(col(Image.id)).where(col(Image.project_id) == project.id).order_by(*order)


def name_rows(project: Project) -> Rows:
    """Rows of an image and the place of its name among all of the project; equal ones have one."""
    place = sa.func.dense_rank().over(order_by=by_code_points(col(Image.name)))
    return sa.select(col(Image.id), place).where(col(Image.project_id) == project.id)


def size_rows(project: Project) -> Rows:
    """Rows of an image and its SIZES, ascending by id."""
    sizes = (col(Image.width), col(Image.height), col(Image.byte_size))
    mine = col(Image.project_id) == project.id
    return sa.select(col(Image.id), *sizes).where(mine).order_by(col(Image.id))


def moment_rows(field: str, project: Project) -> Rows:
    """Rows of an image and when it was `uploaded` or `captured`, as a `stored_moment`."""
    moment = _MOMENTS[field]
    rows = sa.select(col(Image.id), stored_moment(moment)).where(moment.is_not(None))
    return rows.where(col(Image.project_id) == project.id).order_by(col(Image.id))


def attribute_texts(project: Project) -> Rows:
    """Rows of an image's attributes as text, and the image."""
    rows = sa.select(sa.cast(col(Image.attributes), sa.Text), col(Image.id))
    # In the order of their ids, or the database would look up each row by itself.
    return rows.where(col(Image.project_id) == project.id).order_by(col(Image.id))


def boxed_images(project: Project) -> Rows:
    """The images of which people drew all boxes."""
    mine = sa.and_(col(Image.project_id) == project.id, col(Annotation.has_boxes))
    joined = sa.join(Annotation, Image, col(Image.id) == col(Annotation.image_id))
    return sa.select(col(Annotation.image_id)).select_from(joined).where(mine)


def analysed_images(project: Project) -> sa.ColumnElement[bool]:
    """A condition on images: the project's model has seen it."""
    seen = sa.and_(col(Prediction.model_key) == project.model_key, col(Prediction.error).is_(None))
    return col(Image.id).in_(sa.select(col(Prediction.image_id)).where(seen))


def count_rows(project: Project) -> Rows:
    """Rows of an image that has boxes and how many."""
    mine = col(Box.model_key) == project.model_key
    rows = sa.select(col(Box.image_id), sa.func.count()).where(mine)
    return rows.group_by(col(Box.image_id))


def number_rows(field: str, project: Project) -> Rows:
    """Rows of an image and its number, never NULL: one of MEASURES, `area` (of the largest box),
    `meta.<name>` or `exif.<name>`. Images of other projects may be among them."""
    model = project.model_key
    if field == "area":
        area = sa.select(col(Box.image_id), sa.func.max(AREA)).where(col(Box.model_key) == model)
        return area.group_by(col(Box.image_id))
    if (measure := MEASURES.get(field)) is not None:
        known = col(measure.column).is_not(None)
        return sa.select(measure.table.image_id, measure.value).where(measure.of(project), known)
    value = attribute_number(field)
    rows = sa.select(col(Image.id), value).where(value.is_not(None))
    # Without an order by id, the database would look up each row by itself.
    return rows.where(col(Image.project_id) == project.id).order_by(col(Image.id))


def _said_classes() -> Any:
    """Rows of a class that people gave, to an image or to a box in it, and the image."""
    given = sa.select(col(Annotation.label), col(Annotation.image_id))
    drawn = sa.select(col(AnnotatedBox.label), col(AnnotatedBox.image_id))
    return sa.union(given.where(col(Annotation.label).is_not(None)), drawn).subquery()


def _differing(project: Project) -> Rows:
    """Rows of a model that says something else than the project's, and an image."""
    ours, other = sa.alias(Prediction.__table__), sa.alias(Prediction.__table__)  # type: ignore[attr-defined]
    said = [sa.func.coalesce(each.c.label, "") for each in (ours, other)]
    return (
        sa.select(other.c.model_key, other.c.image_id)
        .join(ours, ours.c.image_id == other.c.image_id)
        .where(
            ours.c.model_key == project.model_key, said[0] != said[1],
            ours.c.error.is_(None), other.c.error.is_(None),
        )
    )  # fmt: skip


#: Fields of which each value is a row of a table: the rows of its images, and how these name it.
LINKED: dict[str, tuple[Any, str]] = {
    "tag": (ImageTag, "tag_id"),
    "in": (SelectedImage, "selection_id"),
}


def linked_rows(field: str, number: int) -> Rows:
    """The images of one value of a field of LINKED."""
    table, key = LINKED[field]
    return sa.select(col(table.image_id)).where(col(getattr(table, key)) == number)


def value_rows(field: str, project: Project) -> Rows:
    """Rows of a value, or the number of one (`value_names`), and an image that has it.

    Images of other projects may be among them. Raises KeyError for a field without such values.
    """
    mine = col(Image.project_id) == project.id
    model = project.model_key
    if "." in field:
        kind, value = attribute_value(field)
        # A truth value's text differs between databases.
        written = sa.case((kind.in_(("true", "false")), kind), else_=sa.cast(value, sa.String))
        return sa.select(written, col(Image.id)).where(mine, kind.is_not(None))
    if field in MEASURES:
        numbers = number_rows(field, project).subquery().c
        return sa.select(sa.cast(numbers[1], sa.String), numbers[0])
    named = members(col(Image.attributes))
    queries: dict[str, Rows] = {
        "tag": sa.select(col(ImageTag.tag_id), col(ImageTag.image_id)).where(
            col(ImageTag.tag_id).in_(
                sa.select(col(Tag.id)).where(col(Tag.project_id) == project.id)
            )
        ),
        "pred": sa.select(col(Prediction.label), col(Prediction.image_id)).where(
            col(Prediction.model_key) == model, col(Prediction.label).is_not(None)
        ),
        "truth": sa.select(*_said_classes().c),
        "said": sa.select(col(Annotation.label), col(Annotation.image_id)).where(
            col(Annotation.label).is_not(None)
        ),
        "differs": _differing(project),
        "model": sa.select(col(Prediction.model_key), col(Prediction.image_id)),
        "box": sa.select(col(Box.label), col(Box.image_id))
        .where(col(Box.model_key) == model)
        .distinct(),
        "batch": sa.select(col(Image.batch_id), col(Image.id)).where(mine),
        "by": sa.select(col(Image.batch_id), col(Image.id)).where(mine),
        "in": sa.select(col(SelectedImage.selection_id), col(SelectedImage.image_id)).where(
            col(SelectedImage.selection_id).in_(
                sa.select(col(SavedSelection.id)).where(
                    col(SavedSelection.project_id) == project.id
                )
            )
        ),
        "camera": sa.select(col(Image.camera), col(Image.id)).where(
            mine, col(Image.camera).is_not(None)
        ),
        "format": sa.select(col(Image.format), col(Image.id)).where(mine),
        "meta": sa.select(named.c.key, col(Image.id))
        .select_from(sa.join(Image, named, sa.true()))
        .where(mine),
    }
    return queries[field]


def _numbers_of(table: Any, project: Project) -> Rows:
    return sa.select(col(table.id)).where(col(table.project_id) == project.id)


def value_names(field: str, project: Project) -> Rows | None:
    """Rows of a number that stands for a value in `value_rows` and its name; None where the values
    stand there themselves."""
    queries: dict[str, Rows] = {
        "tag": sa.select(col(Tag.id), col(Tag.name)).where(col(Tag.project_id) == project.id),
        "batch": sa.select(col(Batch.id), col(Batch.name)).where(
            col(Batch.project_id) == project.id
        ),
        "by": sa.select(col(Batch.id), col(User.name))
        .join(User, col(User.id) == col(Batch.created_by))
        .where(col(Batch.project_id) == project.id),
        "in": sa.select(col(SavedSelection.id), col(SavedSelection.name)).where(
            col(SavedSelection.project_id) == project.id
        ),
    }
    return queries.get(field)
