"""The start page: first visit, making, opening, deleting and bringing back projects."""

from pathlib import Path

import pytest

from core.accounts.access import Viewer
from core.database import reading
from core.ingest import demo
from core.jobs.store import project_jobs
from core.projects.store import create_project, list_projects
from core.projects.tables import Project, Visibility
from core.settings import settings
from models.catalogue import CATALOGUE
from tests.core.ingest.conftest import Drop, picture
from tests.pages.conftest import OpenPage, keys, written


def projects(viewer: Viewer) -> list[Project]:
    with reading() as session:
        return [summary.project for summary in list_projects(session, viewer)]


def test_a_first_visit_offers_the_demo_and_a_new_project(open_page: OpenPage) -> None:
    at = open_page("home.py")
    assert keys(at) == {"load_demo", "new_project"}
    assert [title.value for title in at.title] == ["DATAG"]
    assert [head.value.split(": ")[1] for head in at.subheader] == ["Load the demo", "New project"]


def test_the_page_speaks_korean(open_page: OpenPage) -> None:
    at = open_page("home.py", language="ko")
    assert at.button(key="new_project").label == "새 프로젝트"


def test_a_new_project_is_made_as_asked_and_leads_to_the_upload(
    open_page: OpenPage, viewer: Viewer
) -> None:
    at = open_page("home.py")
    at.button(key="new_project").click().run()
    at.text_input(key="project_name").set_value("  Line 3  ")
    at.text_area(key="project_description").set_value("Cover glass")
    at.radio(key="project_visibility").set_value(Visibility.DEPARTMENT)
    at.radio(key="project_model").set_value("yolo11n")
    next(b for b in at.button if b.label == "Create project").click().run()
    assert not at.exception
    (made,) = projects(viewer)
    assert (made.name, made.description) == ("Line 3", "Cover glass")
    assert (made.visibility, made.model_key) == ("department", "yolo11n")
    assert at.title[0].value == "Add images"
    assert at.session_state["project_id"] == made.id


def test_a_form_with_a_mistake_says_so_and_keeps_what_was_typed(
    open_page: OpenPage, viewer: Viewer
) -> None:
    create_project(viewer, "Line 3", "mobilenet_v2")
    at = open_page("home.py")
    at.button(key="new_project").click().run()
    at.text_input(key="project_name").set_value("Line 3")
    at.text_area(key="project_description").set_value("typed")
    next(b for b in at.button if b.label == "Create project").click().run()
    assert [error.value.replace("\\", "") for error in at.error] == [
        "Name: there is already a project called “Line 3”. Choose another name."
    ]
    assert at.text_area(key="project_description").value == "typed"
    assert len(projects(viewer)) == 1


def test_the_form_can_be_left(open_page: OpenPage, viewer: Viewer) -> None:
    at = open_page("home.py")
    at.button(key="new_project").click().run()
    next(b for b in at.button if b.label == "Cancel").click().run()
    assert "load_demo" in keys(at)
    assert projects(viewer) == []


def test_every_model_is_compared_by_task_input_licence_and_readiness(open_page: OpenPage) -> None:
    at = open_page("home.py")
    at.button(key="new_project").click().run()
    radio = at.radio(key="project_model")
    assert len(radio.options) == len(radio.proto.captions) == len(CATALOGUE) == 6
    label, caption = radio.options[0], radio.proto.captions[0]
    assert "MobileNetV2" in label and "fetched on first use · 13\u00a0MB" in label
    assert caption.startswith("Classification · 1,000 classes · 224\u00a0×\u00a0224\u00a0px · BSD")


@pytest.mark.weights
def test_a_model_whose_weights_are_there_is_ready(
    open_page: OpenPage, weights_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "weights_dir", weights_dir)
    at = open_page("home.py")
    at.button(key="new_project").click().run()
    assert all("ready" in option for option in at.radio(key="project_model").options)


def test_the_demo_is_made_once_and_its_job_shows(open_page: OpenPage, viewer: Viewer) -> None:
    at = open_page("home.py")
    at.button(key="load_demo").click().run()
    assert not at.exception
    (made,) = projects(viewer)
    assert made.notice == demo.NOTICE
    assert at.title[0].value == "Add images"
    assert "simulated" in written(at).replace("\\", "")
    with reading() as session:
        (job,) = project_jobs(session, viewer, made.id or 0)
    assert job.kind == "demo"
    assert f"cancel_{job.id}" in keys(at)
    assert "load_demo" not in keys(open_page("home.py"))


def test_a_card_tells_about_its_project_and_shows_pictures(
    open_page: OpenPage, drop: Drop, project: Project
) -> None:
    drop({f"{n}.jpg": picture(n) for n in range(6)})
    at = open_page("home.py")
    assert "6 images · MobileNetV2 · Private · just now" in written(at)
    (cover,) = [html.value for html in at.main.html if "<img" in html.value]
    assert cover.count("<img") == 4
    assert cover.count("/thumbnail") == 4


def test_names_are_shown_as_they_are(open_page: OpenPage, viewer: Viewer) -> None:
    create_project(viewer, "a*b*c <b> [x](y) :red[z] $q$", "mobilenet_v2", "# no title")
    shown = written(open_page("home.py"))
    assert r"**a\*b\*c \<b\> \[x\]\(y\) \:red\[z\] \$q\$**" in shown
    assert r"\# no title" in shown


def test_a_deleted_project_can_be_brought_back(open_page: OpenPage, viewer: Viewer) -> None:
    made = create_project(viewer, "Line 3", "mobilenet_v2")
    at = open_page("home.py")
    at.main.get("menu_button")[0].set_value("delete").run()
    assert projects(viewer) == []
    assert "The project “Line 3” is deleted." in written(at)
    at.button(key="undo_delete").click().run()
    assert [p.id for p in projects(viewer)] == [made.id]
    assert f"open_{made.id}" in keys(at)
    assert "undo_delete" not in keys(at)


def test_an_empty_project_opens_where_images_are_added(open_page: OpenPage, viewer: Viewer) -> None:
    made = create_project(viewer, "Line 3", "mobilenet_v2")
    at = open_page("home.py")
    at.button(key=f"open_{made.id}").click().run()
    assert at.title[0].value == "Add images"
