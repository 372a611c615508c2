"""The history page: what happened, filters, paging, taking changes back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from core.accounts.access import Viewer
from core.accounts.tables import User
from core.annotations import edit_boxes
from core.bin import delete_images
from core.curation import add_tag, create_tag, image_tags, set_note
from core.curation.field_types import FieldType
from core.curation.fields import declare_field
from core.database import now, reading, writing
from core.history import record, undo
from core.history.browse import find_events, recorded_kinds, recorded_people
from core.projects.store import create_project
from core.projects.tables import Project
from tests.core.curation.conftest import Stage, stage
from tests.pages.conftest import OpenPage, keys, written


def said(at: AppTest) -> list[str]:
    """The sentences on the page, without their icons."""
    lines = [m.value for m in at.main.markdown if m.value.startswith(":material")]
    return [line.split(": ", 1)[1].replace("\\", "") for line in lines]


def tag_names(stage: Stage) -> list[str]:
    with reading() as session:
        return [tag.name for tag in image_tags(session, stage.images)[stage.images[0]]]


@pytest.fixture
def tagged(stage: Stage) -> int:
    """Id of the event that gave the stage's images the tag `sc*ratch*`."""
    event = add_tag(stage.viewer, stage.id, "sc*ratch*", stage.images)
    assert event is not None and event.id is not None
    return event.id


def colleague(session: Session, project_id: int) -> None:
    """Another person does something in the project."""
    user = User(name="Kim", email="kim@example.com")
    session.add(user)
    session.flush()
    kim = Viewer(user.id or 0, user.name)
    record(session, kim, project_id, "map.deleted", {"name": "Spring"})


def test_a_new_project_invites_to_add_images(open_page: OpenPage, project: Project) -> None:
    at = open_page("history.py", project.id)
    assert said(at) == ["Created the project “Line 3”"]
    assert "As soon as images are added" in written(at)
    at.button(key="history_add_images").click().run()
    assert at.title[0].value == "Add images"


def test_events_stand_newest_first_with_who_and_when(
    open_page: OpenPage,
    stage: Stage,
    tagged: int,
) -> None:
    create_tag(stage.viewer, stage.id, "other")
    at = open_page("history.py", stage.id)
    assert said(at) == ["Created the tag “other”", "Added the tag “sc*ratch*” · images: 10"]
    assert r"sc\*ratch\*" in written(at)
    assert written(at).count("Local user") == 2
    times = [html.value for html in at.main.html if "<time" in html.value]
    assert len(times) == 2
    assert all("just now" in time and "UTC" in time for time in times)


def test_counts_are_written_with_separators(
    open_page: OpenPage, project: Project, viewer: Viewer
) -> None:
    details = {"name": "b", "accepted": 1234567, "duplicates": 0, "refused": 1000, "applied": 2}
    with writing() as session:
        record(session, viewer, project.id or 0, "batch.ingested", details)
    newest = said(open_page("history.py", project.id))[0]
    assert newest.endswith(
        "accepted: 1,234,567, already there: 0, refused: 1,000, labels and tables: 2"
    )


def test_a_change_can_be_taken_back_and_that_too(
    open_page: OpenPage,
    stage: Stage,
    tagged: int,
) -> None:
    at = open_page("history.py", stage.id)
    at.button(key=f"undo_{tagged}").click().run()
    assert not at.exception
    with reading() as session:
        assert image_tags(session, stage.images) == {}
    assert said(at) == [
        "Undo: Removed the tag “sc*ratch*” · images: 10",
        "~~Added the tag “sc*ratch*” · images: 10~~",
    ]
    assert "taken back" in written(at)
    (again,) = [key for key in keys(at) if key.startswith("undo_")]
    at.button(key=again).click().run()
    assert tag_names(stage) == ["sc*ratch*"]
    assert at.session_state["workspaces"][stage.id].data_version == 2


def test_a_change_that_was_taken_back_meanwhile_says_so(
    open_page: OpenPage,
    stage: Stage,
    tagged: int,
) -> None:
    at = open_page("history.py", stage.id)
    undo(stage.viewer, tagged)
    at.button(key=f"undo_{tagged}").click().run()
    assert not at.exception
    assert at.error[0].value.startswith("This change was undone already")
    at.run()
    assert len(at.error) == 0


def test_filters_by_subject_person_and_words(
    open_page: OpenPage,
    stage: Stage,
    tagged: int,
) -> None:
    with writing() as session:
        colleague(session, stage.id)
    at = open_page("history.py", stage.id)
    assert at.multiselect(key="history_subjects").options == ["Maps", "Tags"]
    at.multiselect(key="history_subjects").set_value(["tag"]).run()
    assert len(said(at)) == 1 and "Added the tag" in said(at)[0]
    at.multiselect(key="history_subjects").set_value([])
    at.multiselect(key="history_people").set_value(["Kim"]).run()
    assert said(at) == ["Deleted the map “Spring”"]
    at.multiselect(key="history_people").set_value([])
    at.text_input(key="history_text").set_value("TAG added").run()
    assert len(said(at)) == 1 and "Added the tag" in said(at)[0]


def test_filters_by_image_and_day(open_page: OpenPage, stage: Stage, tagged: int) -> None:
    first, second = stage.images[:2]
    set_note(stage.viewer, first, "a scratch")
    edit_boxes(stage.viewer, second, [("dent", 0.1, 0.1, 0.5, 0.5)], None)
    declare_field(stage.viewer, stage.id, "thick", FieldType("number", "mm"))
    delete_images(stage.viewer, stage.id, [second])
    at = open_page("history.py", stage.id)
    assert said(at)[:4] == [
        "Put images into the bin · images: 1",
        "Set the type of the metadata field “thick” (mm) · values rewritten: 0",
        "Drew a box “dent”",
        "Wrote the note “a scratch”",
    ]
    # Everything that people do with images has its way back here.
    assert len([key for key in keys(at) if key.startswith("undo_")]) == 5
    at.text_input(key="history_image").set_value("0.PNG").run()
    assert said(at) == ["Wrote the note “a scratch”", "Added the tag “sc*ratch*” · images: 10"]
    at.text_input(key="history_image").set_value(f"#{second}").run()
    assert [line.split(" ")[0] for line in said(at)] == ["Put", "Drew", "Added"]
    at.text_input(key="history_image").set_value("%").run()
    assert said(at) == []
    at.text_input(key="history_image").set_value("")
    today = now().date()
    at.date_input(key="history_when:0").set_value((today, today)).run()
    assert len(said(at)) == 5
    before = today - timedelta(days=1)
    at.date_input(key="history_when:0").set_value((before, before)).run()
    assert said(at) == []
    at.button(key="history_clear").click().run()
    assert len(said(at)) == 5


def test_days_are_those_of_the_visitor(viewer: Viewer, project: Project) -> None:
    """An event at midnight belongs to the day that begins with it."""
    midnight = datetime(2024, 10, 14, tzinfo=UTC)
    with writing() as session:
        event = record(session, viewer, project.id or 0, "map.deleted", {"name": "Spring"})
        event.at = midnight
        session.add(event)
    day = timedelta(days=1)

    def found(since: datetime, until: datetime) -> int:
        with reading() as session:
            return len(find_events(session, viewer, project, since=since, until=until))

    assert found(midnight, midnight + day) == 1
    assert found(midnight - day, midnight) == 0


def test_filters_that_fit_nothing_can_be_cleared(open_page: OpenPage, project: Project) -> None:
    at = open_page("history.py", project.id)
    at.text_input(key="history_text").set_value("nowhere").run()
    assert "No event fits these filters." in written(at)
    at.button(key="history_clear").click().run()
    assert at.text_input(key="history_text").value == ""
    assert said(at) == ["Created the project “Line 3”"]


def test_one_person_alone_is_no_filter(open_page: OpenPage, project: Project) -> None:
    at = open_page("history.py", project.id)
    assert [select.key for select in at.multiselect] == ["history_subjects"]


def test_older_events_come_on_demand(open_page: OpenPage, project: Project, viewer: Viewer) -> None:
    for n in range(60):
        create_tag(viewer, project.id or 0, f"tag {n:02}")
    at = open_page("history.py", project.id)
    assert said(at)[-1] == "Created the tag “tag 10”"
    at.button(key="history_older").click().run()
    assert said(at)[-2:] == ["Created the tag “tag 00”", "Created the project “Line 3”"]
    assert "history_older" not in keys(at)


def test_the_history_is_told_in_korean(open_page: OpenPage, project: Project) -> None:
    at = open_page("history.py", project.id, language="ko")
    assert said(at) == ["프로젝트 “Line 3” 생성"]


def test_events_are_found_across_pages_of_the_history(project: Project, viewer: Viewer) -> None:
    with writing() as session:
        for n in range(1203):
            details = {"tag": "rare" if n % 600 == 0 else "common"}
            record(session, viewer, project.id or 0, "tag.created", details)
    with reading() as session:
        rare = find_events(session, viewer, project, text="rare")
        newest = find_events(session, viewer, project, kinds=["tag.created"], limit=3)
        everything = find_events(session, viewer, project, limit=5000)
        nobody = find_events(session, viewer, project, people=["Kim"])
    assert [event.id for event in rare] == [1202, 602, 2]
    assert [event.id for event in newest] == [1204, 1203, 1202]
    assert [event.id for event in everything] == list(range(1204, 0, -1))
    assert nobody == []


def test_kinds_and_people_of_one_project_only(project: Project, viewer: Viewer) -> None:
    other = create_project(viewer, "Other", "mobilenet_v2")
    with writing() as session:
        colleague(session, other.id or 0)
    with reading() as session:
        assert recorded_kinds(session, viewer, project) == ["project.created"]
        assert recorded_people(session, viewer, project) == ["Local user"]
        assert recorded_kinds(session, viewer, other) == ["map.deleted", "project.created"]
        assert recorded_people(session, viewer, other) == ["Kim", "Local user"]
