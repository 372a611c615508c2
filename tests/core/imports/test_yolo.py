"""Text files for YOLO with their lists of classes."""

import pytest

from tests.core.imports.reading import read

CLASSES = "dent\r\nscratch\r\n"


@pytest.mark.parametrize(
    "others",
    [
        {"data_yaml": "nc: 2\nnames: [dent, scratch]"},
        {"data_yaml": "names:\n  0: dent\n  1: scratch\n"},
        {"classes_txt": CLASSES},
        {"classes_txt": "\ufeff" + CLASSES},
    ],
)
def test_boxes_and_outlines_with_their_classes(others: dict[str, str]) -> None:
    text = "0 0.5 0.5 0.2 0.4\r\n1 0.1 0.1 0.3 0.1 0.3 0.3\r\n7 0.5 0.5 0.1 0.1\r\n"
    found = read("labels/1.txt", text, **others)
    [fact] = found.facts
    assert (fact.name, fact.beside) == ("labels/1.txt", "labels/1.txt")
    corners = [(b.label, b.x0, b.y0, b.x1, b.y1, b.place) for b in fact.boxes or ()]
    centred = (pytest.approx(n) for n in (0.4, 0.3, 0.6, 0.7))
    assert corners == [
        ("dent", *centred, "line 1"),
        ("scratch", 0.1, 0.1, 0.3, 0.3, "line 2"),
    ]
    assert [(p.reason, p.place, p.params) for p in found.problems] == [
        ("imports.problem.no_category", "line 3", {"category": "7"}),
        ("imports.note.around", "", {"n": 1, "shape": "polygon"}),
    ]


def test_key_points_are_no_outline() -> None:
    line = "0 0.5 0.5 0.2 0.4 0.45 0.35 2 0.55 0.9 2\n"
    found = read("1.txt", line, data_yaml="names: [person]\nkpt_shape: [2, 3]\n")
    [box] = found.facts[0].boxes or ()
    assert (box.x0, box.y0, box.x1, box.y1) == tuple(map(pytest.approx, (0.4, 0.3, 0.6, 0.7)))
    assert found.problems == []


def test_a_confidence_behind_a_box_is_passed_over() -> None:
    [box] = read("1.txt", "0 0.5 0.5 0.2 0.4 0.97\n", classes_txt="dent").facts[0].boxes or ()
    assert box.y1 == pytest.approx(0.7)


def test_an_empty_file_says_that_there_is_nothing() -> None:
    assert read("labels/2.txt", "").facts[0].boxes == ()
    assert read("labels/2.txt", "\r\n").facts[0].boxes == ()


def test_without_a_list_nothing_is_said_and_the_reason_asks_for_one() -> None:
    found = read("labels/1.txt", "0 0.5 0.5 0.2 0.4\n")
    assert [fact.boxes for fact in found.facts] == [None]
    assert [p.reason for p in found.problems] == ["imports.problem.no_class_list"]


def test_one_wrong_line_does_not_refuse_the_others() -> None:
    found = read("1.txt", "0 0.5 0.5 0.2 0.4\n0 0.5 0,5 0.2 0.4\n", classes_txt="dent")
    assert len(found.facts[0].boxes or ()) == 1
    assert [(p.reason, p.place) for p in found.problems] == [("imports.problem.corners", "line 2")]


def test_a_list_of_pictures_is_no_refused_file() -> None:
    found = read("train.txt", "data/obj_train_data/1.jpg\ndata/obj_train_data/가.png\n")
    assert (found.kind, found.facts) == ("names", [])
