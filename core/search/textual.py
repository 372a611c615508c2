"""Conditions on images that have one of some words: a function a field, of a word and a project."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from core.accounts.tables import User
from core.analysis.tables import Box, Prediction
from core.annotations.tables import AnnotatedBox, Annotation
from core.curation.names import fold
from core.curation.tables import ImageTag, SavedSelection, SelectedImage, Tag
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project
from core.search.ast import Term
from core.search.patterns import contains, equals, fits, is_wild

Condition = sa.ColumnElement[bool]

#: Formats by what people call them.
FORMATS = {"jpg": "jpeg", "tif": "tiff"}


def images_of(table: Any, *conditions: Condition) -> Condition:
    """The image stands in a row of `table`, which has an `image_id`, under these conditions."""
    return col(Image.id).in_(select(table.image_id).where(*conditions))


def _note(value: str, _project: Project) -> Condition:
    note = col(Image.note)
    return sa.and_(note != "", fits(note, value) if is_wild(value) else contains(note, value))


def _truth(value: str, _project: Project) -> Condition:
    """The class that people gave the image, or that of a box that they drew."""
    said = sa.and_(col(Annotation.label).is_not(None), equals(col(Annotation.label), value))
    return sa.or_(
        images_of(Annotation, said),
        images_of(AnnotatedBox, equals(col(AnnotatedBox.label), value)),
    )


def differs(term: Term, project: Project) -> Condition:
    """Images that two models have analysed and said something else of; nothing is a word too."""
    first, second = sa.alias(Prediction.__table__), sa.alias(Prediction.__table__)  # type: ignore[attr-defined]
    other = term.values[-1]
    ours = first.c.model_key == project.model_key
    if len(term.values) > 1:
        ours = equals(first.c.model_key, term.values[0])
    said = [sa.func.coalesce(each.c.label, "") for each in (first, second)]
    both = sa.select(first.c.image_id).join(second, second.c.image_id == first.c.image_id)
    return col(Image.id).in_(
        both.where(
            ours, equals(second.c.model_key, other), said[0] != said[1],
            first.c.error.is_(None), second.c.error.is_(None),
        )
    )  # fmt: skip


def _name(value: str, _project: Project) -> Condition:
    name = col(Image.name)
    if not is_wild(value):
        return contains(name, value)
    # A pattern fits the whole name or the part behind the folders.
    return sa.or_(fits(name, value), fits(name, f"*/{value}"))


def _tag(value: str, project: Project) -> Condition:
    folded = fold(value)
    # `defect` also stands for `defect/scratch` and whatever else is below it.
    below = col(Tag.folded).startswith(f"{folded}/", autoescape=True)
    named = sa.or_(col(Tag.folded) == folded, below)
    tag = select(Tag.id).where(Tag.project_id == project.id, named)
    return images_of(ImageTag, col(ImageTag.tag_id).in_(tag))


def _pred(value: str, project: Project) -> Condition:
    of_model = col(Prediction.model_key) == project.model_key
    return images_of(Prediction, of_model, equals(col(Prediction.label), value))


def _text(value: str, project: Project) -> Condition:
    of_model = col(Prediction.model_key) == project.model_key
    predicted = images_of(Prediction, of_model, contains(col(Prediction.label), value))
    return sa.or_(_name(value, project), _tag(value, project), predicted)


def _box(value: str, project: Project) -> Condition:
    of_model = col(Box.model_key) == project.model_key
    return images_of(Box, of_model, equals(col(Box.label), value))


def _model(value: str, _project: Project) -> Condition:
    return images_of(Prediction, equals(col(Prediction.model_key), value))


def _by(value: str, project: Project) -> Condition:
    people = select(User.id).where(equals(col(User.name), value))
    batches = select(Batch.id).where(
        Batch.project_id == project.id, col(Batch.created_by).in_(people)
    )
    return col(Image.batch_id).in_(batches)


def _batch(value: str, project: Project) -> Condition:
    named = equals(col(Batch.name), value)
    if value.isascii() and value.isdigit() and int(value) < 2**63:
        named = sa.or_(named, col(Batch.id) == sa.literal(int(value), sa.BigInteger))
    batches = select(Batch.id).where(Batch.project_id == project.id, named)
    return col(Image.batch_id).in_(batches)


def _in(value: str, project: Project) -> Condition:
    saved = select(SavedSelection.id).where(
        SavedSelection.project_id == project.id, SavedSelection.folded == fold(value)
    )
    return images_of(SelectedImage, col(SelectedImage.selection_id).in_(saved))


def _camera(value: str, _project: Project) -> Condition:
    return sa.and_(col(Image.camera).is_not(None), equals(col(Image.camera), value))


def _format(value: str, _project: Project) -> Condition:
    return equals(col(Image.format), FORMATS.get(value.lower(), value))


TEXTUAL: dict[str, Callable[[str, Project], Condition]] = {
    "text": _text,
    "note": _note,
    "truth": _truth,
    "name": _name,
    "tag": _tag,
    "pred": _pred,
    "box": _box,
    "model": _model,
    "by": _by,
    "batch": _batch,
    "in": _in,
    "camera": _camera,
    "format": _format,
}
