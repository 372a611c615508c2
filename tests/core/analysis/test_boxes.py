"""Reading what a model found in one image."""

import pytest
from sqlmodel import Session

from core.accounts.access import Viewer
from core.analysis.boxes import image_boxes, image_prediction
from core.analysis.tables import Box, Prediction
from core.database import reading, writing
from core.projects.store import delete_project
from tests.core.curation.conftest import Stage, stage  # noqa: F401 - a fixture


def add_boxes(session: Session, image_id: int, model: str, *found: tuple[str, float]) -> None:
    best = found[0]
    session.add(Prediction(image_id=image_id, model_key=model, label=best[0], confidence=best[1]))
    for label, confidence in found:
        session.add(
            Box(
                image_id=image_id, model_key=model, label=label, confidence=confidence,
                x0=0.1, y0=0.2, x1=0.5, y1=0.6,
            )
        )  # fmt: skip


@pytest.fixture
def analysed(stage: Stage) -> int:  # noqa: F811
    """An image with results of the project's model `m` and of another one."""
    with writing() as session:
        add_boxes(session, stage.images[0], "m", ("cat", 0.5), ("dog", 0.9), ("car", 0.7))
        add_boxes(session, stage.images[0], "other", ("bird", 0.99))
        add_boxes(session, stage.images[1], "m", ("bus", 0.8))
    return stage.images[0]


def test_boxes_of_the_projects_model_come_the_surest_first(stage: Stage, analysed: int) -> None:  # noqa: F811
    with reading() as session:
        boxes = image_boxes(session, stage.viewer, analysed)
    assert [(box.label, box.confidence) for box in boxes] == [
        ("dog", 0.9), ("car", 0.7), ("cat", 0.5),
    ]  # fmt: skip


def test_the_prediction_is_that_of_the_projects_model(stage: Stage, analysed: int) -> None:  # noqa: F811
    with reading() as session:
        found = image_prediction(session, stage.viewer, analysed)
        missing = image_prediction(session, stage.viewer, stage.images[2])
    assert found is not None
    assert (found.model_key, found.label) == ("m", "cat")
    assert missing is None


def test_who_may_not_see_an_image_reads_nothing(stage: Stage, analysed: int) -> None:  # noqa: F811
    stranger = Viewer(0, "nobody")
    with reading() as session:
        assert image_boxes(session, stranger, analysed) == []
        assert image_prediction(session, stranger, analysed) is None
    delete_project(stage.viewer, stage.id)
    with reading() as session:
        assert image_boxes(session, stage.viewer, analysed) == []
