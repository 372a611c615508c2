"""Any sequence of edits of every kind, undone from its end, gives the first state back, byte for
byte; done again it gives the last state. In SQLite and in PostgreSQL."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

import core.search.saved as saved
from core.accounts.access import local_viewer
from core.annotations import edit_boxes, image_drawn, set_boxes, set_label, set_labels
from core.bin import delete_images, restore_images
from core.curation import (
    add_tag,
    colour_tag,
    create_tag,
    delete_selection,
    delete_tag,
    merge_tags,
    remove_tag,
    rename_tag,
    save_selection,
    set_attribute,
    set_attributes,
    set_note,
    set_values,
)
from core.curation.cells import Cell, save_cells
from core.curation.favourites import set_favourite
from core.curation.field_types import KINDS, FieldType, shown
from core.curation.fields import declare_field, forget_field
from core.database import engine, reading, upgrade, writing
from core.errors import UserError
from core.history import last_redoable, last_undoable, undo
from core.history.registry import inverses
from core.history.tables import Event
from core.settings import settings as workbench_settings
from core.tables import (
    AnnotatedBox,
    Annotation,
    FavouriteTag,
    Image,
    ImageTag,
    MetadataField,
    SavedQuery,
    SavedSelection,
    SelectedImage,
    Tag,
)
from tests.core.curation.conftest import Stage, add_project
from tests.core.search.conftest import database_url

IMAGES = 6
NAMES = st.sampled_from(["a", "B", "b/c", "흠집"])
FIELDS = st.sampled_from(["f", "g h", "흠집"])
PLACE = st.integers(0, IMAGES - 1)
PLACES = st.lists(PLACE, max_size=4)
VALUES = st.sampled_from([None, 1, 1.5, True, "x", "", "12", "2024-10-14", "2024/1/5", "yes"])
TYPES = st.builds(FieldType, st.sampled_from(KINDS), st.just("mm"), st.just(("x", "12")))
LABELS = st.sampled_from([None, "cat", "흠집"])
SIDES = st.lists(st.sampled_from([0.0, 0.1, 1 / 3, 0.7, 1.0]), min_size=2, max_size=2, unique=True)
BOX = st.tuples(st.sampled_from(["cat", "흠집"]), SIDES.map(sorted), SIDES.map(sorted)).map(
    lambda each: (each[0], each[1][0], each[2][0], each[1][1], each[2][1])
)
BOXES = st.none() | st.lists(BOX, max_size=3)


def seen_boxes(stage: Stage, image_id: int) -> Any:
    with reading() as session:
        return image_drawn(session, stage.viewer, image_id)


def seen_text(image_id: int, field: str) -> str:
    with reading() as session:
        return shown(session.get_one(Image, image_id).attributes.get(field))


def named_id(table: Any, stage: Stage, name: str) -> int:
    with reading() as session:
        query = sa.select(table.id).where(table.project_id == stage.id, table.name == name)
        return session.execute(query).scalar() or 0


#: Each edit by its name: what it is made of, and how it is made.
EDITS: dict[str, tuple[tuple[st.SearchStrategy[Any], ...], Callable[..., Any]]] = {
    "create tag": ((NAMES,), lambda s, name: create_tag(s.viewer, s.id, name)),
    "add tag": ((NAMES, PLACES), lambda s, name, at: add_tag(s.viewer, s.id, name, ids(s, at))),
    "remove tag": (
        (NAMES, PLACES),
        lambda s, name, at: remove_tag(s.viewer, s.id, name, ids(s, at)),
    ),
    "rename tag": ((NAMES, NAMES), lambda s, name, new: rename_tag(s.viewer, s.id, name, new)),
    "merge tags": ((NAMES, NAMES), lambda s, name, into: merge_tags(s.viewer, s.id, name, into)),
    "delete tag": ((NAMES,), lambda s, name: delete_tag(s.viewer, s.id, name)),
    "colour tag": (
        (NAMES, st.sampled_from(["#000000", "#ffffff"])),
        lambda s, name, colour: colour_tag(s.viewer, s.id, name, colour),
    ),
    "choose a key": (
        (NAMES, st.sampled_from([None, 1, 2])),
        lambda s, name, number: set_favourite(s.viewer, s.id, name, number),
    ),
    "set a field": (
        (FIELDS, VALUES, PLACES),
        lambda s, name, value, at: set_attribute(s.viewer, s.id, name, value, ids(s, at)),
    ),
    "set fields": (
        (PLACE, st.dictionaries(FIELDS, VALUES)),
        lambda s, at, values: set_attributes(s.viewer, s.images[at], values),
    ),
    "set fields of many": (
        (st.dictionaries(PLACE, st.dictionaries(FIELDS, VALUES)),),
        lambda s, values: set_values(s.viewer, s.id, {s.images[n]: v for n, v in values.items()}),
    ),
    "write cells": (
        (st.lists(st.tuples(PLACE, FIELDS, VALUES.map(shown)), max_size=4),),
        lambda s, cells: save_cells(
            s.viewer,
            s.id,
            [
                Cell(s.images[n], name, text, seen_text(s.images[n], name))
                for n, name, text in cells
            ],
        ),
    ),
    "declare a field": ((FIELDS, TYPES), lambda s, name, t: declare_field(s.viewer, s.id, name, t)),
    "forget a field": ((FIELDS,), lambda s, name: forget_field(s.viewer, s.id, name)),
    "set a class": (
        (LABELS, PLACES),
        lambda s, label, at: set_label(s.viewer, s.id, label, ids(s, at)),
    ),
    "set classes": (
        (st.dictionaries(PLACE, LABELS), st.sampled_from(["hand", "import"])),
        lambda s, labels, source: set_labels(
            s.viewer, s.id, {s.images[n]: label for n, label in labels.items()}, source
        ),
    ),
    "draw": (
        (PLACE, BOXES),
        lambda s, at, boxes: edit_boxes(s.viewer, s.images[at], boxes, seen_boxes(s, s.images[at])),
    ),
    "set boxes": (
        (st.dictionaries(PLACE, BOXES),),
        lambda s, boxes: set_boxes(s.viewer, s.id, {s.images[n]: b for n, b in boxes.items()}),
    ),
    "write a note": (
        (PLACE, st.sampled_from(["", "a note", "두 줄\n둘째"])),
        lambda s, at, note: set_note(s.viewer, s.images[at], note),
    ),
    "delete images": ((PLACES,), lambda s, at: delete_images(s.viewer, s.id, ids(s, at))),
    "restore images": ((PLACES,), lambda s, at: restore_images(s.viewer, s.id, ids(s, at))),
    "save selection": (
        (NAMES, PLACES, st.booleans()),
        lambda s, name, at, over: save_selection(
            s.viewer, s.id, name, ids(s, at), {"kind": "test"}, replace=over
        ),
    ),
    "delete selection": (
        (NAMES,),
        lambda s, name: delete_selection(s.viewer, named_id(SavedSelection, s, name)),
    ),
    "save query": (
        (NAMES, st.sampled_from(["tag:a", "width:1"]), st.booleans()),
        lambda s, name, text, over: saved.save_query(s.viewer, s.id, name, text, replace=over),
    ),
    "delete query": (
        (NAMES,),
        lambda s, name: saved.delete_query(s.viewer, named_id(SavedQuery, s, name)),
    ),
}
EDIT = st.one_of(*(st.tuples(st.just(name), *args) for name, (args, _make) in EDITS.items()))


def ids(stage: Stage, places: list[int]) -> list[int]:
    return [stage.images[place] for place in places]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stage(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with database_url(request.param) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATAG_DATA_DIR", str(tmp_path_factory.mktemp("edits")))
        patch.setenv("DATAG_DATABASE_URL", url)
        workbench_settings.cache_clear()
        engine.cache_clear()
        upgrade()
        viewer = local_viewer()
        with writing() as session:
            project, images = add_project(session, viewer, IMAGES)
        yield Stage(viewer, project, images, [])
        engine().dispose()
    workbench_settings.cache_clear()
    engine.cache_clear()


#: All that people decide; what only numbers the rows is left out, and what somebody has seen of a
#: watched query, which is no edit.
STATE = (
    sa.select(Tag.name, Tag.folded, Tag.colour),
    sa.select(Tag.name, ImageTag.image_id).join(Tag, Tag.id == ImageTag.tag_id),
    sa.select(FavouriteTag.user_id, FavouriteTag.number, Tag.name).join(
        Tag, Tag.id == FavouriteTag.tag_id
    ),
    sa.select(Image.id, Image.attributes, Image.note, Image.deleted_at),
    sa.select(*MetadataField.__table__.columns),
    sa.select(*Annotation.__table__.columns),
    sa.select(
        SavedSelection.name, SavedSelection.folded, SavedSelection.provenance,
        SavedSelection.created_by, SelectedImage.image_id,
    ).join(SelectedImage, SelectedImage.selection_id == SavedSelection.id),
    sa.select(SavedQuery.name, SavedQuery.folded, SavedQuery.text, SavedQuery.created_by),
)  # fmt: skip


def state() -> bytes:
    with reading() as session:
        parts = [
            sorted(json.dumps(list(row), sort_keys=True, default=str)
                   for row in session.execute(query))
            for query in STATE
        ]  # fmt: skip
        boxes = sa.select(*(c for c in AnnotatedBox.__table__.columns if c.name != "id"))
        # The order of the boxes of an image is the order in which they were drawn.
        drawn = session.execute(boxes.order_by(AnnotatedBox.image_id, AnnotatedBox.id))
        parts.append([json.dumps(list(row)) for row in drawn])
    return json.dumps(parts).encode()


def forget() -> None:
    with writing() as session:
        for table in (Event, Tag, SavedSelection, SavedQuery, MetadataField, Annotation,
                      AnnotatedBox):  # fmt: skip
            session.execute(sa.delete(table))
        session.execute(sa.update(Image).values(attributes={}, note="", deleted_at=None))


def try_to(stage: Stage, edit: tuple[Any, ...]) -> None:
    """Make an edit; a refusal must leave everything as it was."""
    name, *args = edit
    before, events = state(), newest()
    try:
        EDITS[name][1](stage, *args)
    except UserError:
        assert (state(), newest()) == (before, events)
    # What changes anything can be taken back.
    if state() != before:
        assert newest() > events


def newest() -> int:
    with reading() as session:
        return session.execute(sa.select(sa.func.max(Event.id))).scalar() or 0


def events_after(event_id: int) -> int:
    with reading() as session:
        query = sa.select(sa.func.count()).where(Event.id > event_id)
        return session.execute(query).scalar_one()


def next_step(stage: Stage, find: Callable[..., Event | None]) -> Event | None:
    with reading() as session:
        return find(session, stage.viewer, stage.project)


@pytest.mark.slow
@settings(max_examples=60)
@given(first=st.lists(EDIT, max_size=6), then=st.lists(EDIT, min_size=1, max_size=12))
def test_undone_edits_leave_nothing_behind(
    stage: Stage, first: list[tuple[Any, ...]], then: list[tuple[Any, ...]]
) -> None:
    forget()
    for edit in first:
        try_to(stage, edit)
    before, oldest = state(), newest()
    for edit in then:
        try_to(stage, edit)
    after, made, steps = state(), events_after(oldest), 0
    while (event := next_step(stage, last_undoable)) is not None and (event.id or 0) > oldest:
        undo(stage.viewer, event.id or 0)
        steps += 1
    assert state() == before
    assert steps == made
    for _ in range(steps):
        event = next_step(stage, last_redoable)
        assert event is not None
        undo(stage.viewer, event.id or 0)
    assert state() == after


def test_every_kind_of_edit_is_among_them() -> None:
    """A kind that can be taken back and that no edit above makes would go untested."""
    # What is done to models has its own tests, and `tag.split` is the undo of a merge.
    kinds = {kind for kind in inverses() if not kind.startswith("model.")} - {"tag.split"}
    made = {
        "tag.created", "tag.added", "tag.removed", "tag.renamed", "tag.merged", "tag.deleted",
        "tag.coloured", "favourite.set", "attributes.set", "field.declared", "field.forgotten",
        "label.set", "label.removed", "box.added", "box.removed", "box.moved", "box.relabelled",
        "boxes.set", "boxes.none", "boxes.removed", "note.set", "note.removed", "images.deleted",
        "images.restored", "selection.saved", "selection.deleted", "query.saved", "query.deleted",
    }  # fmt: skip
    assert kinds == made
