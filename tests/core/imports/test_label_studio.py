"""Label Studio's exports: JSON, JSON-MIN and CSV."""

import json
from typing import Any

import pytest

from core.imports.facts import Reading
from tests.core.imports.reading import read

SIZE = {"original_width": 200, "original_height": 100, "image_rotation": 0}


def result(kind: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, "from_name": "label", "to_name": "image", "value": value, **SIZE, **more}


def rectangle(label: str = "dent", rotation: float = 0) -> dict[str, Any]:
    value = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": rotation}
    return result("rectanglelabels", value | {"rectanglelabels": [label]})


def task(*annotations: Any, image: str = "/data/upload/3/0123abcd-1.jpg", **data: Any) -> Any:
    return {"id": 1, "data": {"image": image, **data}, "annotations": list(annotations)}


def answer(*results: Any, **more: Any) -> dict[str, Any]:
    return {"was_cancelled": False, "ground_truth": False, "result": list(results), **more}


def tasks(*each: Any) -> Reading:
    found = read("project-3-at-2026-01-05.json", json.dumps(each))
    assert found.kind == "label_studio"
    return found


def corners(reading: Reading, at: int = 0) -> list[tuple[Any, ...]]:
    boxes = reading.facts[at].boxes or ()
    return [(b.label, *(pytest.approx(n) for n in (b.x0, b.y0, b.x1, b.y1))) for b in boxes]


def test_percentages_of_the_pictures_size() -> None:
    found = tasks(task(answer(rectangle())))
    assert corners(found) == [("dent", 20, 20, 80, 60)]
    [box] = found.facts[0].boxes or ()
    assert (box.pixels, box.size) == (True, (200, 100))
    assert found.problems == []


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("/data/upload/3/0123abcd-%EA%B0%80.jpg", "data/upload/3/0123abcd-가.jpg"),
        ("/data/local-files/?d=line/2.jpg", "line/2.jpg"),
        ("s3://bucket/line/3.jpg", "line/3.jpg"),
        ("https://host.example/a/4.jpg?signature=x.y", "a/4.jpg"),
    ],
)
def test_names_out_of_addresses(image: str, name: str) -> None:
    [fact] = tasks(task(answer(), image=image)).facts
    assert fact.name.lstrip("/") == name


def test_the_field_with_the_picture_is_found_and_the_others_are_metadata() -> None:
    each = {
        "data": {"text": "Line 3. Dent?", "photo": "s3://b/1.png", "temp": 21},
        "annotations": [],
    }
    found = tasks(each)
    [fact] = found.facts
    assert (fact.name, fact.attributes) == ("1.png", {"text": "Line 3. Dent?", "temp": 21})
    assert [p.reason for p in found.problems] == ["imports.problem.not_annotated"]


def test_a_rectangle_and_its_label_may_be_two_results() -> None:
    geometry = {"x": 10, "y": 20, "width": 30, "height": 40}
    found = tasks(
        task(
            answer(
                result("rectangle", geometry, id="r1"),
                result("labels", geometry | {"labels": ["dent"]}, id="r1"),
                result("choices", geometry | {"choices": ["deep"]}, id="r1"),
            )
        )
    )
    assert corners(found) == [("dent", 20, 20, 80, 60)]
    assert found.facts[0].label is None  # a choice about a region is none about the image
    assert [p.params for p in found.problems] == [{"shape": "choices"}]


def test_turned_boxes_and_outlines_become_the_box_around_them() -> None:
    points = {"points": [[10, 10], [40, 20], [20, 50]], "polygonlabels": ["scratch"]}
    ellipse = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 30, "ellipselabels": ["hole"]}
    found = tasks(
        task(answer(rectangle(rotation=90), result("polygonlabels", points),
                    result("ellipselabels", ellipse)))
    )  # fmt: skip
    # Turned clockwise about its first corner, (20, 20): 60 x 40 pixels become 40 x 60.
    assert corners(found) == [
        ("dent", -20, 20, 20, 80),
        ("scratch", 20, 10, 80, 50),
        ("hole", 80, 20, 120, 80),
    ]
    assert [p.params["shape"] for p in found.problems] == ["rotated box", "polygon", "ellipse"]


def test_shapes_that_are_no_areas_are_no_sign_of_nothing() -> None:
    brush = result("brushlabels", {"format": "rle", "rle": [1], "brushlabels": ["dent"]})
    found = tasks(task(answer(brush)), task(answer()))
    assert [fact.boxes for fact in found.facts] == [None, ()]
    assert [p.params for p in found.problems] == [{"shape": "brushlabels"}]


def test_of_several_people_the_ground_truth_counts_else_the_last() -> None:
    found = tasks(
        task(answer(rectangle("a")), answer(rectangle("b"))),
        task(answer(rectangle("a"), ground_truth=True), answer(rectangle("b"))),
        task(answer(rectangle("a")), answer(was_cancelled=True)),
    )
    assert [corners(found, n)[0][0] for n in range(3)] == ["b", "a", "a"]
    assert [(p.place, p.params) for p in found.problems] == [("[0]", {"n": 2}), ("[1]", {"n": 2})]


def test_choices_are_the_images_class() -> None:
    found = tasks(task(answer(result("choices", {"choices": ["good", "new"]}))))
    assert [(f.label, f.boxes) for f in found.facts] == [("good", None)]
    assert [p.params for p in found.problems] == [{"kept": "good", "label": "new"}]


def test_a_turned_picture_is_left_out() -> None:
    turned = rectangle() | {"image_rotation": 90}
    sizeless = {k: v for k, v in rectangle(rotation=9).items() if not k.startswith("original")}
    found = tasks(task(answer(turned)), task(answer(sizeless)))
    assert [fact.boxes for fact in found.facts] == [None, None]
    assert [p.reason.rpartition(".")[2] for p in found.problems] == [
        "picture_turned",
        "turned_without_size",
    ]


REGION = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["dent"]}


def test_the_short_forms_are_no_tables_of_metadata() -> None:
    region = REGION | {"original_width": 200, "original_height": 100}
    record = {"image": "/data/upload/3/0123abcd-1.jpg", "id": 5, "label": [region], "annotator": 1}
    other = {"image": "/data/upload/3/0123abcd-2.jpg", "id": 6, "choice": "good", "line": "A"}
    as_json = read("min.json", json.dumps([record, other]))
    cell = json.dumps([region]).replace('"', '""')
    table = f'image,id,label,annotator\n/data/upload/3/0123abcd-1.jpg,5,"{cell}",1\n'
    as_csv = read("project.csv", table)
    for found in (as_json, as_csv):
        assert found.kind == "label_studio"
        assert corners(found) == [("dent", 20, 20, 80, 60)]
        assert (found.facts[0].label, found.facts[0].attributes) == (None, {})
    assert (as_json.facts[1].label, as_json.facts[1].attributes) == ("good", {"line": "A"})


@pytest.mark.parametrize(
    "document",
    [task(answer(rectangle())), {"id": 1, "task": task(), **answer(rectangle())}],
)
def test_one_task_a_file_as_in_a_bucket(document: Any) -> None:
    assert corners(read("17.json", json.dumps(document))) == [("dent", 20, 20, 80, 60)]


KEYPOINT = {"x": 1, "y": 2, "width": 0.5, "keypointlabels": ["c"]}
BRUSH = {"format": "rle", "rle": [1], "brushlabels": ["c"]}
BARE = {"x": 10, "y": 20, "width": 30, "height": 40, "original_width": 9, "original_height": 9}


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_shapes_of_the_short_form_that_are_no_areas_are_no_sign_of_nothing(ending: str) -> None:
    regions = {"a": [KEYPOINT], "b": [BRUSH], "c": [REGION, KEYPOINT], "d": [BARE], "e": []}
    records = [{"image": f"{name}.jpg", "kp": each} for name, each in regions.items()]
    text = json.dumps(records)
    if ending == "csv":
        cells = [json.dumps(each).replace('"', '""') for each in regions.values()]
        rows = [f'{name}.jpg,"{cell}"' for name, cell in zip(regions, cells, strict=True)]
        text = "\n".join(["image,kp", *rows])
    found = read(f"min.{ending}", text)
    assert found.kind == "label_studio"
    assert [None if f.boxes is None else len(f.boxes) for f in found.facts] == [
        None, None, 1, None, 0,
    ]  # fmt: skip
    assert [(p.name, p.reason.rpartition(".")[2], dict(p.params)) for p in found.problems] == [
        ("a.jpg", "other_shape", {"shape": "keypointlabels"}),
        ("b.jpg", "other_shape", {"shape": "brushlabels"}),
        ("c.jpg", "other_shape", {"shape": "keypointlabels"}),
        ("d.jpg", "no_label", {}),
    ]


@pytest.mark.parametrize("region", [KEYPOINT, BRUSH, BARE])
@pytest.mark.parametrize("ending", ["json", "csv"])
def test_a_short_form_of_such_shapes_alone_is_known_as_one(
    region: dict[str, Any], ending: str
) -> None:
    cell = json.dumps([region]).replace('"', '""')
    as_csv = f'image,label\n1.jpg,"{cell}"\n'
    found = read(
        f"m.{ending}",
        as_csv if ending == "csv" else json.dumps([{"image": "1.jpg", "label": [region]}]),
    )
    assert (found.kind, len(found.problems)) == ("label_studio", 1)
    assert [(fact.label, fact.boxes) for fact in found.facts] == [(None, None)]


def test_the_second_class_of_a_region_is_named() -> None:
    both = result("rectanglelabels", REGION | {"rectanglelabels": ["car", "damaged", "car"]})
    found = tasks(task(answer(both)))
    assert [box[0] for box in corners(found)] == ["car"]
    assert [(p.reason, p.params) for p in found.problems] == [
        ("imports.problem.several_classes", {"kept": "car", "label": "damaged"})
    ]


def test_numbers_without_end_in_a_tasks_data_are_none() -> None:
    [fact] = tasks(task(answer(), temp=10**400, line=3)).facts
    assert fact.attributes == {"line": 3}
