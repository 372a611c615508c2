"""Labels and boxes that people give: what is written, what is refused, exact ways back."""

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from core.annotations import clipped, edit_boxes, set_boxes, set_label, set_labels
from core.annotations.tables import AnnotatedBox, Annotation
from core.database import reading, writing
from core.errors import NotFound, UserError
from core.history import events, image_events, undo, unpack_ids

BOX = ("dent", 0.1, 0.2, 0.3, 0.4)
OTHER = ("scratch", 0.0, 0.0, 1.0, 1.0)


def said(stage) -> dict:
    with reading() as session:
        rows = session.exec(select(Annotation)).all()
    return {
        stage.images.index(row.image_id): (row.label, row.has_boxes, row.source) for row in rows
    }


def drawn(image_id: int) -> list[tuple]:
    query = select(AnnotatedBox).where(AnnotatedBox.image_id == image_id)
    with reading() as session:
        rows = session.exec(query.order_by(col(AnnotatedBox.id))).all()
    return [(box.label, box.x0, box.y0, box.x1, box.y1) for box in rows]


def state() -> list:
    """Every row, but for the numbers of boxes, which nothing refers to."""
    with reading() as session:
        rows = session.execute(sa.select(Annotation.__table__).order_by("image_id")).all()
        table = AnnotatedBox.__table__
        columns = [column for column in table.c if column.name != "id"]
        return [rows, session.execute(sa.select(*columns).order_by(table.c.id)).all()]


def test_labels_are_set_changed_and_taken_back(stage):
    one, two = stage.images[:2]
    set_labels(stage.viewer, stage.id, {one: "scratch", two: "dent"}, "import")
    assert said(stage) == {0: ("scratch", False, "import"), 1: ("dent", False, "import")}
    event = set_labels(stage.viewer, stage.id, {one: "dent", two: "dent"})
    assert unpack_ids(event.image_ids).tolist() == [one]
    assert said(stage) == {0: ("dent", False, "hand"), 1: ("dent", False, "import")}
    set_labels(stage.viewer, stage.id, {one: None})
    assert said(stage) == {1: ("dent", False, "import")}
    assert set_labels(stage.viewer, stage.id, {one: None, two: "dent"}) is None
    undo(stage.viewer, event.id + 1)
    undo(stage.viewer, event.id)
    assert said(stage) == {0: ("scratch", False, "import"), 1: ("dent", False, "import")}


def test_one_label_for_many_leaves_other_projects_alone(stage):
    event = set_label(stage.viewer, stage.id, " dent ", [*stage.images, *stage.foreign_images])
    assert event.image_count == 10
    assert {label for label, *_ in said(stage).values()} == {"dent"}
    with pytest.raises(UserError):
        set_label(stage.viewer, stage.id, "", stage.images)


def test_an_undo_and_redo_give_back_every_row_as_it_was(stage):
    ids = stage.images
    set_labels(stage.viewer, stage.id, dict.fromkeys(ids[:4], "a"), "import")
    set_boxes(stage.viewer, stage.id, {ids[0]: [BOX, OTHER, BOX], ids[5]: []}, "import")
    before = state()
    label = set_labels(stage.viewer, stage.id, dict.fromkeys(ids, "b"))
    boxes = set_boxes(stage.viewer, stage.id, {ids[0]: None, ids[1]: [BOX], ids[5]: [OTHER]})
    after = state()
    redo = [undo(stage.viewer, event.id) for event in (boxes, label)]
    assert state() == before
    for event in reversed(redo):
        undo(stage.viewer, event.id)
    assert state() == after


def test_a_label_can_be_undone_though_boxes_were_drawn_since(stage):
    one = stage.images[0]
    event = set_labels(stage.viewer, stage.id, {one: "a"})
    set_boxes(stage.viewer, stage.id, {one: [BOX]})
    undo(stage.viewer, event.id)
    assert said(stage)[0][:2] == (None, True)
    assert drawn(one) == [BOX]


def test_what_was_changed_since_stands_in_the_way_of_an_undo(stage):
    one = stage.images[0]
    label = set_labels(stage.viewer, stage.id, {one: "a"})
    set_labels(stage.viewer, stage.id, {one: "b"})
    boxes = set_boxes(stage.viewer, stage.id, {one: [BOX]})
    set_boxes(stage.viewer, stage.id, {one: [OTHER]})
    for event in (label, boxes):
        with pytest.raises(UserError):
            undo(stage.viewer, event.id)
    assert said(stage)[0][0] == "b"
    assert drawn(one) == [OTHER]


def test_an_editor_that_saw_another_state_is_refused(stage):
    one = stage.images[0]
    set_labels(stage.viewer, stage.id, {one: "a"}, seen={one: None})
    with pytest.raises(UserError):
        set_labels(stage.viewer, stage.id, {one: "b"}, seen={one: None})
    edit_boxes(stage.viewer, one, [BOX], None)
    with pytest.raises(UserError):
        edit_boxes(stage.viewer, one, [OTHER], [])
    assert said(stage)[0][0] == "a"
    assert drawn(one) == [BOX]


def test_no_boxes_differs_from_nothing_said(stage):
    one = stage.images[0]
    assert edit_boxes(stage.viewer, one, None, None) is None
    edit_boxes(stage.viewer, one, [], None)
    assert said(stage) == {0: (None, True, "hand")}
    edit_boxes(stage.viewer, one, None, [])
    assert said(stage) == {}


def test_the_history_says_what_was_done_to_a_box(stage):
    one, moved = stage.images[0], ("dent", 0.2, 0.2, 0.4, 0.4)
    steps = [
        (None, [], "boxes.none"),
        ([], [BOX], "box.added"),
        ([BOX], [moved], "box.moved"),
        ([moved], [("scratch", *moved[1:])], "box.relabelled"),
        ([("scratch", *moved[1:])], [BOX, OTHER], "boxes.set"),
        ([BOX, OTHER], [OTHER], "box.removed"),
        ([OTHER], None, "boxes.removed"),
    ]
    for seen, boxes, kind in steps:
        assert edit_boxes(stage.viewer, one, boxes, seen).kind == kind
    with reading() as session:
        told = [event.kind for event in image_events(session, stage.viewer, one)]
        assert not any("{" in e.sentence for e in events(session, stage.viewer, stage.project))
    assert told == [kind for _, _, kind in reversed(steps)]


@pytest.mark.parametrize(
    "box",
    [
        ("", 0, 0, 1, 1), ("a", 0.5, 0, 0.5, 1), ("a", 0, 1, 1, 0), ("a", -0.01, 0, 1, 1),
        ("a", 0, 0, 1.01, 1), ("a", float("nan"), 0, 1, 1), ("a", 0, 0, float("inf"), 1),
        ("a\x00", 0, 0, 1, 1),
    ],
)  # fmt: skip
def test_unfit_boxes_are_refused(stage, box):
    with pytest.raises(UserError):
        set_boxes(stage.viewer, stage.id, {stage.images[0]: [BOX, box]})
    assert said(stage) == {}


def test_a_box_is_cut_at_the_border_of_the_picture():
    assert clipped(("a", -0.5, 0.25, 1.5, 0.5)) == ("a", 0.0, 0.25, 1.0, 0.5)
    assert clipped(("a", 1.0, 0.0, 2.0, 1.0)) is None
    assert clipped(("a", float("nan"), 0.0, 2.0, 1.0)) is None


def test_a_larger_change_takes_them_along_or_leaves_nothing(stage):
    one = stage.images[0]
    with pytest.raises(ZeroDivisionError), writing() as session:
        set_labels(stage.viewer, stage.id, {one: "a"}, "import", session=session)
        set_boxes(stage.viewer, stage.id, {one: [BOX]}, "import", session=session)
        raise ZeroDivisionError
    assert said(stage) == {}
    with writing() as session:
        set_labels(stage.viewer, stage.id, {one: "a"}, "import", session=session)
        set_boxes(stage.viewer, stage.id, {one: [BOX]}, "import", session=session)
    assert said(stage) == {0: ("a", True, "import")}


def test_an_image_that_is_not_there(stage):
    with pytest.raises(NotFound):
        edit_boxes(stage.viewer, 10**6, [BOX], None)
    with pytest.raises(NotFound):
        set_labels(stage.viewer, 10**6, {stage.images[0]: "a"})
