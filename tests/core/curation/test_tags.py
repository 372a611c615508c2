"""Tags: exact sets of images, names in any spelling, and the way back."""

import unicodedata

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.curation import add_tag, create_tag, delete_tag, image_tags, remove_tag, rename_tag, tags
from core.curation.palette import PALETTE
from core.database import reading, writing
from core.errors import NotFound, UserError
from core.history import events, last_redoable, last_undoable, undo, unpack_ids
from tests.core.curation.conftest import add_project


def state(stage) -> dict[str, tuple[str, set[int]]]:
    """Every tag of the project with its colour and its images."""
    with reading() as session:
        listed = tags(session, stage.viewer, stage.project)
        known = {tag.name: (tag.colour, set()) for tag, _ in listed}
        counts = {tag.name: number for tag, number in listed}
        for image_id, given_tags in image_tags(session, stage.images).items():
            for tag in given_tags:
                known[tag.name][1].add(image_id)
    assert counts == {name: len(ids) for name, (_, ids) in known.items()}
    return known


def images_of(stage, name: str) -> set[int]:
    return state(stage)[name][1]


def test_an_event_holds_exactly_the_images_that_changed(stage):
    first = add_tag(stage.viewer, stage.id, "scratch", stage.images[:3])
    again = add_tag(stage.viewer, stage.id, "SCRATCH", stage.images[1:5])
    assert unpack_ids(first.image_ids).tolist() == stage.images[:3]
    assert unpack_ids(again.image_ids).tolist() == stage.images[3:5]
    assert again.image_count == 2
    assert images_of(stage, "scratch") == set(stage.images[:5])
    gone = remove_tag(stage.viewer, stage.id, "scratch", stage.images[4:])
    assert unpack_ids(gone.image_ids).tolist() == stage.images[4:5]
    assert images_of(stage, "scratch") == set(stage.images[:4])


def test_no_change_makes_no_event_and_no_tag(stage):
    add_tag(stage.viewer, stage.id, "a", stage.images)
    assert add_tag(stage.viewer, stage.id, "a", stage.images) is None
    assert add_tag(stage.viewer, stage.id, "b", []) is None
    assert add_tag(stage.viewer, stage.id, "b", [10**12]) is None
    assert set(state(stage)) == {"a"}
    with reading() as session:
        assert len(events(session, stage.viewer, stage.project)) == 1


def test_images_of_other_projects_are_passed_over(stage):
    event = add_tag(stage.viewer, stage.id, "a", [*stage.foreign_images, stage.images[0]])
    assert unpack_ids(event.image_ids).tolist() == [stage.images[0]]
    with reading() as session:
        assert image_tags(session, stage.foreign_images) == {}


def test_a_deleted_project_is_not_found(stage):
    with writing() as session:
        session.merge(stage.project).deleted_at = stage.project.created_at
    with pytest.raises(NotFound):
        add_tag(stage.viewer, stage.id, "a", stage.images)


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "a\nb", "a\x00", "\ud800"])
def test_unfit_names_are_refused(stage, name):
    for change in (
        lambda: add_tag(stage.viewer, stage.id, name, stage.images),
        lambda: create_tag(stage.viewer, stage.id, name),
    ):
        with pytest.raises(UserError):
            change()
    assert state(stage) == {}


def test_one_tag_whatever_its_case_and_composition(stage):
    add_tag(stage.viewer, stage.id, "  흠집 É ", stage.images[:1])
    decomposed = unicodedata.normalize("NFD", "흠집 é")
    add_tag(stage.viewer, stage.id, decomposed, stage.images[1:2])
    assert images_of(stage, "흠집 É") == set(stage.images[:2])
    with pytest.raises(UserError):
        create_tag(stage.viewer, stage.id, decomposed)


def test_tags_have_colours_of_their_own_as_long_as_the_palette_lasts(stage):
    colours = [create_tag(stage.viewer, stage.id, f"tag {n}").colour for n in range(len(PALETTE))]
    assert sorted(colours) == sorted(PALETTE)
    assert create_tag(stage.viewer, stage.id, "one more").colour in PALETTE
    # One that was given away again goes to the next tag.
    before = state(stage)["tag 3"][0]
    delete_tag(stage.viewer, stage.id, "tag 3")
    delete_tag(stage.viewer, stage.id, "one more")
    assert create_tag(stage.viewer, stage.id, "another").colour == before


def test_renaming_keeps_the_images_and_refuses_a_taken_name(stage):
    add_tag(stage.viewer, stage.id, "a", stage.images[:2])
    create_tag(stage.viewer, stage.id, "b")
    rename_tag(stage.viewer, stage.id, "a", "A")
    assert images_of(stage, "A") == set(stage.images[:2])
    assert rename_tag(stage.viewer, stage.id, "a", "A") is None
    with pytest.raises(UserError):
        rename_tag(stage.viewer, stage.id, "A", "B")
    with pytest.raises(NotFound):
        rename_tag(stage.viewer, stage.id, "c", "d")


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "rename", "delete", "create"]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["a", "b", "d"]),
        st.sets(st.integers(0, 9)),
    ),
    max_size=8,
)


def apply(stage, change) -> None:
    verb, name, other, numbers = change
    ids = [stage.images[n] for n in numbers]
    try:
        match verb:
            case "add":
                add_tag(stage.viewer, stage.id, name, ids)
            case "remove":
                remove_tag(stage.viewer, stage.id, name, ids)
            case "rename":
                rename_tag(stage.viewer, stage.id, name, other)
            case "delete":
                delete_tag(stage.viewer, stage.id, name)
            case "create":
                create_tag(stage.viewer, stage.id, name)
    except UserError:
        return


def step(stage, find) -> bool:
    with reading() as session:
        event = find(session, stage.viewer, stage.project)
    if event is not None:
        undo(stage.viewer, event.id)
    return event is not None


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(CHANGES)
def test_undo_walks_back_through_every_state_and_redo_forward_again(stage, changes):
    with writing() as session:
        stage.project, stage.images = add_project(session, stage.viewer, 10)
    states = [state(stage)]
    for change in changes:
        apply(stage, change)
        if state(stage) != states[-1]:
            states.append(state(stage))
    for earlier in reversed(states[:-1]):
        assert step(stage, last_undoable)
        assert state(stage) == earlier
    assert not step(stage, last_undoable)
    for later in states[1:]:
        assert step(stage, last_redoable)
        assert state(stage) == later
    assert not step(stage, last_redoable)
    for earlier in reversed(states[:-1]):
        assert step(stage, last_undoable)
        assert state(stage) == earlier


def test_undo_is_refused_where_later_changes_stand_in_its_way(stage):
    create_tag(stage.viewer, stage.id, "b")
    deleted = delete_tag(stage.viewer, stage.id, "b")
    create_tag(stage.viewer, stage.id, "b")
    with pytest.raises(UserError):
        undo(stage.viewer, deleted.id)
    assert state(stage) == {"b": (state(stage)["b"][0], set())}


def test_a_hundred_thousand_images_at_once(stage):
    with writing() as session:
        project, images = add_project(session, stage.viewer, 1)
        batch = session.connection().exec_driver_sql("SELECT max(id) FROM batch").scalar_one()
        session.connection().exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) "
            "INSERT INTO image (project_id, batch_id, name, content_hash, format, width, height,"
            " byte_size, exif, attributes, uploaded_at) SELECT ?, ?, i, 'x' || i, 'PNG', 1, 1, 1,"
            " '{}', '{}', '2024-01-01 00:00:00' FROM n",
            (project.id, batch),
        )
    ids = np.arange(images[0], images[0] + 100_001)
    added = add_tag(stage.viewer, project.id, "all", ids)
    assert added.image_count == 100_001
    assert undo(stage.viewer, added.id).image_count == 100_001
    with reading() as session:
        assert tags(session, stage.viewer, project) == []
