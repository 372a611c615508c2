"""What is read of annotations: one image's, and the classes to choose from."""

from core.annotations import (
    image_annotation,
    image_drawn,
    offered_classes,
    set_boxes,
    set_label,
    set_labels,
)
from core.database import reading
from core.projects.store import create_project

BOX = ("dent", 0.1, 0.2, 0.3, 0.4)


def test_one_image_s_label_and_boxes(stage):
    one, two, three = stage.images[:3]
    set_labels(stage.viewer, stage.id, {one: "scratch", three: "dent"})
    set_boxes(stage.viewer, stage.id, {one: [BOX], two: []})
    with reading() as session:
        read = [image_annotation(session, stage.viewer, each) for each in stage.images[:4]]
        drawn = [image_drawn(session, stage.viewer, each) for each in stage.images[:4]]
    assert [said and said.label for said in read] == ["scratch", None, "dent", None]
    assert [said and said.source for said in read] == ["hand", "hand", "hand", None]
    assert drawn == [(BOX,), (), None, None]


def test_used_classes_come_first_and_are_the_project_s_own(stage):
    set_label(stage.viewer, stage.id, "흠집", stage.images[:2])
    set_label(stage.viewer, stage.id, "Zebra", stage.images[2:5])
    set_label(stage.viewer, stage.id, "ant", stage.images[5:])
    set_boxes(stage.viewer, stage.id, {stage.images[0]: [BOX, ("ant", 0, 0, 1, 1)]})
    set_label(stage.viewer, stage.foreign_images and stage.id + 1, "foreign", stage.foreign_images)
    with reading() as session:
        assert offered_classes(session, stage.viewer, stage.project) == [
            "ant", "dent", "Zebra", "흠집",
        ]  # fmt: skip


def test_a_model_s_classes_follow(viewer):
    project = create_project(viewer, "p", "yolo11n")
    with reading() as session:
        offered = offered_classes(session, viewer, project)
    assert len(offered) == 80
    assert offered[0] == "person"
