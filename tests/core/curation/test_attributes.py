"""Attributes: validation, the look at what others did, exact undo."""

import pytest

from core.curation import set_attribute, set_attributes, set_values
from core.database import reading, writing
from core.errors import NotFound, UserError
from core.history import events, undo, unpack_ids
from core.media.tables import Image


def attributes(image_id: int) -> dict:
    with reading() as session:
        return session.get(Image, image_id).attributes


def test_fields_are_set_and_taken_away(stage):
    one = stage.images[0]
    event = set_attributes(stage.viewer, one, {"line": "A-3", "n": 2, "ok": True, " 라인 1 ": 0.5})
    assert attributes(one) == {"line": "A-3", "n": 2, "ok": True, "라인 1": 0.5}
    assert unpack_ids(event.image_ids).tolist() == [one]
    set_attributes(stage.viewer, one, {"n": None, "line": "B"})
    assert attributes(one) == {"line": "B", "ok": True, "라인 1": 0.5}
    assert set_attributes(stage.viewer, one, {"line": "B", "missing": None}) is None
    undo(stage.viewer, event.id + 1)
    assert attributes(one) == {"line": "A-3", "n": 2, "ok": True, "라인 1": 0.5}


def test_true_and_one_are_different_values(stage):
    one = stage.images[0]
    set_attributes(stage.viewer, one, {"x": 1})
    assert set_attributes(stage.viewer, one, {"x": True}) is not None
    assert attributes(one)["x"] is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", 1), ("a" * 65, 1), ("a.b", 1), ('a"b', 1), ("a\n", "x" * 2001), ("x", "x" * 2001),
        ("x", "a\x00"), ("x", "\ud800"), ("x", float("nan")), ("x", float("inf")), ("x", 2**63),
        ("x", [1]), ("x", {}),
    ],
)  # fmt: skip
def test_unfit_names_and_values_are_refused(stage, name, value):
    with pytest.raises(UserError):
        set_attributes(stage.viewer, stage.images[0], {name: value})
    with pytest.raises(UserError):
        set_attribute(stage.viewer, stage.id, name, value, stage.images)
    assert attributes(stage.images[0]) == {}


def test_the_longest_fitting_values_pass(stage):
    values = {"a" * 64: "x" * 2000, "line_-1": "two\nlines\t", "big": 2**63 - 1}
    set_attributes(stage.viewer, stage.images[0], values)
    assert attributes(stage.images[0]) == values


def test_at_most_200_fields(stage):
    one = stage.images[0]
    set_attributes(stage.viewer, one, {f"f{n}": n for n in range(200)})
    with pytest.raises(UserError):
        set_attributes(stage.viewer, one, {"one more": 1})
    set_attributes(stage.viewer, one, {"one more": 1, "f0": None})
    assert len(attributes(one)) == 200


def test_someone_elses_change_of_the_same_field_is_not_overwritten(stage):
    one = stage.images[0]
    set_attributes(stage.viewer, one, {"line": "A", "n": 1})
    seen = attributes(one)
    set_attributes(stage.viewer, one, {"line": "B"})
    with pytest.raises(UserError) as caught:
        set_attributes(stage.viewer, one, {"line": "C"}, seen=seen)
    assert "“line”" in str(caught.value)
    assert "B" in str(caught.value)
    set_attributes(stage.viewer, one, {"n": 2}, seen=seen)
    assert attributes(one) == {"line": "B", "n": 2}
    with pytest.raises(UserError):
        set_attributes(stage.viewer, one, {"n": 3}, seen={})


def test_bulk_change_and_its_undo_restore_each_old_value(stage):
    for number, image_id in enumerate(stage.images[:6]):
        set_attributes(stage.viewer, image_id, {"n": [1, 1, "1", 1.5, True, 7][number]})
    before = [attributes(i) for i in stage.images]
    event = set_attribute(stage.viewer, stage.id, "n", 7, [*stage.images, *stage.foreign_images])
    assert unpack_ids(event.image_ids).tolist() == [*stage.images[:5], *stage.images[6:]]
    assert [attributes(i) for i in stage.images] == [{"n": 7}] * 10
    assert attributes(stage.foreign_images[0]) == {}
    back = undo(stage.viewer, event.id)
    after = [attributes(i) for i in stage.images]
    assert after == before
    assert [type(a.get("n")) for a in after] == [type(b.get("n")) for b in before]
    undo(stage.viewer, back.id)
    assert [attributes(i) for i in stage.images] == [{"n": 7}] * 10


def test_undo_leaves_a_value_that_changed_since(stage):
    event = set_attribute(stage.viewer, stage.id, "n", 1, stage.images)
    set_attributes(stage.viewer, stage.images[4], {"n": 2})
    undo(stage.viewer, event.id)
    assert attributes(stage.images[0]) == {}
    assert attributes(stage.images[4]) == {"n": 2}


def test_undo_passes_over_images_that_are_gone(stage):
    event = set_attribute(stage.viewer, stage.id, "n", 1, stage.images)
    with writing() as session:
        session.delete(session.get(Image, stage.images[3]))
    undo(stage.viewer, event.id)
    assert all(attributes(i) == {} for i in stage.images if i != stage.images[3])


def test_the_history_says_what_was_set(stage):
    set_attributes(stage.viewer, stage.images[0], {"line": "A", "n": None, "ok": True})
    with reading() as session:
        (event,) = events(session, stage.viewer, stage.project)
    assert event.sentence == "Set the metadata line = A, ok = yes · images: 1"
    assert event.undoable


def test_an_unknown_image_is_not_found(stage):
    with pytest.raises(NotFound):
        set_attributes(stage.viewer, 10**9, {"a": 1})


def test_each_image_gets_its_own_values_in_one_change_that_can_be_undone(stage):
    one, two, three = stage.images[:3]
    set_attributes(stage.viewer, one, {"line": "A", "old": 1})
    before = [attributes(image) for image in stage.images]
    event = set_values(
        stage.viewer,
        stage.id,
        {
            one: {"line": "A", "old": None},
            two: {"line": "B", "n": 2},
            three: {"missing": None},
            stage.foreign_images[0]: {"line": "X"},
        },
    )
    assert [attributes(image) for image in (one, two, three)] == [
        {"line": "A"}, {"line": "B", "n": 2}, {},
    ]  # fmt: skip
    assert attributes(stage.foreign_images[0]) == {}
    assert unpack_ids(event.image_ids).tolist() == [one, two]
    assert set_values(stage.viewer, stage.id, {two: {"n": 2.0}, three: {}}) is None
    undone = undo(stage.viewer, event.id)
    assert [attributes(image) for image in stage.images] == before
    undo(stage.viewer, undone.id)
    assert attributes(two) == {"line": "B", "n": 2}


def test_one_unfit_value_changes_no_image(stage):
    one, two = stage.images[:2]
    with pytest.raises(UserError):
        set_values(stage.viewer, stage.id, {one: {"line": "A"}, two: {"line": "a\x00"}})
    assert attributes(one) == {}
