"""What is wrong in a file that came with the images costs that part of it, never the batch."""

import json
from typing import Any

import numpy as np
import pytest
from sqlmodel import select

from core.analysis.tables import Embedding
from core.annotations.tables import AnnotatedBox
from core.database import reading
from core.errors import UserError
from core.imports.given import Given
from core.imports.report import applied_files, left_out, summary
from core.ingest.batches import refused_files
from core.ingest.report import refused_csv
from core.media.tables import Image
from tests.core.ingest.conftest import picture

pytestmark = pytest.mark.usefixtures("no_registry")


def test_a_control_character_costs_one_cell(drop, viewer) -> None:
    rows = [{"name": f"{n}.jpg", "a": f"x{c}y", "b": n} for n, c in enumerate("-\x0b\x85\0-")]
    files: dict[str, Any] = {f"{n}.jpg": picture(n) for n in range(5)}
    batch, job = drop(files | {"m.json": json.dumps(rows).encode()})
    assert job.state == "done"
    with reading() as session:
        images = {image.name: image.attributes for image in session.exec(select(Image))}
        assert refused_files(session, viewer, batch.id) == []
        missed = left_out(session, viewer, batch.id)
    assert images == {
        "0.jpg": {"a": "x-y", "b": 0},
        **{f"{n}.jpg": {"b": n} for n in (1, 2, 3)},
        "4.jpg": {"a": "x-y", "b": 4},
    }
    assert [(each.name, each.place) for each in missed] == [
        (f"{n}.jpg", f"row {n + 2}") for n in (1, 2, 3)
    ]
    assert all("control characters" in each.reason for each in missed)


def test_a_refusal_with_half_a_character_can_be_downloaded(drop, viewer) -> None:
    batch, _ = drop({"1.jpg": picture(1), "x.json": json.dumps([{"\ud800": 1}]).encode()})
    with reading() as session:
        refused = refused_files(session, viewer, batch.id)
    assert [each.path for each in refused] == ["x.json"]
    assert "x.json" in refused_csv(refused).decode("utf-8-sig")


def test_too_many_boxes_of_a_yolo_file_gave_none(drop, viewer, monkeypatch) -> None:
    monkeypatch.setattr("core.imports.apply.MAX_BOXES", 2)
    line = b"0 0.5 0.5 0.2 0.2\n"
    files = {"1.jpg": picture(1), "1.txt": 3 * line, "2.jpg": picture(2), "2.txt": 2 * line}
    batch, _ = drop(files | {"classes.txt": b"dent"})
    with reading() as session:
        found = {each.path: each for each in applied_files(session, viewer, batch.id)}
        assert len(session.exec(select(AnnotatedBox)).all()) == 2
    assert {path: (each.given, each.left_out) for path, each in found.items()} == {
        "1.txt": ("", 1),
        "2.txt": ("2 boxes", 0),
        "classes.txt": ("", 0),
    }


def test_too_many_boxes_of_two_files_together_are_said_of_both(drop, viewer, monkeypatch) -> None:
    monkeypatch.setattr("core.imports.apply.MAX_BOXES", 3)
    line = b"0 0.5 0.5 0.2 0.2\n"
    files = {"images/1.jpg": picture(1), "images/1.txt": 2 * line, "labels/1.txt": 2 * line}
    batch, _ = drop(files | {"classes.txt": b"dent"})
    with reading() as session:
        assert session.exec(select(AnnotatedBox)).all() == []
        found = applied_files(session, viewer, batch.id)
        missed = left_out(session, viewer, batch.id)
    assert [each.given for each in found] == ["", "", ""]
    assert [(each.path, each.name) for each in missed] == [
        ("images/1.txt", "images/1.txt"),
        ("labels/1.txt", "labels/1.txt"),
    ]


def test_images_that_a_file_names_are_counted_once(drop, viewer) -> None:
    table = b"name,label,xmin,ymin,xmax,ymax\nx.jpg,c,1,2,3,4\nx.jpg,c,1,2,5,6\ny.jpg,c,1,2,3,4\n"
    batch, _ = drop({"1.jpg": picture(1), "b.csv": table})
    with reading() as session:
        told = summary(session, viewer, batch.id).no_match
    assert told is not None
    assert told.names == 2


def test_of_two_vectors_of_an_image_the_first_counts(drop, viewer) -> None:
    vectors = [[1.0, 2.0], [1.0, 2.0], [3.0, 4.0]]
    rows = [{"name": "1.jpg", "v": vector} for vector in vectors]
    batch, _ = drop({"1.jpg": picture(1), "net.json": json.dumps(rows).encode()})
    with reading() as session:
        [stored] = session.exec(select(Embedding).where(Embedding.model_key == "vectors:net"))
        assert np.frombuffer(stored.vector, "<f4").tolist() == [1, 2]
        missed = left_out(session, viewer, batch.id)
    assert [(each.place, each.reason) for each in missed] == [
        (
            "row 4",
            "This image has another feature vector already in this file, so this one was left out.",
        )
    ]


@pytest.mark.parametrize("error", [OverflowError("big"), UserError("curation.nothing_to_undo")])
def test_what_nobody_foresaw_refuses_the_file_and_ends_no_batch(
    drop, viewer, monkeypatch, error
) -> None:
    def fail(viewer: Any, project_id: int, name: str, matched: Any) -> Any:
        if matched:
            raise error
        return Given(), []

    monkeypatch.setattr("core.imports.run.apply", fail)
    files = {"1.jpg": picture(1), "m.csv": b"name,a\n1.jpg,2\n", "1.txt": b"0 0.5 0.5 0.2 0.2\n"}
    batch, job = drop(files | {"classes.txt": b"dent"})
    assert (job.state, batch.finished_at is not None) == ("done", True)
    with reading() as session:
        refused = refused_files(session, viewer, batch.id)
        assert [each.path for each in applied_files(session, viewer, batch.id)] == ["classes.txt"]
        assert [image.name for image in session.exec(select(Image))] == ["1.jpg"]
    assert {each.path for each in refused} == {"m.csv", "1.txt"}
    wanted = "OverflowError: big" if isinstance(error, OverflowError) else str(error)
    assert all(wanted in each.reason for each in refused)


HUGE = b'[{"name": "1.jpg", "n": 1' + 400 * b"0" + b"}]"
FRAME = b'<annotations><track><box frame="' + 5000 * b"1" + b'"/></track></annotations>'


@pytest.mark.parametrize(("name", "data"), [("m.json", HUGE), ("a.xml", FRAME)])
def test_numbers_without_end_end_no_batch(drop, name, data) -> None:
    batch, job = drop({"1.jpg": picture(1), name: data})
    assert (job.state, batch.finished_at is not None) == ("done", True)
