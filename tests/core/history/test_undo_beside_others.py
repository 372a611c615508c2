"""Undo where somebody else changed the same images since: theirs stays, and the undo says so."""

import numpy as np
import pytest

from core.accounts.access import Viewer
from core.accounts.tables import User
from core.annotations import edit_boxes, image_annotation, set_boxes, set_label
from core.bin import delete_images, restore_images
from core.curation import (
    add_tag,
    image_tags,
    merge_tags,
    remove_tag,
    rename_tag,
    set_attribute,
    set_attributes,
    set_values,
)
from core.database import reading, writing
from core.errors import UserError
from core.history import last_redoable, last_undoable, sentence, undo
from core.media.images import load_image
from tests.core.curation.conftest import stage

__all__ = ["stage"]


@pytest.fixture
def other(stage) -> Viewer:
    """A second person."""
    with writing() as session:
        user = User(name="Kim", email="kim@example.org")
        session.add(user)
        session.flush()
        return Viewer(user.id, user.name)


def tagged(stage, name: str) -> list[int]:
    """Places of the images that have a tag."""
    with reading() as session:
        found = image_tags(session, stage.images)
    return [n for n, i in enumerate(stage.images) if name in {tag.name for tag in found.get(i, [])}]


def field(stage, name: str) -> list:
    with reading() as session:
        return [load_image(session, stage.viewer, i).attributes.get(name) for i in stage.images]


def test_a_tag_that_another_gave_again_stays(stage, other):
    added = add_tag(stage.viewer, stage.id, "a", stage.images[:4])
    remove_tag(other, stage.id, "a", stage.images[1:2])
    add_tag(other, stage.id, "A", stage.images[1:2])
    back = undo(stage.viewer, added.id)
    assert tagged(stage, "a") == [1]
    assert back.image_count == 3
    assert sentence(back).endswith("images: 3 · left as changed since: 1")
    forth = undo(stage.viewer, back.id)
    assert tagged(stage, "a") == [0, 1, 2, 3]
    assert sentence(forth).endswith("images: 3")


def test_a_tag_that_another_took_after_giving_it_stays_away(stage, other):
    add_tag(stage.viewer, stage.id, "a", stage.images[:3])
    removed = remove_tag(stage.viewer, stage.id, "a", stage.images[:3])
    add_tag(other, stage.id, "a", stage.images[:1])
    remove_tag(other, stage.id, "a", stage.images[:1])
    assert undo(stage.viewer, removed.id).details["left"] == 1
    assert tagged(stage, "a") == [1, 2]


def test_what_another_did_and_took_back_does_not_count(stage, other):
    added = add_tag(stage.viewer, stage.id, "a", stage.images[:2])
    theirs = remove_tag(other, stage.id, "a", stage.images[:1])
    undo(other, theirs.id)
    assert "left" not in undo(stage.viewer, added.id).details
    assert tagged(stage, "a") == []
    # Done again, it counts.
    again = add_tag(stage.viewer, stage.id, "a", stage.images[:2])
    remove_tag(other, stage.id, "a", stage.images[:1])
    theirs = add_tag(other, stage.id, "a", stage.images[:1])
    undo(other, undo(other, theirs.id).id)
    assert undo(stage.viewer, again.id).details["left"] == 1
    assert tagged(stage, "a") == [0]


def test_a_tag_is_found_under_the_name_that_another_gave_it(stage, other):
    added = add_tag(stage.viewer, stage.id, "a", stage.images[:2])
    rename_tag(other, stage.id, "a", "b")
    rename_tag(other, stage.id, "b", "c")
    undo(stage.viewer, added.id)
    assert tagged(stage, "c") == []


def test_what_was_merged_into_a_tag_stays(stage, other):
    add_tag(other, stage.id, "b", stage.images[:1])
    added = add_tag(stage.viewer, stage.id, "a", stage.images[:3])
    merge_tags(other, stage.id, "b", "a")
    assert undo(stage.viewer, added.id).details["left"] == 1
    assert tagged(stage, "a") == [0]


def test_nothing_left_to_take_back_is_refused(stage, other):
    added = add_tag(stage.viewer, stage.id, "a", stage.images[:2])
    remove_tag(other, stage.id, "a", stage.images[:2])
    add_tag(other, stage.id, "a", stage.images[:2])
    with pytest.raises(UserError) as caught:
        undo(stage.viewer, added.id)
    assert caught.value.key == "curation.tagged_since"
    assert tagged(stage, "a") == [0, 1]
    # The change before it is next, once the visitor has heard of this.
    first = set_attribute(stage.viewer, stage.id, "line", 1, stage.images)
    with reading() as session:
        assert last_undoable(session, stage.viewer, stage.project).id == first.id
        passed = last_undoable(session, stage.viewer, stage.project, {first.id})
    assert passed.id == added.id


def test_fields_that_another_set_stay(stage, other):
    mine = set_values(
        stage.viewer, stage.id, {i: {"line": 1, "shift": "n"} for i in stage.images[:3]}
    )
    set_attribute(other, stage.id, "line", 2, stage.images[:1])
    back = undo(stage.viewer, mine.id)
    assert field(stage, "line")[:4] == [2, None, None, None]
    assert field(stage, "shift")[:3] == [None] * 3
    assert (back.image_count, back.details["left"]) == (3, 1)
    undo(stage.viewer, back.id)
    assert field(stage, "line")[:4] == [2, 1, 1, None]
    assert field(stage, "shift")[:3] == ["n"] * 3


def test_a_field_that_another_set_everywhere_is_refused(stage, other):
    mine = set_attributes(stage.viewer, stage.images[0], {"line": 1})
    set_attributes(other, stage.images[0], {"line": 2})
    with pytest.raises(UserError) as caught:
        undo(stage.viewer, mine.id)
    assert caught.value.key == "curation.attribute_changed"
    assert field(stage, "line")[0] == 2


def test_classes_and_boxes_that_another_changed_stay(stage, other):
    labels = set_label(stage.viewer, stage.id, "dent", stage.images[:3])
    set_label(other, stage.id, "scratch", stage.images[:1])
    assert undo(stage.viewer, labels.id).details["left"] == 1
    with reading() as session:
        said = [image_annotation(session, stage.viewer, i) for i in stage.images[:3]]
    assert [each and each.label for each in said] == ["scratch", None, None]

    one, two = ("dent", 0.1, 0.1, 0.5, 0.5), ("dent", 0.2, 0.2, 0.6, 0.6)
    boxes = set_boxes(stage.viewer, stage.id, {i: [one] for i in stage.images[:2]})
    edit_boxes(other, stage.images[0], [two], [one])
    assert undo(stage.viewer, boxes.id).details["left"] == 1
    with reading() as session:
        said = [image_annotation(session, stage.viewer, i) for i in stage.images[:2]]
    assert [each is not None and each.has_boxes for each in said] == [True, False]


def test_what_another_deleted_again_stays_in_the_bin(stage, other):
    mine = delete_images(stage.viewer, stage.id, stage.images[:3])
    restore_images(other, stage.id, stage.images[:1])
    delete_images(other, stage.id, stage.images[:1])
    back = undo(stage.viewer, mine.id)
    assert (back.image_count, back.details["left"]) == (2, 1)


def test_a_new_change_forgets_what_could_be_done_again(stage):
    """Also once it was undone and done again itself."""
    first = add_tag(stage.viewer, stage.id, "a", np.array(stage.images))
    undo(stage.viewer, first.id)
    second = add_tag(stage.viewer, stage.id, "b", np.array(stage.images))
    back = undo(stage.viewer, second.id)
    with reading() as session:
        assert last_redoable(session, stage.viewer, stage.project).id == back.id
    undo(stage.viewer, back.id)
    with reading() as session:
        assert last_redoable(session, stage.viewer, stage.project) is None
    assert tagged(stage, "a") == []
    assert tagged(stage, "b") == list(range(10))
