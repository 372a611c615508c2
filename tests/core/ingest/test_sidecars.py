"""Files that come with the images: matched by name, applied once, reported."""

import io
import json

import numpy as np
import pytest
from sqlmodel import Session, select

from core.analysis.tables import Embedding
from core.annotations.tables import AnnotatedBox, Annotation
from core.curation.field_types import FieldType
from core.curation.fields import declare_field
from core.curation.tags import image_tags
from core.database import reading
from core.errors import NotFound
from core.formats.table import image_table, write_csv, write_parquet
from core.history import events, undo
from core.imports.folders import folder_classes, has_class_folders, label_by_folder
from core.imports.report import (
    NoMatch,
    Summary,
    applied_files,
    imported_vectors,
    left_out,
    left_out_csv,
    summary,
)
from core.ingest.batches import batch_reports, refused_files
from core.media.tables import Image
from tests.core.ingest.conftest import picture, zip_of

pytestmark = pytest.mark.usefixtures("no_registry")


def by_name(session: Session) -> dict[str, Image]:
    return {image.name: image for image in session.exec(select(Image))}


def test_a_data_set_in_one_zip_with_everything_beside_it(drop, viewer, project) -> None:
    vectors = io.BytesIO()
    np.save(vectors, np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32))
    coco = {
        "images": [{"id": 1, "file_name": "가.jpg"}, {"id": 2, "file_name": "gone.jpg"}],
        "categories": [{"id": 1, "name": "dent"}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": [12, 8, 24, 16]},
            {"image_id": 1, "category_id": 1, "bbox": [500, 500, 2, 2]},
        ],
    }
    archive = zip_of(
        {
            "d/images/1.jpg": picture(1),
            "d/images/가.jpg": picture(2),
            "d/labels/1.txt": b"0 0.5 0.5 0.5 0.25\n",
            "d/labels/nothing.txt": b"",
            "d/data.yaml": b"names: [scratch]",
            "d/meta.csv": "name;line;tags\n1.jpg;A-3;bad\n가.jpg;B;\nmissing.jpg;C;\n".encode(),
            "d/coco.json": json.dumps(coco).encode(),
            "d/net.npy": vectors.getvalue(),
            "d/net.txt": "1.jpg\n가.jpg\n".encode(),
            "d/README.txt": b"Read me.",
        }
    )
    batch, job = drop({"set.zip": archive})
    assert (job.state, batch.finished_at is not None) == ("done", True)
    with reading() as session:
        [report] = batch_reports(session, viewer, project.id)
        assert (report.accepted, report.refused, report.applied) == (2, 1, 7)
        images = by_name(session)
        first, second = images["set.zip/d/images/1.jpg"], images["set.zip/d/images/가.jpg"]
        assert first.attributes == {"line": "A-3"}
        assert second.attributes == {"line": "B"}
        tags = image_tags(session, [first.id, second.id])
        assert {i: [tag.name for tag in each] for i, each in tags.items()} == {first.id: ["bad"]}
        boxes = {b.image_id: b for b in session.exec(select(AnnotatedBox))}
        assert len(boxes) == 2
        scratch, dent = boxes[first.id], boxes[second.id]
        assert (scratch.label, scratch.x0, scratch.y0, scratch.x1, scratch.y1) == (
            "scratch", 0.25, 0.375, 0.75, 0.625,
        )  # fmt: skip
        # The picture has 48 x 32 pixels.
        assert (dent.label, dent.x0, dent.y0, dent.x1, dent.y1) == ("dent", 0.25, 0.25, 0.75, 0.75)
        stored = session.exec(select(Embedding).where(Embedding.model_key == "vectors:net"))
        assert {e.image_id: np.frombuffer(e.vector, "<f4").tolist() for e in stored} == {
            first.id: [1, 2, 3],
            second.id: [4, 5, 6],
        }
        assert imported_vectors(session, viewer, project) == {"vectors:net": "net"}
        files = {
            f.path.removeprefix("set.zip/d/"): f for f in applied_files(session, viewer, batch.id)
        }
        assert {p: (f.kind, f.images, f.left_out) for p, f in files.items()} == {
            "coco.json": ("COCO", 1, 2),
            "data.yaml": ("list of classes", None, 0),
            "labels/1.txt": ("YOLO", 1, 0),
            "labels/nothing.txt": ("YOLO", 0, 1),
            "meta.csv": ("table", 2, 1),
            "net.npy": ("feature vectors", 2, 0),
            "net.txt": ("list of names", None, 0),
        }
        missed = {(m.name, m.reason) for m in left_out(session, viewer, batch.id)}
        assert {name for name, _ in missed} == {
            "gone.jpg", "가.jpg", "missing.jpg", "set.zip/d/labels/nothing.txt",
        }  # fmt: skip
        [refused] = refused_files(session, viewer, batch.id)
        assert (refused.path, refused.reason) == (
            "set.zip/d/README.txt",
            "Neither a picture nor labels: text that is no YOLO file.",
        )
        table = left_out_csv(left_out(session, viewer, batch.id)).decode("utf-8-sig").splitlines()
        assert table[0] == "File,Image,Where,Why"
        assert len(table) == 1 + len(missed)


def test_a_table_alone_speaks_of_images_that_are_there_and_can_be_undone(
    drop, viewer, project
) -> None:
    drop({"a/1.jpg": picture(1), "b/1.jpg": picture(2)})
    batch, job = drop(
        {"more.csv": b"path,line,class\na/1.jpg,1,good\n1.jpg,2,bad\nc/1.jpg,3,bad\n"}
    )
    assert job.state == "done"
    with reading() as session:
        images = by_name(session)
        assert images["a/1.jpg"].attributes == {"line": 1}
        assert images["b/1.jpg"].attributes == {}
        [said] = session.exec(select(Annotation)).all()
        assert (said.image_id, said.label, said.source) == (images["a/1.jpg"].id, "good", "import")
        reasons = [each.reason for each in left_out(session, viewer, batch.id)]
        assert reasons == [
            "2 images have this name. Name their folders as well.",
            "No image has this name in this folder; there is a/1.jpg.",
        ]
        done = [e for e in events(session, viewer, project) if e.undoable][:2]
    for event in done:
        undo(viewer, event.id)
    with reading() as session:
        assert by_name(session)["a/1.jpg"].attributes == {}
        assert session.exec(select(Annotation)).all() == []


def test_what_a_file_says_twice_counts_once_and_is_reported(drop, viewer, project) -> None:
    table = b"name,line,label\n1.jpg,A,good\n1.jpg,B,bad\n1.jpg,A,good\n"
    batch, _ = drop({"1.jpg": picture(1), "m.csv": table})
    with reading() as session:
        image = by_name(session)["1.jpg"]
        assert image.attributes == {"line": "A"}
        assert session.get_one(Annotation, image.id).label == "good"
        assert [(each.place, each.reason) for each in left_out(session, viewer, batch.id)] == [
            ("row 3", "“line” is A already in this file, so B was left out."),
            ("row 3", "The class here is “good” already, so “bad” was left out."),
        ]


def boxes_of(session: Session) -> dict[str, list[tuple[float, ...]]]:
    names = {image.id: image.name for image in session.exec(select(Image))}
    found: dict[str, list[tuple[float, ...]]] = {}
    for box in session.exec(select(AnnotatedBox)):
        found.setdefault(names[box.image_id], []).append((box.x0, box.y0, box.x1, box.y1))
    return found


def coco_of(width: int, height: int, *bboxes: list[float]) -> bytes:
    return json.dumps(
        {
            "images": [{"id": 1, "file_name": "1.jpg", "width": width, "height": height}],
            "categories": [{"id": 1, "name": "dent"}],
            "annotations": [{"image_id": 1, "category_id": 1, "bbox": each} for each in bboxes],
        }
    ).encode()


def test_boxes_of_a_larger_copy_are_scaled_and_of_another_shape_left_out(drop, viewer) -> None:
    # The picture has 48 x 32 pixels.
    drop({"1.jpg": picture(1), "larger.json": coco_of(480, 321, [120, 80, 240, 160])})
    with reading() as session:
        [[(x0, y0, x1, y1)]] = boxes_of(session).values()
    assert (x0, x1) == (0.25, 0.75)
    assert (y0, y1) == (80 / 321, 240 / 321)
    batch, _ = drop({"turned.json": coco_of(320, 480, [1, 2, 30, 40])})
    with reading() as session:
        assert len(boxes_of(session)) == 1  # as they were
        [each] = left_out(session, viewer, batch.id)
    assert each.reason == (
        "The file speaks of a picture of 320 × 480 pixels, this one has 48 × 32. "
        "The box would be in the wrong place."
    )


def test_boxes_without_area_or_outside_are_named_with_their_place(drop, viewer) -> None:
    bboxes: list[list[float]] = [[10, 10, -5, 5], [100, 100, 5, 5]]
    batch, _ = drop({"1.jpg": picture(1), "c.json": coco_of(48, 32, *bboxes)})
    with reading() as session:
        # Boxes that cannot be are no proof that the image holds nothing.
        assert session.exec(select(Annotation)).all() == []
        assert [(each.place, each.reason) for each in left_out(session, viewer, batch.id)] == [
            (
                "annotations[0]",
                "The box has no area: its right or lower edge is not beyond the other.",
            ),
            ("annotations[1]", "The box lies outside the picture: 100, 100, 105, 105."),
        ]


def test_too_many_boxes_of_one_image_leave_the_others_alone(drop, viewer, monkeypatch) -> None:
    monkeypatch.setattr("core.imports.apply.MAX_BOXES", 2)
    box = "dent,1,1,5,5\n"
    table = "name,label,xmin,ymin,xmax,ymax\n" + f"1.jpg,{box}" * 3 + f"2.jpg,{box}"
    batch, _ = drop({"1.jpg": picture(1), "2.jpg": picture(2), "b.csv": table.encode()})
    with reading() as session:
        assert list(boxes_of(session)) == ["2.jpg"]
        [each] = left_out(session, viewer, batch.id)
    assert each.name == "1.jpg"
    assert each.reason.startswith("The image would have 3 boxes; 2 are allowed.")


def voc_of(name: str, label: str) -> bytes:
    box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>24</xmax><ymax>16</ymax></bndbox>"
    given = f"<filename>{name}</filename><object><name>{label}</name>{box}</object>"
    return f"<annotation>{given}</annotation>".encode()


def test_labels_that_lie_beside_their_image_mean_that_one(drop) -> None:
    drop(
        {
            "set.zip": zip_of(
                {
                    "a/JPEGImages/1.jpg": picture(1),
                    "b/JPEGImages/1.jpg": picture(2),
                    "a/Annotations/1.xml": voc_of("1.jpg", "dent"),
                    "b/Annotations/1.xml": voc_of("1.jpg", "scratch"),
                    "c/2.jpg": picture(3),
                    "c/2.xml": voc_of("renamed.jpg", "hole"),
                    "d/5.jpg": picture(4),
                    "e/5.jpg": picture(5),
                    "e/m.csv": b"name,line\n5.jpg,E\n",
                }
            )
        }
    )
    with reading() as session:
        images = by_name(session)
        names = {image.id: image.name for image in images.values()}
        labels = {names[b.image_id]: b.label for b in session.exec(select(AnnotatedBox))}
    assert labels == {
        "set.zip/a/JPEGImages/1.jpg": "dent",
        "set.zip/b/JPEGImages/1.jpg": "scratch",
        "set.zip/c/2.jpg": "hole",
    }
    assert images["set.zip/e/5.jpg"].attributes == {"line": "E"}
    assert images["set.zip/d/5.jpg"].attributes == {}


def test_the_report_says_what_each_file_gave(drop, viewer) -> None:
    files = {f"{n}.jpg": picture(n) for n in range(12)}
    files |= {f"{n}.txt": b"0 0.5 0.5 0.2 0.2\n" for n in range(11)}
    files |= {"11.txt": b"", "classes.txt": b"dent\n", "3.txt": b"0 5 5 0.1 0.1\n"}
    files["m.csv"] = b"name,line,label,tags\n1.jpg,A,good,x;y\n2.jpg,B,,\n"
    batch, _ = drop(files)
    with reading() as session:
        found = applied_files(session, viewer, batch.id)
        whole = summary(session, viewer, batch.id)
    assert [(e.path, e.kind, e.images, e.given, e.left_out) for e in found] == [
        ("12 files", "YOLO", 12, "10 boxes, 1 image without objects", 1),
        ("classes.txt", "list of classes", None, "", 0),
        ("m.csv", "table", 2, "1 field, 2 tags, a class for 1 image", 0),
    ]
    assert whole == Summary(1, None)


def test_files_that_found_none_of_their_images_are_told_at_once(drop, viewer) -> None:
    early, _ = drop({"m.csv": b"name,line\nIMG_1.jpg,A\nIMG_2.jpg,B\n"})
    with reading() as session:
        found = summary(session, viewer, early.id)
    assert found == Summary(2, NoMatch(1, "m.csv", 2, "IMG_1.jpg", None))
    late, _ = drop(
        {"1.jpg": picture(1), "b.csv": b"name,line\n1.jpg,A\nx.jpg,B\n", "7.txt": b"", "8.txt": b""}
    )
    with reading() as session:
        found = summary(session, viewer, late.id)
        with pytest.raises(NotFound):
            summary(session, viewer, 99)
    assert found == Summary(3, NoMatch(2, "7.txt", 1, "7.txt", "1.jpg"))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_ground_truth_taken_out_comes_back_as_it_was(
    drop, viewer, project, tmp_path, ending
) -> None:
    boxes = b"name,label,xmin,ymin,xmax,ymax\n1.jpg,dent,12,8,36,24\n2.jpg,,,,,\n"
    truth = b"name,label\n1.jpg,=bad\n"
    drop({"1.jpg": picture(1), "2.jpg": picture(2), "b.csv": boxes, "t.csv": truth})
    with reading() as session:
        images = by_name(session)
        ids = [images[name].id for name in ("1.jpg", "2.jpg")]
        frame = image_table(session, viewer, project, ids)
        done = [e for e in events(session, viewer, project) if e.undoable]
    path = tmp_path / f"images.{ending}"
    (write_csv if ending == "csv" else write_parquet)(frame, path)
    for event in done:
        undo(viewer, event.id)
    with reading() as session:
        assert session.exec(select(Annotation)).all() == []
    batch, _ = drop({path.name: path.read_bytes()})
    with reading() as session:
        said = {a.image_id: (a.label, a.has_boxes) for a in session.exec(select(Annotation))}
        assert said == {ids[0]: ("=bad", True), ids[1]: (None, True)}
        assert boxes_of(session) == {"1.jpg": [(0.25, 0.25, 0.75, 0.75)]}
        assert left_out(session, viewer, batch.id) == []


def test_names_that_no_database_takes_are_reported_all_the_same(drop, viewer, project) -> None:
    rows = [{"name": name, "line": "A"} for name in ("\ud800.jpg", "\0.jpg", "x" * 1000 + ".jpg")]
    batch, job = drop({"1.jpg": picture(1), "m.json": json.dumps(rows).encode()})
    assert job.state == "done"
    with reading() as session:
        assert [each.name for each in left_out(session, viewer, batch.id)] == [
            "?.jpg", "�.jpg", "x" * 300 + "…",
        ]  # fmt: skip


def test_the_same_table_again_changes_nothing(drop, viewer, project) -> None:
    drop({"1.jpg": picture(1), "m.csv": b"name,line,label\n1.jpg,A,good\n"})
    with reading() as session:
        before = [event.id for event in events(session, viewer, project)]
    drop({"m.csv": b"name,line,label\n1.jpg,A,good\n"})
    with reading() as session:
        after = [event.kind for event in events(session, viewer, project) if event.id not in before]
    assert after == ["batch.ingested"]


def test_names_of_files_that_were_there_already_count(drop, viewer, project) -> None:
    drop({"old.jpg": picture(1)})
    drop({"new.jpg": picture(1), "m.csv": b"name,line\nnew.jpg,A\n"})
    with reading() as session:
        assert by_name(session)["old.jpg"].attributes == {"line": "A"}


def test_values_that_do_not_fit_their_field_are_reported_row_by_row(drop, viewer, project) -> None:
    drop({"1.jpg": picture(1), "2.jpg": picture(2)})
    declare_field(viewer, project.id, "thick", FieldType("number", "mm"))
    batch, job = drop({"m.csv": b"name,thick,line\n1.jpg,2.5 mm,A\n2.jpg,wide,B\n"})
    assert job.state == "done"
    with reading() as session:
        images = by_name(session)
        assert images["1.jpg"].attributes == {"thick": 2.5, "line": "A"}
        assert images["2.jpg"].attributes == {"line": "B"}
        [missed] = left_out(session, viewer, batch.id)
    assert missed.name == "2.jpg"
    assert missed.reason == "thick: “wide” is not a number in mm. Write it like 12.5."


def test_an_archive_alone_is_no_folder(drop, viewer) -> None:
    batch, _ = drop({"set.zip": zip_of({"1.jpg": picture(1)}), "2.jpg": picture(2)})
    with reading() as session:
        assert not has_class_folders(session, viewer, batch.id)


def test_one_folder_around_all_images_names_no_classes(drop, viewer) -> None:
    batch, _ = drop({"set.zip": zip_of({"day/1.jpg": picture(1), "day/2.jpg": picture(2)})})
    with reading() as session:
        assert not has_class_folders(session, viewer, batch.id)


def test_folders_as_classes(drop, viewer, project) -> None:
    archive = zip_of({"good/1.jpg": picture(1), "bad/2.jpg": picture(2), "3.jpg": picture(3)})
    batch, _ = drop({"set.zip": archive})
    with reading() as session:
        assert folder_classes(session, viewer, batch.id) == {"good": 1, "bad": 1}
        assert has_class_folders(session, viewer, batch.id)
    event = label_by_folder(viewer, batch.id)
    assert event is not None
    assert label_by_folder(viewer, batch.id) is None
    with reading() as session:
        images = by_name(session)
        labels = {a.image_id: a.label for a in session.exec(select(Annotation))}
        assert labels == {
            images["set.zip/good/1.jpg"].id: "good",
            images["set.zip/bad/2.jpg"].id: "bad",
        }
    undo(viewer, event.id)
    with reading() as session:
        assert session.exec(select(Annotation)).all() == []
