"""Batches from drop to report, without a model: what is stored, refused, repeated and resumed."""

from pathlib import Path

import pytest
from sqlmodel import select

from core.accounts.access import Viewer
from core.analysis.missing import count_unseen
from core.database import reading
from core.errors import UserError
from core.history import events
from core.ingest import run, take_in
from core.ingest.batches import batch_reports, begin_batch, discard_rest, refused_files
from core.ingest.tables import Batch, BatchFile, Outcome
from core.ingest.uploads import begin_upload, open_upload
from core.jobs import queue, runner
from core.jobs.tables import Job, JobState
from core.media import thumbnails
from core.media.originals import original_of, read_original
from core.media.tables import Image
from core.projects.tables import Project
from core.settings import settings
from tests.core.ingest.conftest import Drop, picture, zip_of


def images() -> list[Image]:
    with reading() as session:
        return list(session.exec(select(Image).order_by(Image.name)))


def test_a_mixed_drop_gets_a_full_report(viewer: Viewer, project: Project, drop: Drop) -> None:
    archive = zip_of(
        {
            "a.jpg": picture(1),
            "broken.jpg": picture(2)[:300],
            "note.txt": b"hello",
            "copy of a.jpg": picture(1),
            "한글 이름.jpg": picture(3),
        }
    )
    batch, job = drop({"set.zip": archive, "b.jpg": picture(4)})
    assert job.state == JobState.DONE
    assert [i.name for i in images()] == ["b.jpg", "set.zip/a.jpg", "set.zip/한글 이름.jpg"]
    with reading() as session:
        report = batch_reports(session, viewer, project.id or 0)[0]
        refused = refused_files(session, viewer, batch.id or 0)
        kinds = [event.kind for event in events(session, viewer, project)]
    assert (report.accepted, report.duplicates, report.refused) == (3, 1, 2)
    assert report.batch.name == "set.zip + 1"
    assert [file.path for file in refused] == ["set.zip/broken.jpg", "set.zip/note.txt"]
    assert "broken or cut off" in refused[0].reason
    assert "Neither a picture nor labels" in refused[1].reason
    assert kinds == ["batch.ingested", "project.created"]


def test_originals_and_thumbnails_are_kept_and_the_staging_area_emptied(drop: Drop) -> None:
    data = picture(1, (640, 480))
    drop({"a.jpg": data})
    image = images()[0]
    assert (image.width, image.height, image.byte_size) == (640, 480, len(data))
    assert read_original(original_of(image)) == data
    assert thumbnails.find(image.content_hash)
    assert list(settings().uploads_dir.iterdir()) == []


def test_without_weights_the_images_are_stored_and_the_reason_is_told(
    viewer: Viewer, project: Project, drop: Drop
) -> None:
    _batch, job = drop({"a.jpg": picture(1)})
    assert job.state == JobState.DONE
    assert job.result["model_error"]["key"] == "models.unavailable"
    with reading() as session:
        assert count_unseen(session, viewer, project.id or 0, project.model_key) == 1


def test_the_same_content_again_is_already_there(drop: Drop) -> None:
    drop({"a.jpg": picture(1)})
    batch, _job = drop({"other name.jpg": picture(1), "new.jpg": picture(2)})
    with reading() as session:
        query = select(BatchFile).where(BatchFile.batch_id == batch.id).order_by(BatchFile.path)
        files = list(session.exec(query))
    assert [(f.path, f.outcome) for f in files] == [
        ("new.jpg", Outcome.ACCEPTED),
        ("other name.jpg", Outcome.DUPLICATE),
    ]
    first = next(i for i in images() if i.name == "a.jpg")
    assert files[1].image_id == first.id


def test_a_hundred_equal_files_are_one_image(drop: Drop) -> None:
    drop({f"{n:03d}.jpg": picture(1) for n in range(100)})
    assert [i.name for i in images()] == ["000.jpg"]


def test_taking_in_goes_on_where_it_was_cut_off(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "batch_size", 4)
    monkeypatch.setattr(run, "_STORE_EVERY", 0)
    stored = 0
    real = run._store

    def fail_after_two(*args: object) -> None:
        nonlocal stored
        stored += 1
        if stored == 3:
            raise RuntimeError("the machine went away")
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "_store", fail_after_two)
    batch, job = drop({f"{n:02d}.jpg": picture(n) for n in range(20)})
    assert job.state == JobState.FAILED
    assert len(images()) == 8
    monkeypatch.setattr(run, "_store", real)
    read: list[str] = []
    real_take_in = take_in.take_in

    def counting(entry, *args):  # type: ignore[no-untyped-def]
        read.append(entry.path)
        return real_take_in(entry, *args)

    monkeypatch.setattr(run, "take_in", counting)
    runner.run(job.id, {"ingest": run.run_ingest})
    assert len(images()) == 20
    assert sorted(read) == [f"{n:02d}.jpg" for n in range(8, 20)]
    with reading() as session:
        assert session.get_one(Job, job.id).state == JobState.DONE
        assert session.get_one(Batch, batch.id).finished_at is not None


def test_an_upload_whose_removal_was_cut_off_is_removed(drop: Drop) -> None:
    batch, job = drop({"a.jpg": picture(1)})
    left = settings().uploads_dir / str(batch.upload)
    left.mkdir()
    (left / "00000000").write_bytes(picture(1))
    runner.run(job.id, {"ingest": run.run_ingest})
    assert not left.exists()
    assert len(images()) == 1


def test_a_cancelled_batch_keeps_what_it_has_and_can_be_given_up(
    viewer: Viewer, project: Project, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "batch_size", 4)
    monkeypatch.setattr(run, "_STORE_EVERY", 0)
    real = run._store

    def cancel_after_first(batch: Batch, *args: object) -> None:
        real(batch, *args)  # type: ignore[arg-type]
        with reading() as session:
            job = session.exec(select(Job)).one()
        queue.cancel(viewer, job.id)

    monkeypatch.setattr(run, "_store", cancel_after_first)
    monkeypatch.setattr("core.jobs.context._ASK_EVERY", 0.0)
    batch, job = drop({f"{n:02d}.jpg": picture(n) for n in range(20)})
    assert job.state == JobState.CANCELLED
    assert len(images()) == 4
    assert open_upload(batch.upload or "").token == batch.upload
    discard_rest(viewer, batch.id or 0)
    assert list(settings().uploads_dir.iterdir()) == []
    with pytest.raises(UserError):
        discard_rest(viewer, batch.id or 0)


def test_completing_an_upload_twice_gives_one_batch(
    viewer: Viewer, project: Project, no_registry: None
) -> None:
    upload = begin_upload(project.id or 0, viewer.user_id, 0)
    first, job = begin_batch(viewer, upload)
    second, same_job = begin_batch(viewer, upload)
    assert (first.id, job.id) == (second.id, same_job.id)


def test_an_empty_drop_ends_well(drop: Drop) -> None:
    _batch, job = drop({})
    assert job.state == JobState.DONE
    assert job.result["accepted"] == 0


def test_a_folder_that_cannot_be_written_fails_with_a_reason_and_loses_nothing(
    drop: Drop, database: Path
) -> None:
    (database / "media").write_text("a file where the folder should be")
    batch, job = drop({"a.jpg": picture(1)})
    assert (job.state, job.error) == (JobState.FAILED, "ingest.storage_failed")
    (database / "media").unlink()
    runner.run(job.id, {"ingest": run.run_ingest})
    assert [i.name for i in images()] == ["a.jpg"]
    assert batch.finished_at is None
