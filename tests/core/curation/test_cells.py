"""Cells of the table: read, saved as one change, and told what stands in the way."""

import io

import numpy as np
import pytest

from core.accounts.access import Viewer
from core.curation import add_tag, set_attributes
from core.curation.cells import MAX_CELLS, Cell, save_cells, table_rows
from core.curation.field_types import FieldType
from core.curation.fields import declare_field
from core.database import reading
from core.errors import NotFound, Outdated, UserError
from core.formats.grid import write_grid
from core.history import undo
from core.media.images import load_images
from tests.core.curation.conftest import Stage


def attributes(stage: Stage, place: int = 0) -> dict[str, object]:
    with reading() as session:
        images = load_images(session, stage.viewer, stage.images)
    return images[stage.images[place]].attributes


@pytest.fixture
def filled(stage: Stage) -> Stage:
    """The first image has a value of each kind, another one a tag."""
    values = {"text": "5", "number": 2.0, "truth": True, "zip": "007"}
    set_attributes(stage.viewer, stage.images[0], values)
    add_tag(stage.viewer, stage.id, "b", stage.images[1:2])
    add_tag(stage.viewer, stage.id, "a", stage.images[1:2])
    return stage


def test_rows_hold_texts_in_the_order_asked_for(filled: Stage) -> None:
    asked = [filled.images[1], filled.images[0]]
    with reading() as session:
        rows = table_rows(session, filled.viewer, asked, ["number", "truth", "none", "zip"])
        hidden = table_rows(session, Viewer(0, "nobody"), asked, ["number"])
    assert [row["id"] for row in rows] == asked
    assert [row["cells"] for row in rows] == [["", "", "", ""], ["2", "yes", "", "007"]]
    assert [row["tags"] for row in rows] == ["a, b", ""]
    assert hidden == []


def test_cells_are_saved_as_one_change(filled: Stage) -> None:
    first, second = filled.images[:2]
    cells = [
        Cell(first, "text", "6", "5"),
        Cell(first, "number", "", "2"),
        Cell(first, "truth", "No", "yes"),
        Cell(second, "number", "3.5", ""),
        Cell(second, "new field", " x ", ""),
    ]
    event, problems = save_cells(filled.viewer, filled.id, cells)
    assert problems == [] and event is not None and event.image_count == 2
    assert attributes(filled) == {"text": "6", "truth": False, "zip": "007"}
    assert attributes(filled, 1) == {"number": 3.5, "new field": "x"}
    undo(filled.viewer, event.id or 0)
    assert attributes(filled) == {"text": "5", "number": 2.0, "truth": True, "zip": "007"}
    assert attributes(filled, 1) == {}
    assert save_cells(filled.viewer, filled.id, [Cell(first, "text", "5", "5")]) == (None, [])


def test_all_that_stands_in_the_way_is_told_and_nothing_is_saved(filled: Stage) -> None:
    first, second = filled.images[:2]
    declare_field(filled.viewer, filled.id, "number", FieldType("number", "mm"))
    cells = [
        Cell(first, "text", "6", "5"),
        Cell(first, "number", "wide", "2"),
        Cell(first, "zip", "008", "006"),
        Cell(second, "a/b", "x", ""),
        Cell(second, "text", "x" * 2001, ""),
        Cell(filled.foreign_images[0], "text", "x", ""),
    ]
    event, problems = save_cells(filled.viewer, filled.id, cells)
    assert event is None
    told = [(problem.image_id, problem.field, type(problem.reason)) for problem in problems]
    assert told == [
        (first, "number", UserError),
        (first, "zip", Outdated),
        (second, "a/b", UserError),
        (second, "text", UserError),
        (filled.foreign_images[0], "text", NotFound),
    ]
    assert attributes(filled)["text"] == "5"


def test_too_many_cells_are_refused(filled: Stage) -> None:
    with pytest.raises(UserError, match=f"{MAX_CELLS}"):
        cells = [Cell(filled.images[0], "f", "x", "")] * (MAX_CELLS + 1)
        save_cells(filled.viewer, filled.id, cells)
    with pytest.raises(NotFound):
        save_cells(Viewer(0, "nobody"), filled.id, [])


def test_the_file_holds_the_chosen_fields_and_no_formulas(filled: Stage) -> None:
    set_attributes(filled.viewer, filled.images[0], {"text": "=1+1"})
    target = io.BytesIO()
    with reading() as session:
        write_grid(session, filled.viewer, np.array(filled.images[:2]), ["text", "zip"], target)
    lines = target.getvalue().decode("utf-8-sig").splitlines()
    first, second = filled.images[:2]
    assert lines == [
        "image_id,name,prediction,confidence,meta.text,meta.zip",
        f"{first},0.png,,,'=1+1,007",
        f"{second},1.png,,,,",
    ]
