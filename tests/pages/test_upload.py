"""The upload page: batches and what became of their files, what is not analysed, ways on."""

import csv
import io

from core.accounts.access import Viewer
from core.database import reading, writing
from core.i18n import use_language
from core.ingest.batches import RefusedFile, batch_reports, begin_batch
from core.ingest.report import refused_csv
from core.ingest.uploads import begin_upload
from core.jobs import queue
from core.jobs.store import project_jobs, update_job
from core.jobs.tables import Job, JobState
from core.projects.tables import Project
from tests.core.ingest.conftest import Drop, picture
from tests.pages.conftest import OpenPage, keys, written


def jobs(viewer: Viewer, project: Project, kind: str) -> list[Job]:
    with reading() as session:
        return project_jobs(session, viewer, project.id or 0, tuple(JobState), (kind,))


def waiting_batch(viewer: Viewer, project: Project) -> tuple[int, Job]:
    """A batch with one file that no worker has begun with."""
    upload = begin_upload(project.id or 0, viewer.user_id, 0)
    upload.file_path(0).write_bytes(picture(1))
    upload.add(0, "a.jpg", len(picture(1)))
    batch, job = begin_batch(viewer, upload)
    return batch.id or 0, job


def test_without_a_project_the_page_leads_to_one(open_page: OpenPage) -> None:
    at = open_page("upload.py")
    assert [info.value for info in at.info] == ["Choose a project first, or make a new one."]
    at.main.button[0].click().run()
    assert at.title[0].value == "DATAG"


def test_an_empty_project_says_what_to_do(open_page: OpenPage, project: Project) -> None:
    at = open_page("upload.py", project.id)
    assert "Nothing here yet. Drop images, folders or zip files" in written(at)
    assert keys(at) == set()


def test_a_batch_reports_what_became_of_its_files(
    open_page: OpenPage, drop: Drop, project: Project
) -> None:
    batch, _ = drop(
        {"a*b*.jpg": picture(1), "b.jpg": picture(2), "again.jpg": picture(1), "c.jpg": b"?"}
    )
    shown = written(open_page("upload.py", project.id))
    assert r"**a\*b\*\.jpg \+ 3**" in shown
    for badge in ("green-badge[2 accepted]", "gray-badge[1 already there]"):
        assert badge in shown
    assert "orange-badge[1 refused]" in shown
    assert "Local user" in shown
    assert "taken in" not in shown
    assert batch.finished_at is not None


def test_refused_files_are_listed_when_the_list_is_opened(
    open_page: OpenPage, drop: Drop, project: Project
) -> None:
    batch, _ = drop({"empty.jpg": b"", "note.jpg": b"hello"})
    at = open_page("upload.py", project.id)
    assert "Refused files (2)" in [expander.label for expander in at.expander]
    assert len(at.dataframe) == 0
    at.session_state[f"refused_{batch.id}"] = True
    at.run()
    table = at.dataframe[0].value
    assert list(table.columns) == ["File", "Reason"]
    assert list(table["File"]) == ["empty.jpg", "note.jpg"]
    assert table["Reason"][0] == "The file is empty."
    assert [button.key for button in at.get("download_button")] == [f"refused_csv_{batch.id}"]


def test_only_the_first_refused_files_are_shown_of_many(
    open_page: OpenPage, drop: Drop, project: Project
) -> None:
    batch, _ = drop({f"{n:03}.jpg": b"" for n in range(203)})
    at = open_page("upload.py", project.id)
    at.session_state[f"refused_{batch.id}"] = True
    at.run()
    assert len(at.dataframe[0].value) == 200
    assert "The first 200 of 203. The download has them all." in written(at)


def test_the_list_of_refused_files_is_safe_in_a_spreadsheet() -> None:
    use_language("en")
    files = [RefusedFile('=cmd("x").jpg', "Broken."), RefusedFile("한글, 이름.jpg", "Empty.")]
    data = refused_csv(files)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows == [
        ["File", "Reason"],
        ['\'=cmd("x").jpg', "Broken."],
        ["한글, 이름.jpg", "Empty."],
    ]


def test_images_that_no_model_has_seen_are_told_with_the_reason_and_the_remedy(
    open_page: OpenPage, drop: Drop, project: Project, viewer: Viewer
) -> None:
    drop({"a.jpg": picture(1), "b.jpg": picture(2)})
    at = open_page("upload.py", project.id)
    warning = at.warning[0].value.replace("\\", "")
    assert warning.startswith("2 images are not analysed yet. The model could not be had")
    assert "The weights of MobileNetV2 could not be fetched" in warning
    at.button(key="analyse_now").click().run()
    (job,) = jobs(viewer, project, "analyse")
    assert job.state == JobState.QUEUED
    assert len(at.warning) == 0
    assert f"cancel_{job.id}" in keys(at)


def test_an_analysis_that_failed_is_gone_on_with(
    open_page: OpenPage, drop: Drop, project: Project, viewer: Viewer
) -> None:
    drop({"a.jpg": picture(1)})
    at = open_page("upload.py", project.id)
    at.button(key="analyse_now").click().run()
    (job,) = jobs(viewer, project, "analyse")
    update_job(job.id, state=JobState.FAILED, error="jobs.crashed", error_params={"message": "x"})
    at.run()
    assert at.warning[0].value.replace("\\", "") == "1 image is not analysed yet."
    at.button(key="analyse_now").click().run()
    (again,) = jobs(viewer, project, "analyse")
    assert (again.state, again.attempt) == (JobState.QUEUED, 2)


def test_a_batch_on_its_way_shows_its_progress(
    open_page: OpenPage, viewer: Viewer, project: Project
) -> None:
    _, job = waiting_batch(viewer, project)
    at = open_page("upload.py", project.id)
    assert "being taken in" in written(at)
    assert keys(at) == {f"cancel_{job.id}"}
    at.button(key=f"cancel_{job.id}").click().run()
    assert jobs(viewer, project, "ingest")[0].state == JobState.CANCELLED


def test_a_cancelled_batch_can_be_gone_on_with(
    open_page: OpenPage, viewer: Viewer, project: Project
) -> None:
    batch_id, job = waiting_batch(viewer, project)
    queue.cancel(viewer, job.id)
    at = open_page("upload.py", project.id)
    assert "blue-badge[cancelled]" in written(at)
    at.button(key=f"go_on_{batch_id}").click().run()
    (again,) = jobs(viewer, project, "ingest")
    assert (again.state, again.attempt) == (JobState.QUEUED, 2)


def test_the_rest_of_a_stopped_batch_can_be_discarded(
    open_page: OpenPage, viewer: Viewer, project: Project
) -> None:
    batch_id, job = waiting_batch(viewer, project)
    update_job(job.id, state=JobState.FAILED, error="jobs.crashed", error_params={"message": "x"})
    at = open_page("upload.py", project.id)
    assert "blue-badge[stopped by an error]" in written(at)
    at.button(key=f"discard_now_{batch_id}").click().run()
    with reading() as session:
        (report,) = batch_reports(session, viewer, project.id or 0)
    assert report.batch.finished_at is not None
    assert f"go_on_{batch_id}" not in keys(at)
    assert "gray-badge[no files]" in written(at)


def test_the_images_are_one_click_away(open_page: OpenPage, drop: Drop, project: Project) -> None:
    batch, _ = drop({"a.jpg": picture(1), "b.jpg": picture(2)})
    at = open_page("upload.py", project.id)
    assert at.button(key="look_at_images").label == "Look at the images (2)"
    at.button(key=f"look_{batch.id}").click().run()
    assert at.query_params["q"] == f"batch:{batch.id}"
    assert at.session_state["workspaces"][project.id].query == f"batch:{batch.id}"


def test_old_batches_come_on_demand(open_page: OpenPage, viewer: Viewer, project: Project) -> None:
    for _ in range(22):
        waiting_batch(viewer, project)
    with writing() as session:
        for job in project_jobs(session, viewer, project.id or 0, limit=30):
            job.state = JobState.DONE
    at = open_page("upload.py", project.id)
    assert written(at).count("a\\.jpg") == 20
    at.button(key="older_batches").click().run()
    assert written(at).count("a\\.jpg") == 22
    assert "older_batches" not in keys(at)


def test_labels_that_found_no_image_are_told_without_opening_anything(
    open_page: OpenPage, drop: Drop, project: Project
) -> None:
    drop({"line_1.jpg": picture(1)})
    table = b"name,line\nIMG_1.jpg,A\nIMG_2.jpg,B\n"
    drop({"meta.csv": table})
    at = open_page("upload.py", project.id)
    assert "orange-badge[2 left out]" in written(at)
    assert [warning.value for warning in at.warning if "meta" in warning.value] == [
        r"**meta\.csv** found no image. It names 2, such as IMG\_1\.jpg; "
        r"an image of this project is called line\_1\.jpg."
    ]
