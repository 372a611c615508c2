"""Bringing a model on the models page: what is said and asked at each step."""

import pytest

from core.accounts.access import Viewer
from core.database import reading, writing
from core.jobs.store import add_job, project_jobs
from core.jobs.tables import JobState
from core.media.tables import Image
from core.models.tables import UserModel
from core.projects.store import create_project
from core.projects.tables import Project
from tests.core.evaluation.test_truth import project
from tests.core.models.facts import FACTS
from tests.pages.conftest import OpenPage, keys, written

__all__ = ["project"]

GRAPH = {**FACTS, "task": "classification", "head": "logits", "classes": 3, "names": []}


def bring(viewer: Viewer, **values: object) -> int:
    with writing() as session:
        model = UserModel(
            name="net",
            file_name="net.onnx",
            sha256="0",
            suffix=".onnx",
            byte_size=14_000_000,
            created_by=viewer.user_id,
        )
        model.sqlmodel_update(values)
        session.add(model)
        session.flush()
        return model.id or 0


def look(viewer: Viewer, project: Project, model_id: int, **values: object) -> None:
    with writing() as session:
        params = {"model_id": model_id, "do": "inspect"}
        job = add_job(session, viewer, project.id or 0, "model", params)
        job.sqlmodel_update(values)


def test_a_file_that_cannot_be_used_says_why_once_and_in_every_project(
    open_page: OpenPage, project: Project, viewer: Viewer
) -> None:
    model_id = bring(viewer)
    look(viewer, project, model_id, state=JobState.FAILED, error="models.file.compressed")
    other = create_project(viewer, "other", "mobilenet_v2")
    for project_id in (project.id, other.id):
        at = open_page("models.py", project_id)
        assert len(at.error) == 1 and "compressed archive" in at.error[0].value
    at.button(key=f"discard_{model_id}").click().run()
    assert not at.error and "net.onnx" not in written(at)


def test_a_look_that_was_stopped_is_taken_up_again(
    open_page: OpenPage, project: Project, viewer: Viewer
) -> None:
    model_id = bring(viewer)
    look(viewer, project, model_id, state=JobState.CANCELLED)
    at = open_page("models.py", project.id)
    assert "was not looked at" in at.info[-1].value
    at.button(key=f"look_again_{model_id}").click().run()
    with reading() as session:
        (job,) = project_jobs(session, viewer, project.id or 0, kinds=("model",))
    assert (job.state, job.params["do"]) == (JobState.QUEUED, "inspect")


def test_classes_are_counted_and_numbers_are_no_names(
    open_page: OpenPage, project: Project, viewer: Viewer
) -> None:
    model_id = bring(viewer, facts=GRAPH)
    at = open_page("models.py", project.id)
    field = at.text_area(key=f"own_classes_{model_id}")
    assert field.value == "class 0\nclass 1\nclass 2"
    assert "3 classes are called by their numbers" in written(at)
    for typed, says in (
        ("cat\ndog", "You named 2 classes, the network has 3"),
        ("cat\ndog\ncow\nhen", "You named 4 classes, the network has 3"),
        ("cat\ndog\ncat", "“cat” stands there twice"),
    ):
        field.set_value(typed).run()
        assert says in at.warning[0].value.replace("\\", "")
        # Pressed nevertheless, it starts nothing.
        at.button(key=f"try_{model_id}").click().run()
        assert not at.exception and says in at.warning[0].value.replace("\\", "")
    field.set_value("고양이\n<b>dog</b>\n$x$").run()
    assert not at.warning and "3 of 3 classes named" in written(at)
    at.button(key=f"try_{model_id}").click().run()
    with reading() as session:
        (job,) = project_jobs(session, viewer, project.id or 0, kinds=("model",))
    assert job.params["settings"]["classes"] == ["고양이", "<b>dog</b>", "$x$"]


def test_what_is_typed_last_is_heard_with_the_click(
    open_page: OpenPage, project: Project, viewer: Viewer
) -> None:
    model_id = bring(viewer, facts=GRAPH)
    at = open_page("models.py", project.id)
    at.text_area(key=f"own_classes_{model_id}").set_value("cat").run()
    at.text_area(key=f"own_classes_{model_id}").set_value("cat\ndog\ncow")
    at.button(key=f"try_{model_id}").click().run()
    with reading() as session:
        assert len(project_jobs(session, viewer, project.id or 0, kinds=("model",))) == 1


def test_a_project_without_images_leads_to_where_they_are_added(
    open_page: OpenPage, project: Project, viewer: Viewer
) -> None:
    model_id = bring(viewer, facts=GRAPH)
    empty = create_project(viewer, "empty", "mobilenet_v2")
    at = open_page("models.py", empty.id)
    assert f"try_{model_id}" not in keys(at) and f"images_for_{model_id}" in keys(at)
    assert any("no image to try the model on" in info.value for info in at.info)
    with reading() as session:
        assert session.get(Image, 1) is not None
    assert f"try_{model_id}" in keys(open_page("models.py", project.id))


@pytest.mark.parametrize(("name", "says"), [("Line 3", "Line 3"), ("", "Give the model a name")])
def test_a_finished_model_is_renamed(
    open_page: OpenPage, project: Project, viewer: Viewer, name: str, says: str
) -> None:
    settings = {
        "task": "classification", "head": "logits", "classes": ["a", "b", "c"], "size": [32, 32],
        "mean": [0, 0, 0], "std": [1, 1, 1], "resize": "stretch",
    }  # fmt: skip
    trial = {"feature_size": 7}
    model_id = bring(viewer, key="net-1", facts=GRAPH, settings=settings, trial=trial)
    at = open_page("models.py", project.id)
    at.text_input(key=f"rename_name_{model_id}").set_value(name)
    next(button for button in at.button if button.label == "Rename").click().run()
    assert not at.exception and says in written(at)


def test_deleting_a_model_says_how_to_take_it_back(
    open_page: OpenPage, project: Project, viewer: Viewer
) -> None:
    settings = {
        "task": "classification", "head": "logits", "classes": ["a", "b", "c"], "size": [32, 32],
        "mean": [0, 0, 0], "std": [1, 1, 1], "resize": "stretch",
    }  # fmt: skip
    bring(viewer, key="net-1", facts=GRAPH, settings=settings, trial={"feature_size": 7})
    at = open_page("models.py", project.id)
    at.button(key="delete_net-1").click().run()
    assert "The history takes that back" in at.success[0].value.replace("\\", "")
    assert "delete_net-1" not in keys(at)
