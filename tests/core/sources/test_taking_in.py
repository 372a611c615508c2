"""A folder taken in: copied or in its place, at once in the gallery, read afterwards."""

import zipfile
from pathlib import Path

import pytest
from sqlmodel import select

from core.accounts.access import Viewer
from core.bin import begin_emptying, delete_images
from core.bin.emptying import run_emptying
from core.curation.tags import add_tag
from core.database import reading
from core.formats.export import begin_export, export_file, run_export
from core.ingest.batches import discard_rest, refused_files
from core.jobs import runner
from core.jobs.tables import Job, JobState
from core.media import store, thumbnails
from core.media.images import load_image
from core.media.originals import original_of, read_original
from core.media.origins import Unavailable
from core.media.tables import Image
from core.projects.tables import Project
from core.sources.tables import SourceFile
from tests.core.ingest.conftest import picture, zip_of
from tests.core.sources.conftest import RUNNERS, Begin, TakeIn, report_of, run_jobs


def images() -> dict[str, Image]:
    with reading() as session:
        return {image.name: image for image in session.exec(select(Image))}


def list_only(viewer: Viewer, batch: object) -> None:
    with reading() as session:
        job = session.exec(select(Job).where(Job.kind == "source")).all()[-1]
    runner.run(job.id, RUNNERS)


def test_a_folder_copied_in(take_in: TakeIn, folder: Path) -> None:
    report = take_in(folder, in_place=False)
    assert (report.accepted, report.refused, report.unread) == (3, 0, 0)
    assert report.batch.finished_at is not None
    assert set(images()) == {"line 3/a.jpg", "line 3/b.jpg", "line 3/한글/c.jpg"}
    image = images()["line 3/a.jpg"]
    assert image.origin is None
    (folder / "a.jpg").unlink()
    assert read_original(original_of(image)) == picture(1)


def test_a_folder_in_its_place(take_in: TakeIn, folder: Path) -> None:
    assert take_in(folder).accepted == 3
    image = images()["line 3/한글/c.jpg"]
    assert image.origin == (folder / "한글" / "c.jpg").as_uri()
    assert read_original(original_of(image)) == picture(3)
    kept = store.local_path(image.content_hash)
    assert kept is not None and not kept.exists()


def test_images_can_be_browsed_before_they_are_read(
    viewer: Viewer, begin: Begin, folder: Path
) -> None:
    batch = begin(folder, in_place=False)
    list_only(viewer, batch)
    listed = images()
    assert [(i.width, i.height, i.format) for i in listed.values()] == [(48, 32, "JPEG")] * 3
    assert report_of(viewer, batch).unread == 3
    image = listed["line 3/a.jpg"]
    made = thumbnails.ensure(original_of(image))
    [preview] = (path for path in thumbnails.unread_folder().rglob("*") if path.is_file())
    assert preview.read_bytes() == made
    with reading() as session:
        job = session.exec(select(Job).where(Job.kind == "ingest")).one()
    runner.run(job.id, RUNNERS)
    assert report_of(viewer, batch).accepted == 3
    assert not preview.exists()
    after = images()["line 3/a.jpg"]
    assert after.id == image.id and len(after.content_hash) == 64
    assert thumbnails.find(after.content_hash)


def test_the_same_content_becomes_one_image_with_all_that_was_said(
    viewer: Viewer, project: Project, take_in: TakeIn, begin: Begin, folder: Path, outside: Path
) -> None:
    take_in(folder)
    other = outside / "again"
    other.mkdir()
    (other / "x.jpg").write_bytes(picture(1))
    (other / "y.jpg").write_bytes(picture(9))
    (other / "z.jpg").write_bytes(picture(9))
    batch = begin(other)
    list_only(viewer, batch)
    before = images()
    for name in ("again/x.jpg", "again/z.jpg"):
        add_tag(viewer, project.id or 0, "seen", [before[name].id or 0])
    run_jobs(batch)
    report = report_of(viewer, batch)
    assert (report.accepted, report.duplicates, report.unread) == (1, 2, 0)
    after = images()
    assert set(after) == {"line 3/a.jpg", "line 3/b.jpg", "line 3/한글/c.jpg", "again/y.jpg"}
    from core.curation.tables import ImageTag

    with reading() as session:
        tagged = set(session.exec(select(ImageTag.image_id)))
        files = {f.path: f.image_id for f in session.exec(select(SourceFile))}
    assert tagged == {after["line 3/a.jpg"].id, after["again/y.jpg"].id}
    assert files["x.jpg"] == after["line 3/a.jpg"].id
    assert files["z.jpg"] == after["again/y.jpg"].id


def test_a_second_time_only_what_is_new_or_changed_is_read(take_in: TakeIn, folder: Path) -> None:
    take_in(folder)
    again = take_in(folder)
    assert (again.accepted, again.duplicates) == (0, 3)
    (folder / "d.jpg").write_bytes(picture(4))
    (folder / "a.jpg").write_bytes(picture(5, (60, 40)))
    third = take_in(folder)
    assert (third.accepted, third.duplicates) == (2, 2)


def test_a_copy_makes_an_image_ours(take_in: TakeIn, folder: Path) -> None:
    take_in(folder)
    assert take_in(folder, in_place=False).duplicates == 3
    image = images()["line 3/a.jpg"]
    assert image.origin is None
    (folder / "a.jpg").unlink()
    assert read_original(original_of(image)) == picture(1)


def test_emptying_the_bin_leaves_originals_in_their_place(
    viewer: Viewer, project: Project, take_in: TakeIn, folder: Path
) -> None:
    take_in(folder)
    image = images()["line 3/a.jpg"]
    delete_images(viewer, project.id or 0, [image.id or 0])
    job = begin_emptying(viewer, project.id or 0)
    runner.run(job.id, {"bin": run_emptying})
    assert set(images()) == {"line 3/b.jpg", "line 3/한글/c.jpg"}
    assert (folder / "a.jpg").read_bytes() == picture(1)
    assert thumbnails.find(image.content_hash) is None
    # Asked for again, it comes back.
    assert take_in(folder).accepted == 1


@pytest.mark.parametrize("harm", ["unlink", "change", "replace_by_link"])
def test_a_vanished_or_changed_original_is_told_by_name(
    viewer: Viewer, take_in: TakeIn, folder: Path, tmp_path: Path, harm: str
) -> None:
    take_in(folder)
    path = folder / "a.jpg"
    path.unlink()
    if harm == "change":
        path.write_bytes(picture(7))
    elif harm == "replace_by_link":
        (tmp_path / "secret").write_text("secret")
        path.symlink_to(tmp_path / "secret")
    image = images()["line 3/a.jpg"]
    with pytest.raises(Unavailable, match=r"line 3/a\.jpg"):
        read_original(original_of(image))
    assert thumbnails.ensure(original_of(image))
    # The same file put back, though at another time, is the original again.
    path.unlink(missing_ok=True)
    path.write_bytes(picture(1))
    assert read_original(original_of(image)) == picture(1)


def exported(viewer: Viewer, project: Project, file_format: str) -> Path:
    ids = [image.id or 0 for image in images().values()]
    job = begin_export(viewer, project.id or 0, ids, file_format)  # type: ignore[arg-type]
    runner.run(job.id, {"export": run_export})
    return export_file(viewer, job.id)


def test_what_is_taken_out_has_the_originals_from_their_place(
    viewer: Viewer, project: Project, take_in: TakeIn, folder: Path
) -> None:
    take_in(folder)
    (folder / "b.jpg").unlink()
    with zipfile.ZipFile(exported(viewer, project, "zip")) as archive:
        found = {name.split("/")[-1]: archive.read(name) for name in archive.namelist()}
    assert found["a.jpg"] == picture(1) and found["c.jpg"] == picture(3)
    assert "b.jpg" not in found
    assert any(b"line 3/b.jpg" in data for name, data in found.items() if name.endswith(".txt"))


def test_a_table_has_no_hash_of_what_was_not_read(
    viewer: Viewer, project: Project, begin: Begin, folder: Path
) -> None:
    batch = begin(folder)
    list_only(viewer, batch)
    lines = exported(viewer, project, "csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 4 and "unread-" not in "".join(lines)


def test_what_is_no_picture_leaves_no_row(
    viewer: Viewer, begin: Begin, take_in: TakeIn, folder: Path
) -> None:
    (folder / "cut.jpg").write_bytes(picture(8)[:700])
    (folder / "text.jpg").write_text("no picture")
    (folder / "set.zip").write_bytes(zip_of({"z.jpg": picture(6)}))
    (folder / "labels.csv").write_text("filename,shift\na.jpg,night\n")
    report = take_in(folder)
    assert (report.accepted, report.applied, report.refused) == (4, 1, 2)
    assert images()["line 3/a.jpg"].attributes == {"shift": "night"}
    # An archive's pictures cannot be read in their place.
    assert images()["line 3/set.zip/z.jpg"].origin is None
    with reading() as session:
        refused = [file.path for file in refused_files(session, viewer, report.batch.id or 0)]
        waiting = session.exec(select(SourceFile).where(SourceFile.waiting_batch_id > 0)).all()  # type: ignore[operator]
    assert refused == ["line 3/cut.jpg", "line 3/text.jpg"]
    assert waiting == []


def test_a_drive_that_is_gone_loses_nothing(viewer: Viewer, begin: Begin, folder: Path) -> None:
    batch = begin(folder)
    list_only(viewer, batch)
    away = folder.with_name("away")
    folder.rename(away)
    folder.mkdir()  # as a mount point without its drive
    job = run_jobs(batch)
    assert (job.state, job.error) == (JobState.FAILED, "sources.gone")
    assert report_of(viewer, batch).unread == 3
    folder.rmdir()
    away.rename(folder)
    run_jobs(batch)
    assert report_of(viewer, batch).accepted == 3


def test_one_file_gone_is_one_file_refused(viewer: Viewer, begin: Begin, folder: Path) -> None:
    batch = begin(folder)
    list_only(viewer, batch)
    (folder / "b.jpg").unlink()
    run_jobs(batch)
    report = report_of(viewer, batch)
    assert (report.accepted, report.refused) == (2, 1)
    assert set(images()) == {"line 3/a.jpg", "line 3/한글/c.jpg"}


def test_discarding_the_rest_takes_the_unread_rows(
    viewer: Viewer, begin: Begin, folder: Path
) -> None:
    from core.jobs import queue

    batch = begin(folder)
    list_only(viewer, batch)
    with reading() as session:
        job = session.exec(select(Job).where(Job.kind == "ingest")).one()
    queue.cancel(viewer, job.id)
    discard_rest(viewer, batch.id or 0)
    assert images() == {}
    with reading() as session:
        assert load_image_fails(session, viewer)
    assert len(list(folder.rglob("*.jpg"))) == 3


def load_image_fails(session: object, viewer: Viewer) -> bool:
    try:
        load_image(session, viewer, 1, binned=True)  # type: ignore[arg-type]
    except Exception:
        return True
    return False
