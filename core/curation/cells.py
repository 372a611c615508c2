"""A table of images and their fields: rows for a part of it, and cells saved as one change."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlmodel import Session

from core.accounts.access import Viewer
from core.curation.attributes import (
    checked_field,
    meant,
    read_attributes,
    set_values,
    types_of,
)
from core.curation.field_types import FieldType, Value, shown
from core.curation.scope import touchable, visible_project
from core.curation.summaries import image_rows
from core.database import writing
from core.errors import NotFound, Outdated, UserError
from core.history.tables import Event
from core.media.images import load_images

MAX_CELLS = 50_000  # of one change


class Cell(NamedTuple):
    """What a person wrote into a cell."""

    image_id: int
    field: str
    text: str
    #: What stood in it before.
    seen: str


@dataclass(frozen=True)
class CellProblem:
    """Why a cell cannot be saved, with what to do about it."""

    image_id: int
    field: str
    reason: UserError


def table_rows(
    session: Session, viewer: Viewer, image_ids: Sequence[int], fields: Sequence[str]
) -> list[dict[str, Any]]:
    """Rows of the images that the viewer may see, in the order of `image_ids`.

    Keys: id, name (with its folders), label, confidence, tags (joined by commas), and `cells`: the
    text of each of `fields`, empty where the image does not have it.
    """
    attributes = {
        image_id: image.attributes
        for image_id, image in load_images(session, viewer, image_ids).items()
    }
    return [
        {
            "id": row["id"],
            "name": row["path"],
            "label": row["label"],
            "confidence": row["confidence"],
            "tags": ", ".join(tag["name"] for tag in row["tags"]),
            "cells": [shown(attributes[row["id"]].get(field)) for field in fields],
        }
        for row in image_rows(session, viewer, image_ids)
    ]


def save_cells(
    viewer: Viewer, project_id: int, cells: Iterable[Cell]
) -> tuple[Event | None, list[CellProblem]]:
    """Save cells as one change, all or none.

    Returns the event, None when nothing changed, and what stands in the way. Then nothing is saved:
    a value does not fit its field, someone else changed the cell since, or the image is gone.
    """
    meant = list(cells)
    if len(meant) > MAX_CELLS:
        raise UserError("fields.too_many_cells", n=len(meant), most=MAX_CELLS)
    values: defaultdict[int, dict[str, Value]] = defaultdict(dict)
    problems: list[CellProblem] = []
    with writing() as session:
        visible_project(session, viewer, project_id)
        types = types_of(session, project_id)
        condition = touchable(viewer, project_id, {cell.image_id for cell in meant})
        present = read_attributes(session, condition)
        for cell in meant:
            try:
                if cell.image_id not in present:
                    raise NotFound("curation.no_image", id=cell.image_id)
                value = _value(cell, present[cell.image_id], types)
                values[cell.image_id][checked_field(cell.field)] = value
            except UserError as error:
                problems.append(CellProblem(cell.image_id, cell.field, error))
        if problems:
            return None, problems
        return set_values(viewer, project_id, values, session=session), []


def _value(cell: Cell, attributes: dict[str, Value], types: dict[str, FieldType]) -> Value:
    now = attributes.get(cell.field)
    if shown(now) != cell.seen:
        raise Outdated("curation.attribute_changed", field=cell.field, value=shown(now) or "–")
    return meant(types.get(cell.field), cell.field, now, cell.text)
