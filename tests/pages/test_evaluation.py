"""The page that measures a model against what people say."""

import pytest

from core.analysis.tables import Prediction
from core.annotations import set_boxes
from core.database import writing
from core.projects.tables import Project
from tests.core.curation.conftest import Stage, stage
from tests.pages.conftest import OpenPage, written

__all__ = ["stage"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_boxes_that_the_model_cannot_draw_lead_to_one_that_can(
    open_page: OpenPage, stage: Stage, language: str
) -> None:
    with writing() as session:
        project = session.get_one(Project, stage.id)
        project.model_key = "efficientnet_lite0"
        session.add(project)
        for image_id in stage.images:
            found = Prediction(image_id=image_id, model_key="efficientnet_lite0", label="cat")
            session.add(found)
    set_boxes(stage.viewer, stage.id, {stage.images[0]: [("scratch", 0.1, 0.1, 0.4, 0.4)]})
    at = open_page("evaluation.py", stage.id, language)
    told = {"en": "draws no boxes", "ko": "박스를 그리지 않습니다"}[language]
    assert told in written(at)
    to_models = {"en": "Analyse with a detector", "ko": "검출기로 분석하기"}[language]
    [button] = [button for button in at.main.button if button.label == to_models]
    button.click().run()
    assert not at.exception
    assert at.main.title[0].value != ""
    assert told not in written(at)
