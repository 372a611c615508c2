"""Ground truth beside predictions: names matched, what cannot be compared left out and counted."""

import numpy as np
import pytest
from sqlmodel import Session

from core.accounts.access import Viewer
from core.analysis.tables import Box, Prediction
from core.annotations.tables import AnnotatedBox, Annotation
from core.database import reading, writing
from core.errors import UserError
from core.evaluation.truth import project_models, true_boxes, true_labels, two_models
from core.history import undo
from core.history.log import events
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.store import choose_model, create_project, load_project
from core.projects.tables import Project

A, B = "mobilenet_v2", "yolo11n"


@pytest.fixture
def project(viewer: Viewer) -> Project:
    """Five images; model A has seen the first four, B the first two."""
    made = create_project(viewer, "p", A)
    with writing() as session:
        batch = Batch(project_id=made.id or 0, name="b", created_by=viewer.user_id)
        session.add(batch)
        session.flush()
        for n in range(1, 6):
            session.add(
                Image(id=n, project_id=made.id or 0, batch_id=batch.id or 0, name=f"{n}.png",
                      content_hash=str(n), byte_size=1, format="PNG", width=10, height=10)
            )  # fmt: skip
        session.flush()
        for n, label in enumerate(("cat", "dog", "cat", None), 1):
            session.add(Prediction(image_id=n, model_key=A, label=label, confidence=0.5))
        for n, label in enumerate(("cat", "cat"), 1):
            session.add(Prediction(image_id=n, model_key=B, label=label, confidence=0.5))
        for n, label in ((1, "Cat"), (2, "cat"), (3, "unicorn"), (4, "dog"), (5, "dog")):
            say(session, viewer, n, label)
    return made


def say(session: Session, viewer: Viewer, image_id: int, label: str) -> None:
    session.add(
        Annotation(image_id=image_id, label=label, source="hand", updated_by=viewer.user_id)
    )


def test_labels_are_matched_and_the_rest_is_counted(viewer: Viewer, project: Project) -> None:
    with reading() as session:
        found = true_labels(session, viewer, project, A, ("cat", "dog"), {})
    assert found.names == ("cat", "dog", "–")
    assert found.image_ids.tolist() == [1, 2, 4]
    assert [found.names[i] for i in found.rows] == ["cat", "cat", "dog"]
    assert [found.names[i] for i in found.columns] == ["cat", "dog", "–"]
    assert (found.unmatched, found.missing) == ({"unicorn": 1}, 1)


def test_a_name_that_people_matched_counts(viewer: Viewer, project: Project) -> None:
    with reading() as session:
        found = true_labels(session, viewer, project, A, ("cat", "dog"), {"unicorn": "cat"})
    assert found.unmatched == {}
    assert found.image_ids.tolist() == [1, 2, 3, 4]


def test_images_in_the_bin_do_not_count(viewer: Viewer, project: Project) -> None:
    with writing() as session:
        image = session.get_one(Image, 1)
        image.deleted_at = project.created_at
        session.add(image)
    with reading() as session:
        assert true_labels(session, viewer, project, A, ("cat",), {}).image_ids.tolist() == [2]
        assert project_models(session, viewer, project) == {A: 3, B: 1}


def test_two_models_are_laid_side_by_side(viewer: Viewer, project: Project) -> None:
    with reading() as session:
        found = two_models(session, viewer, project, A, B)
        assert project_models(session, viewer, project) == {A: 4, B: 2}
    assert found.image_ids.tolist() == [1, 2]
    assert found.image_ids[found.rows != found.columns].tolist() == [2]


def test_only_images_whose_boxes_are_annotated_count(viewer: Viewer, project: Project) -> None:
    corners = {"x0": 0.1, "y0": 0.1, "x1": 0.5, "y1": 0.6}
    with writing() as session:
        for n in (1, 2):
            session.get_one(Annotation, n).has_boxes = True
        session.add(AnnotatedBox(image_id=1, label="CAT", **corners))
        session.add(AnnotatedBox(image_id=1, label="unicorn", **corners))
        for n in (1, 2, 3):
            session.add(Box(image_id=n, model_key=A, label="cat", confidence=0.9, **corners))
        session.add(Box(image_id=1, model_key=B, label="dog", confidence=0.9, **corners))
    with reading() as session:
        found = true_boxes(session, viewer, project, A, ("cat",), {})
    assert (found.image_ids.tolist(), found.names, found.unmatched) == (
        [1, 2],
        ("cat",),
        {"unicorn": 1},
    )
    assert [len(boxes.corners) for boxes in (*found.truth, *found.found)] == [1, 0, 1, 1]
    np.testing.assert_allclose(found.truth[0].corners, [[0.1, 0.1, 0.5, 0.6]])


def test_the_main_model_changes_and_back(viewer: Viewer, project: Project) -> None:
    assert project.id is not None
    with pytest.raises(UserError):
        choose_model(viewer, project.id, "no-such-model")
    choose_model(viewer, project.id, B)
    with reading() as session:
        changed = load_project(session, viewer, project.id)
        (event, *_) = events(session, viewer, project, ["model.chosen"])
    assert changed.model_key == B
    assert event.sentence == "Made YOLO11n the project's main model (before: MobileNetV2)"
    undo(viewer, event.id)
    with reading() as session:
        assert load_project(session, viewer, project.id).model_key == A
