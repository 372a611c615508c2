"""What another project's analysis spares: the same model never sees a content twice."""

from pathlib import Path

import numpy as np
import pytest
from sqlmodel import select

from core.accounts.access import Viewer
from core.analysis.results import analysed_hashes, stored_by_hash
from core.analysis.tables import Box, Embedding, Prediction, Quality
from core.database import reading, writing
from core.ingest import run
from core.ingest.batches import begin_batch
from core.ingest.chunks import analyse
from core.ingest.entries import Entry
from core.ingest.take_in import Seen, TakenIn, take_in
from core.ingest.uploads import begin_upload
from core.jobs import queue, runner
from core.jobs.tables import Job, JobState
from core.media.tables import Image
from core.projects.store import create_project
from models.adapter import Detection, Output, Picture, Prepared
from models.catalogue import card
from models.geometry import stretch
from tests.core.ingest.conftest import picture


class Counting:
    """A model that finds one box in every image, and counts the images."""

    def __init__(self) -> None:
        self.card, self.device, self.images = card("mobilenet_v2"), "test", 0

    def prepare(self, image: Picture) -> Prepared:
        return stretch(image, self.card.input_size)

    def infer(self, batch: list[Prepared]) -> list[Output]:
        self.images += len(batch)
        box = Detection("cat", 0.75, (0.0, 0.25, 0.5, 1.0))
        return [
            Output("cat", 0.75, item.pixels[0, :5, 0].astype(np.float32), (box,), 0.5, 0.25)
            for item in batch
        ]


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Counting:
    made = Counting()
    monkeypatch.setattr(run, "vision_model_if_available", lambda *_: made)
    return made


def take(viewer: Viewer, name: str, files: dict[str, bytes]) -> int:
    queue.prepare()
    project = create_project(viewer, name, "mobilenet_v2")
    upload = begin_upload(project.id or 0, viewer.user_id, 0)
    for index, (path, data) in enumerate(files.items()):
        upload.file_path(index).write_bytes(data)
        upload.add(index, path, len(data))
    _batch, job = begin_batch(viewer, upload)
    runner.run(job.id, {"ingest": run.run_ingest})
    with reading() as session:
        assert session.get_one(Job, job.id).state == JobState.DONE
    return project.id or 0


def everything_found(project_id: int) -> list[tuple[object, ...]]:
    """All that is stored on a project's images but their ids and names, by content."""
    with reading() as session:
        query = (
            select(Image, Prediction, Embedding, Quality, Box)
            .join(Prediction)
            .join(Embedding, Embedding.image_id == Image.id)
            .join(Quality, Quality.image_id == Image.id)
            .join(Box, Box.image_id == Image.id)
            .where(Image.project_id == project_id)
            .order_by(Image.content_hash)
        )
        return [
            (i.content_hash, i.format, i.width, i.height, i.byte_size, i.exif, p.label,
             p.confidence, p.box_count, p.entropy, p.margin, e.vector, q.phash, q.blurry, q.dark,
             q.light, q.low_contrast, b.label, b.confidence, b.x0, b.y0, b.x1, b.y1)
            for i, p, e, q, b in session.exec(query)
        ]  # fmt: skip


def test_another_project_gets_the_same_without_the_model(viewer: Viewer, model: Counting) -> None:
    first = take(viewer, "One", {f"{n}.jpg": picture(n) for n in range(5)})
    assert model.images == 5
    again = {f"again/{n}.jpg": picture(n) for n in range(5)}
    second = take(viewer, "Two", {**again, "new.jpg": picture(9)})
    assert model.images == 6
    found = everything_found(first)
    assert len(found) == 5
    assert [row for row in everything_found(second) if row[0] in {r[0] for r in found}] == found


def test_a_content_whose_project_is_gone_is_analysed(
    viewer: Viewer, model: Counting, database: Path
) -> None:
    take(viewer, "One", {"a.jpg": picture(1)})
    with reading() as session:
        hashes = analysed_hashes(session, "mobilenet_v2", 0)
    seen = take_in(Entry("b.jpg", lambda: picture(1)), model, set(), hashes)
    assert isinstance(seen, Seen)
    with reading() as session:
        assert set(stored_by_hash(session, "mobilenet_v2", hashes)) == hashes
    with writing() as session:
        for row in (*session.exec(select(Prediction)), *session.exec(select(Embedding))):
            session.delete(row)
    chunk = analyse([seen], model, set())
    assert isinstance(chunk.results[0], TakenIn)
    assert list(chunk.outputs) == list(hashes)
    assert model.images == 2
