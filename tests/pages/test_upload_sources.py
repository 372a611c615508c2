"""The form for a folder of the server on the upload page, and its watched folders."""

from pathlib import Path

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from core.accounts.access import Viewer
from core.database import now, reading, writing
from core.ingest.batches import batch_reports
from core.projects.tables import Project
from core.settings import settings
from core.sources.tables import Source
from tests.core.sources.conftest import Begin, TakeIn, begin, folder, outside, take_in
from tests.pages.conftest import OpenPage, keys, written


def open_form(open_page: OpenPage, project: Project, language: str = "en") -> AppTest:
    at = open_page("upload.py", project.id, language)
    at.session_state[f"source_{project.id}"] = True
    return at.run()


def look_at(at: AppTest, project: Project, path: Path | str) -> AppTest:
    at.text_input(f"source_path_{project.id}").set_value(str(path)).run()
    return at.button(f"source_look_{project.id}").click().run()


def test_a_folder_is_looked_at_and_taken_in(
    open_page: OpenPage, viewer: Viewer, project: Project, folder: Path
) -> None:
    (folder / "out.jpg").symlink_to("/etc/passwd")
    at = open_form(open_page, project)
    begin_key = f"source_begin_{project.id}"
    assert begin_key not in keys(at)
    at = look_at(at, project, folder)
    assert "Found: **3** files" in written(at)
    assert r"line 3/a\.jpg" in written(at)
    assert "A link that leads out of the folder" in written(at)
    at.radio(f"source_how_{project.id}").set_value(True).run()
    at.button(begin_key).click().run()
    assert not at.exception
    with reading() as session:
        [report] = batch_reports(session, viewer, project.id or 0)
        source = session.exec(select(Source)).one()
    assert (report.batch.name, source.in_place, source.recursive) == ("line 3", True, True)
    assert begin_key not in keys(at)
    assert "originals left in place" in written(at)


def test_another_path_wants_another_look(
    open_page: OpenPage, project: Project, folder: Path
) -> None:
    at = look_at(open_form(open_page, project), project, folder)
    at.checkbox(f"source_recursive_{project.id}").uncheck().run()
    assert f"source_begin_{project.id}" not in keys(at)
    at.button(f"source_look_{project.id}").click().run()
    assert "Found: **2** files" in written(at)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("", "Write the path of a folder"),
        ("line3", "is not a whole path"),
        ("/no/such/folder", "There is no folder or file"),
        ("ftp://x/y", "is of a kind that DATAG does not read"),
    ],
)
def test_what_cannot_be_read_is_told(
    open_page: OpenPage, project: Project, path: str, told: str
) -> None:
    assert told in written(look_at(open_form(open_page, project), project, path))


def test_a_server_for_others_says_that_it_is_closed(
    open_page: OpenPage, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAG_ALLOWED_HOSTS", '["datag.example"]')
    settings.cache_clear()
    at = open_form(open_page, project)
    assert "DATAG_SOURCE_ROOTS" in written(at)
    assert f"source_look_{project.id}" not in keys(at)


def test_watching_begins_pauses_and_ends(
    open_page: OpenPage, viewer: Viewer, project: Project, folder: Path
) -> None:
    at = look_at(open_form(open_page, project), project, folder)
    at.checkbox(f"source_watch_{project.id}").check().run()
    at.selectbox(f"source_batches_{project.id}").set_value("quiet").run()
    at.number_input(f"source_quiet_{project.id}").set_value(15).run()
    at.button(f"source_begin_{project.id}").click().run()
    with reading() as session:
        source = session.exec(select(Source)).one()
    assert source.quiet_minutes == 15
    assert (
        "Watching · a look every 5 s · Copy in · a new batch after 15 min without files"
        in written(at)
    )
    at.button(f"watch_pause_{source.id}").click().run()
    assert "Paused" in written(at)
    at.button(f"watch_resume_{source.id}").click().run()
    at.button(f"watch_end_confirm_{source.id}").click().run()
    assert not at.exception
    assert f"watch_pause_{source.id}" not in keys(at)


def test_what_a_watched_folder_suffers_from_is_told(
    open_page: OpenPage, project: Project, begin: Begin, folder: Path
) -> None:
    begin(folder, watch=True)
    with writing() as session:
        source = session.exec(select(Source)).one()
        source.error, source.error_params = "ingest.no_folder", {"path": "/data/*gone*"}
        source.looked_at = now()
        session.add(source)
    shown = written(open_page("upload.py", project.id))
    assert r"There is no folder or file /data/\*gone\*" in shown


def test_a_batch_tells_where_it_came_from(
    open_page: OpenPage, project: Project, take_in: TakeIn, folder: Path
) -> None:
    take_in(folder)
    shown = written(open_page("upload.py", project.id, "ko"))
    assert "원본은 제자리에 있음" in shown and "line 3" in shown
