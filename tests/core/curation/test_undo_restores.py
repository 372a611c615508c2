"""Any sequence of edits, undone from its end, gives the first state back, byte for byte."""

import json

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.curation import (
    add_tag,
    colour_tag,
    create_tag,
    delete_tag,
    merge_tags,
    remove_tag,
    rename_tag,
    save_selection,
    set_attribute,
    set_attributes,
)
from core.database import reading, writing
from core.errors import UserError
from core.history import last_redoable, last_undoable, undo
from core.history.tables import Event
from core.tables import Image, ImageTag, SavedSelection, SelectedImage, Tag

NAMES = st.sampled_from(["a", "B", "b/c", "흠집"])
PLACES = st.lists(st.integers(0, 9), max_size=6)
VALUES = st.sampled_from([None, 1, 1.5, True, "x", ""])
EDITS = st.one_of(
    st.tuples(st.just(add_tag), NAMES, PLACES),
    st.tuples(st.just(remove_tag), NAMES, PLACES),
    st.tuples(st.just(create_tag), NAMES),
    st.tuples(st.just(delete_tag), NAMES),
    st.tuples(st.just(rename_tag), NAMES, NAMES),
    st.tuples(st.just(merge_tags), NAMES, NAMES),
    st.tuples(st.just(colour_tag), NAMES, st.sampled_from(["#000000", "#ffffff"])),
    st.tuples(st.just(set_attribute), NAMES.map(lambda n: n.replace("/", "")), VALUES, PLACES),
    st.tuples(st.just(set_attributes), st.integers(0, 9), st.dictionaries(NAMES, VALUES)),
    st.tuples(st.just(save_selection), NAMES, PLACES, st.booleans()),
)


def state(project_id: int) -> bytes:
    """All that people decided, without the numbers of rows."""
    with reading() as session:
        tags = session.execute(
            sa.select(Tag.name, Tag.folded, Tag.colour).where(Tag.project_id == project_id)
        ).all()
        tagged = session.execute(
            sa.select(Tag.name, ImageTag.image_id).join(Tag, Tag.id == ImageTag.tag_id)
        ).all()
        attributes = session.execute(sa.select(Image.id, Image.attributes)).all()
        selected = session.execute(
            sa.select(SavedSelection.name, SavedSelection.provenance, SelectedImage.image_id).join(
                SelectedImage, SelectedImage.selection_id == SavedSelection.id
            )
        ).all()
    rows = [sorted(json.dumps(list(row), sort_keys=True) for row in part)
            for part in (tags, tagged, attributes, selected)]  # fmt: skip
    return json.dumps(rows).encode()


def apply(stage, edit) -> None:
    """Make an edit; one that is refused changes nothing."""
    act, *rest = edit
    if act is set_attributes:
        place, values = rest
        fit = {name.replace("/", ""): value for name, value in values.items()}
        act(stage.viewer, stage.images[place], fit)
        return
    if act is save_selection:
        name, places, replace = rest
        ids = [stage.images[place] for place in places]
        act(stage.viewer, stage.id, name, ids, {"kind": "test"}, replace=replace)
        return
    if isinstance(rest[-1], list):
        rest[-1] = [stage.images[place] for place in rest[-1]]
    act(stage.viewer, stage.id, *rest)


def forget(stage) -> None:
    with writing() as session:
        for table in (Event, Tag, SavedSelection):
            session.execute(sa.delete(table))
        session.execute(sa.update(Image).values(attributes={}))


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(first=st.lists(EDITS, max_size=5), then=st.lists(EDITS, min_size=1, max_size=10))
def test_undone_edits_leave_nothing_behind(stage, first, then):
    forget(stage)
    for edit in first:
        try_to(stage, edit)
    before, oldest = state(stage.id), newest(stage)
    for edit in then:
        try_to(stage, edit)
    after, made, steps = state(stage.id), events_after(oldest), 0
    while (event := undoable(stage)) is not None and event.id > oldest:
        undo(stage.viewer, event.id)
        steps += 1
    assert state(stage.id) == before
    assert steps == made
    for _ in range(steps):
        with reading() as session:
            event = last_redoable(session, stage.viewer, stage.project)
        undo(stage.viewer, event.id)
    assert state(stage.id) == after


def try_to(stage, edit) -> None:
    """Make an edit; a refusal must leave everything as it was."""
    before = state(stage.id)
    try:
        apply(stage, edit)
    except UserError:
        assert state(stage.id) == before


def newest(stage) -> int:
    with reading() as session:
        return session.execute(sa.select(sa.func.max(Event.id))).scalar() or 0


def events_after(event_id: int) -> int:
    with reading() as session:
        query = sa.select(sa.func.count()).where(Event.id > event_id)
        return session.execute(query).scalar_one()


def undoable(stage) -> Event | None:
    with reading() as session:
        return last_undoable(session, stage.viewer, stage.project)
