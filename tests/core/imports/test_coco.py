"""COCO files as the usual tools write them."""

import json
from typing import Any

import pytest

from core.imports.facts import BoxFact, Fact, Reading
from tests.core.imports.reading import read

DENT = {"id": 1, "name": "dent", "supercategory": ""}


def coco(images: list[Any], annotations: list[Any], categories: list[Any] | None = None) -> Reading:
    document = {"images": images, "annotations": annotations, "categories": categories or [DENT]}
    return read("instances_default.json", json.dumps(document))


def reasons(reading: Reading) -> list[tuple[str, str, str]]:
    return [(p.name, p.place, p.reason.removeprefix("imports.")) for p in reading.problems]


def test_boxes_in_pixels_of_the_size_that_the_file_gives() -> None:
    found = coco(
        [
            {"id": 7, "file_name": "a/1.jpg", "width": 640, "height": 480},
            {"id": 8, "file_name": "a/2.jpg"},
        ],
        [{"image_id": 7, "category_id": 1, "bbox": [10, 20, 30, 40], "segmentation": []}],
    )
    assert found.kind == "coco"
    dent = BoxFact("dent", 10, 20, 40, 60, pixels=True, size=(640, 480), place="annotations[0]")
    assert found.facts == [
        Fact("a/1.jpg", "images[0]", boxes=(dent,)),
        Fact("a/2.jpg", "images[1]", boxes=()),
    ]
    assert found.problems == []


def test_everything_that_is_not_taken_over_is_named() -> None:
    found = coco(
        [{"id": 1, "file_name": "1.jpg"}],
        [
            {"image_id": 1, "category_id": 9, "bbox": [0, 0, 5, 5]},
            {"image_id": 1, "category_id": 1, "bbox": "x"},
            {"image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5], "iscrowd": 1},
            {"image_id": 99, "category_id": 1, "bbox": [0, 0, 5, 5]},
            {"image_id": 1, "category_id": 1, "segmentation": {"counts": "x", "size": [9, 9]}},
            {"image_id": [1], "category_id": [1], "bbox": [0, 0, 5, 5]},
        ],
    )
    assert reasons(found) == [
        ("1.jpg", "annotations[0]", "problem.no_category"),
        ("1.jpg", "annotations[1]", "problem.corners"),
        ("1.jpg", "annotations[2]", "problem.crowd"),
        ("", "annotations[3]", "problem.no_image_number"),
        ("1.jpg", "annotations[4]", "problem.other_shape"),
        ("", "annotations[5]", "problem.no_image_number"),
    ]
    # An image with annotations that could not be read is not one without objects.
    assert [fact.boxes for fact in found.facts] == [None]


def test_outlines_without_a_box_become_the_box_around_them() -> None:
    found = coco(
        [{"id": "0001", "file_name": "1.jpg"}],
        [
            {"image_id": 1, "category_id": 1.0, "segmentation": [[10, 20, 50, 25, 30, 60]]},
            {"image_id": "1", "category_id": "1", "bbox": [], "segmentation": [[1, 2, 3, 4]]},
        ],
    )
    [fact] = found.facts
    assert fact.label is None
    assert [(b.x0, b.y0, b.x1, b.y1) for b in fact.boxes or ()] == [
        (10, 20, 50, 60),
        (1, 2, 3, 4),
    ]
    assert reasons(found) == [("", "", "note.around")]
    assert found.problems[0].params == {"n": 2, "shape": "segmentation"}


def test_classes_of_whole_images() -> None:
    found = coco(
        [{"id": 1, "file_name": "1.jpg"}, {"id": 2, "file_name": "2.jpg"}],
        [{"image_id": 1, "category_id": 1}, {"image_id": 1, "category_id": 2}],
        [DENT, {"id": 2, "name": "scratch"}],
    )
    assert [(f.label, f.boxes) for f in found.facts] == [("dent", None), (None, None)]
    assert [p.params for p in found.problems] == [{"kept": "dent", "label": "scratch"}]


@pytest.mark.parametrize("size", [{}, {"width": 0, "height": 0}, {"width": "x", "height": 1e400}])
def test_nonsense_for_a_size_is_none(size: dict[str, Any]) -> None:
    image = {"id": 1, "file_name": "1.jpg", **size}
    found = coco([image], [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2]}])
    assert [box.size for box in found.facts[0].boxes or ()] == [None]


def test_a_number_of_several_images_says_nothing_of_either() -> None:
    one = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5]}
    found = coco(
        [
            {"id": 1, "file_name": "1.jpg"},
            {"id": 2, "file_name": "2.jpg"},
            {"id": "1", "file_name": "3.jpg"},
        ],
        [one, one | {"image_id": 2}, one | {"iscrowd": 1}],
    )
    assert [(fact.name, len(fact.boxes or ())) for fact in found.facts] == [("2.jpg", 1)]
    assert reasons(found) == [
        ("1.jpg", "images[0]", "problem.number_twice"),
        ("3.jpg", "images[2]", "problem.number_twice"),
    ]


def test_an_image_that_is_listed_twice_has_its_boxes_once() -> None:
    image = {"id": 1, "file_name": "1.jpg"}
    found = coco([image, image], [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 5, 5]}])
    assert [(fact.name, len(fact.boxes or ())) for fact in found.facts] == [("1.jpg", 1)]
    assert found.problems == []
