"""The pages of models and of their evaluation."""

import pytest
from sqlmodel import delete, select

from core.accounts.access import Viewer
from core.analysis.formats import keep_check
from core.analysis.tables import Prediction
from core.annotations.tables import AnnotatedBox, Annotation
from core.database import reading, writing
from core.jobs.store import add_job, project_jobs
from core.jobs.tables import JobState
from core.projects.tables import Project
from core.settings import settings
from models.formats import Check
from tests.core.evaluation.test_truth import project
from tests.pages.conftest import OpenPage, keys, written

__all__ = ["project"]


def test_models_are_listed_and_compared(open_page: OpenPage, project: Project) -> None:
    shown = written(open_page("models.py", project.id))
    assert "**MobileNetV2** :green-badge[main model] · images analysed: 4" in shown
    assert "**YOLO11n** · images analysed: 2" in shown
    at = open_page("models.py", project.id)
    assert at.metric[0].value == "50.0%"
    assert {"main_yolo11n", "analyse_yolo11n", "analyse_mobilenet_v2"} <= keys(at)


def test_models_say_their_number_format_and_why(open_page: OpenPage, project: Project) -> None:
    keep_check(project.id or 0, "mobilenet_v2", "mixed", Check(0.9923, 0.996, 256))
    keep_check(project.id or 0, "yolo11n", "bf16", Check(0.951, 0.97, 64))
    at = open_page("models.py", project.id)
    assert "images analysed: 4 · number format: mixed" in written(at)
    assert "images analysed: 2 · number format: f32" in written(at)
    fast, exact = [shown.proto.help for shown in at.markdown if shown.proto.help]
    assert "256 of this project's images mixed found 99.2% of the nearest neighbours" in fast
    assert "64 of this project's images bf16 found only 95.1%" in exact
    assert "At least 98% and 99% are asked for" in exact


def test_models_say_on_what_they_run_and_what_overrules_it(
    open_page: OpenPage, project: Project, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Last run on" not in written(open_page("models.py", project.id))
    with writing() as session:
        job = add_job(session, viewer, project.id or 0, "analyse", {})
        job.state, job.result = JobState.DONE, {"device": "OpenVINO CPU bf16"}
    said = written(open_page("models.py", project.id))
    assert "Last run on OpenVINO CPU bf16. Device and number format are chosen" in said
    monkeypatch.setattr(settings(), "inference_precision", "f32")
    said = written(open_page("models.py", project.id))
    assert "`DATAG_DEVICE=auto`, `DATAG_INFERENCE_PRECISION=f32`" in said


def test_another_model_is_started(open_page: OpenPage, project: Project, viewer: Viewer) -> None:
    at = open_page("models.py", project.id)
    assert at.button(key="start_another").disabled
    at.selectbox(key="another_model").set_value("yolo26n").run()
    at.button(key="start_another").click().run()
    assert not at.exception
    with reading() as session:
        (job,) = project_jobs(session, viewer, project.id or 0)
    assert (job.kind, job.params) == ("analyse", {"model_key": "yolo26n"})


def test_the_main_model_is_chosen_by_a_click(open_page: OpenPage, project: Project) -> None:
    at = open_page("models.py", project.id)
    at.button(key="main_yolo11n").click().run()
    assert "**YOLO11n** :green-badge[main model]" in written(at)


def test_evaluation_says_how_to_bring_ground_truth(open_page: OpenPage, project: Project) -> None:
    with writing() as session:
        for n in range(1, 6):
            session.delete(session.get_one(Annotation, n))
    at = open_page("evaluation.py", project.id)
    assert "CSV, COCO, YOLO" in at.info[0].value


def test_a_classifier_is_not_measured_by_boxes(open_page: OpenPage, project: Project) -> None:
    with writing() as session:
        for n in range(1, 6):
            session.get_one(Annotation, n).label = "tench"
        session.get_one(Annotation, 1).has_boxes = True
        corners = {"x0": 0.1, "y0": 0.1, "x1": 0.5, "y1": 0.5}
        session.add(AnnotatedBox(image_id=1, label="person", **corners))
    at = open_page("evaluation.py", project.id)
    assert "draws no boxes" in at.info[0].value and not at.warning
    assert "mAP@0.5" not in [metric.label for metric in at.metric]
    at.selectbox(key="evaluated_model").set_value("yolo11n").run()
    assert "mAP@0.5" in [metric.label for metric in at.metric]


def test_evaluation_shows_right_and_wrong(open_page: OpenPage, project: Project) -> None:
    with writing() as session:
        for n, label in enumerate(("tabby", "tench", "tench", "goldfish"), 1):
            session.get_one(Prediction, (n, "mobilenet_v2")).label = label
        for n, label in ((1, "Tench"), (2, "TENCH"), (4, "goldfish"), (5, "goldfish")):
            session.get_one(Annotation, n).label = label
    at = open_page("evaluation.py", project.id)
    assert [metric.value for metric in at.metric] == ["66.7%", "3", "1"]
    assert "1 labels of 1 classes" in at.warning[0].value
    table = at.dataframe[0].value.set_index("class")
    assert table.loc["tench", ["precision", "recall", "support"]].tolist() == [100, 50, 2]
    at.selectbox(key=f"class_names:{project.id}:unicorn").set_value("tench").run()
    assert [metric.value for metric in at.metric] == ["75.0%", "4", "1"]
    assert "see_wrong" in keys(at)


def test_wrong_images_open_as_a_query_where_it_says_the_same(
    open_page: OpenPage, project: Project, viewer: Viewer
) -> None:
    with writing() as session:
        for n, label in enumerate(("tabby", "tench", "tench", "goldfish"), 1):
            session.get_one(Prediction, (n, "mobilenet_v2")).label = label
        for n, label in ((1, "Tench"), (2, "TENCH"), (4, "goldfish"), (5, "goldfish")):
            session.get_one(Annotation, n).label = label
    at = open_page("evaluation.py", project.id)
    at.button(key="see_wrong").click().run()
    # The class that the model does not know by name is wrong to the query, not to the page.
    assert at.session_state["workspaces"][project.id].query.startswith('in:"Wrong ')
    with writing() as session:
        session.delete(session.get_one(Annotation, 3))
    at = open_page("evaluation.py", project.id)
    at.button(key="see_wrong").click().run()
    assert not at.exception
    assert at.session_state["workspaces"][project.id].query == "correct:no"


def test_classes_that_the_model_does_not_know_are_not_called_missing(
    open_page: OpenPage, project: Project, viewer: Viewer
) -> None:
    with writing() as session:
        for said in session.exec(select(Annotation)):
            said.label, said.has_boxes = "unheard of", False
            session.add(said)
    at = open_page("evaluation.py", project.id)
    shown = written(at)
    assert "have names that the model does not know" in shown
    assert "Nobody has said yet" not in shown
    assert at.main.expander[0].proto.expanded
    with writing() as session:
        session.execute(delete(Prediction))
        for said in session.exec(select(Annotation)):
            said.label = "tench"
            session.add(said)
    shown = written(open_page("evaluation.py", project.id))
    assert "images with ground truth are not analysed by this model" in shown
    assert "Nobody has said yet" not in shown
