"""Emptying the bin: what goes, what stays, what comes again."""

import hashlib
import threading

import numpy as np
import pytest
import sqlalchemy as sa
from sqlmodel import select

from core.bin import begin_emptying, delete_images, restore_images
from core.bin.emptying import run_emptying
from core.curation import add_tag, save_selection, selections
from core.database import reading, writing
from core.errors import UserError
from core.history import undo
from core.ingest.batches import batch_reports, still_binned
from core.ingest.tables import Batch, BatchFile
from core.jobs import queue, runner
from core.jobs.tables import Job, JobState
from core.maps.store import load_map
from core.maps.tables import Map, MapData
from core.media import store, thumbnails
from core.media.decoding import decode
from core.media.tables import Image
from core.media.turns import removing, taking_in
from tests.core.ingest.conftest import picture


def images() -> list[Image]:
    with reading() as session:
        return list(session.exec(select(Image).order_by(Image.id)))


def files(content_hash: str) -> list[bool]:
    path = store.local_path(content_hash)
    return [path.exists(), thumbnails.find(content_hash) is not None]


def empty(viewer, project_id: int, image_ids=None) -> Job:
    job = begin_emptying(viewer, project_id, image_ids)
    runner.run(job.id, {"bin": run_emptying})
    with reading() as session:
        return session.get_one(Job, job.id)


@pytest.fixture
def three(viewer, project) -> list[Image]:
    """Three images with their files and their batch, without the time that an analysis takes."""
    with writing() as session:
        batch = Batch(project_id=project.id, name="b", created_by=viewer.user_id)
        session.add(batch)
        session.flush()
        for number in range(3):
            data = picture(number)
            content_hash = hashlib.sha256(data).hexdigest()
            store.put(content_hash, data)
            thumbnails.keep({content_hash: thumbnails.make(decode(data, 64).pixels).jpeg})
            known = {"project_id": project.id, "batch_id": batch.id, "format": "JPEG"}
            size = {"width": 48, "height": 32, "byte_size": len(data)}
            image = Image(name=f"{number}.jpg", content_hash=content_hash, **known, **size)
            session.add(image)
            session.flush()
            brought = {"path": image.name, "outcome": "accepted", "image_id": image.id}
            session.add(BatchFile(batch_id=batch.id, **brought))
    return images()


def test_rows_originals_and_thumbnails_go_for_good(viewer, project, three):
    one, two, three_ = (image.id for image in three)
    add_tag(viewer, project.id, "a", [one, two, three_])
    save_selection(viewer, project.id, "kept", [one, two], {})
    event = delete_images(viewer, project.id, [one, two])
    job = empty(viewer, project.id)
    assert (job.state, job.done, job.total) == (JobState.DONE, 2, 2)
    assert [image.id for image in images()] == [three_]
    assert [files(image.content_hash) for image in three] == [[False] * 2, [False] * 2, [True] * 2]
    with reading() as session:
        assert [n for _, n in selections(session, viewer, project)] == [0]
        brought = session.exec(select(BatchFile.image_id).order_by(BatchFile.path)).all()
    assert brought == [None, None, three_]
    with pytest.raises(UserError, match="Nothing is left"):
        undo(viewer, event.id)


def test_only_the_chosen_ones_go_and_what_was_restored_stays(viewer, project, three):
    one, two, three_ = (image.id for image in three)
    delete_images(viewer, project.id, [one, two, three_])
    job = begin_emptying(viewer, project.id, [one, two])
    restore_images(viewer, project.id, [two])
    runner.run(job.id, {"bin": run_emptying})
    assert [image.id for image in images()] == [two, three_]
    with pytest.raises(UserError, match="None of these"):
        begin_emptying(viewer, project.id, [two])


def test_an_original_that_another_project_needs_stays(viewer, project, three):
    first = three[0]
    with writing() as session:
        other = session.merge(project).__class__(
            name="other", model_key="m", created_by=viewer.user_id
        )
        session.add(other)
        session.flush()
        values = {**first.model_dump(exclude={"id"}), "project_id": other.id}
        session.add(Image(**values))
    delete_images(viewer, project.id, [first.id])
    empty(viewer, project.id)
    assert files(first.content_hash) == [True, True]
    delete_images(viewer, other.id, [images()[-1].id])
    empty(viewer, other.id)
    assert files(first.content_hash) == [False, False]


def test_a_content_in_the_bin_is_told_and_restored(viewer, project, drop, three):
    delete_images(viewer, project.id, [three[0].id])
    batch, _ = drop({"again.jpg": picture(0), "there.jpg": picture(1), "new.jpg": picture(7)})
    with reading() as session:
        report = batch_reports(session, viewer, project.id)[0]
        assert (report.accepted, report.duplicates, report.binned) == (1, 1, 1)
        assert still_binned(session, viewer, batch.id) == [three[0].id]
    restore_images(viewer, project.id, [three[0].id])
    with reading() as session:
        assert still_binned(session, viewer, batch.id) == []


def test_what_was_removed_may_come_again_under_an_id_of_its_own(viewer, project, drop, three):
    last = three[-1].id
    delete_images(viewer, project.id, [last])
    empty(viewer, project.id)
    drop({"again.jpg": picture(2), "next.jpg": picture(9)})
    assert [image.id for image in images()[-2:]] == [last + 1, last + 2]
    drop({"more.jpg": picture(10)})
    assert images()[-1].id == last + 3
    assert files(three[-1].content_hash) == [True, True]


def test_a_map_shows_no_image_that_is_in_the_bin_or_gone(viewer, project, three):
    queue.prepare()
    ids = [image.id for image in three]
    with writing() as session:
        known = {"method": "pca", "dimensions": 2, "seed": 0, "model_key": "m", "job_id": "x"}
        found = Map(
            project_id=project.id, name="m", image_count=3, created_by=viewer.user_id, **known
        )
        session.add(found)
        session.flush()
        session.add(
            MapData(
                map_id=found.id,
                image_ids=np.array(ids, dtype="<i8").tobytes(),
                coordinates=np.arange(6, dtype="<f4").tobytes(),
                outlier_scores=np.array([0.1, 0.2, 0.3], dtype="<f4").tobytes(),
                clusters=np.array([0, 1, 2], dtype="<i4").tobytes(),
            )
        )
    delete_images(viewer, project.id, ids[:1])
    with reading() as session:
        loaded = load_map(session, viewer, found.id)
        assert loaded.image_ids.tolist() == ids[1:]
        assert loaded.coordinates.tolist() == [[2, 3], [4, 5]]
        assert loaded.clusters.tolist() == [1, 2]
        assert load_map(session, viewer, found.id, whole=True).image_ids.tolist() == ids
    empty(viewer, project.id)
    with reading() as session:
        assert load_map(session, viewer, found.id).image_ids.tolist() == ids[1:]


def test_nothing_is_removed_while_a_batch_is_taken_in():
    order: list[str] = []
    waited = threading.Event()

    def remove() -> None:
        with removing(waited.set):
            order.append("removed")

    with taking_in():
        thread = threading.Thread(target=remove)
        thread.start()
        assert waited.wait(120)
        with taking_in():
            order.append("taken in")
    thread.join(120)
    assert order == ["taken in", "removed"]


def test_no_reference_to_an_image_is_looked_for_in_a_whole_table(database):
    """Else emptying a large bin reads each such table once an image."""
    with reading() as session:
        inspector = sa.inspect(session.connection())
        for table in inspector.get_table_names():
            for key in inspector.get_foreign_keys(table):
                if key["referred_table"] != "image":
                    continue
                column = key["constrained_columns"][0]
                first = [each["column_names"][0] for each in inspector.get_indexes(table)]
                primary = inspector.get_pk_constraint(table)["constrained_columns"][:1]
                assert column in [*first, *primary], f"{table}.{column}"
