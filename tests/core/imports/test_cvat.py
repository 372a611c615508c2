"""CVAT's XML for images and for video."""

import math

import pytest

from core.imports.facts import BoxFact, Fact
from tests.core.imports.reading import read


def cvat(inner: str) -> str:
    head = '<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version><meta/>'
    return f"{head}{inner}</annotations>"


def test_boxes_with_folders_and_the_pictures_size() -> None:
    found = read(
        "annotations.xml",
        cvat(
            '<image id="0" name="line3/가.jpg" width="90" height="80">'
            '<box label="dent" source="manual" occluded="0" xtl="1.00" ytl="2.00" xbr="3.00"'
            ' ybr="4.00" z_order="0"><attribute name="deep">false</attribute></box></image>'
            '<image id="1" name="line3/2.jpg" width="90" height="80"></image>'
        ),
    )
    dent = BoxFact("dent", 1, 2, 3, 4, pixels=True, size=(90, 80))
    assert found.facts == [
        Fact("line3/가.jpg", "image 0", boxes=(dent,)),
        Fact("line3/2.jpg", "image 1", boxes=()),
    ]
    assert [(p.reason, p.params) for p in found.problems] == [
        ("imports.problem.shape_attributes", {"names": "deep"})
    ]


def test_other_areas_become_the_box_around_them_and_lines_are_left_out() -> None:
    found = read(
        "a.xml",
        cvat(
            '<image id="0" name="1.jpg" width="100" height="100">'
            '<polygon label="a" points="10.0,20.0;30.0,25.5;20.0,60.0"/>'
            '<box label="b" xtl="40" ytl="45" xbr="60" ybr="55" rotation="90.00"/>'
            '<ellipse label="c" cx="50" cy="50" rx="30" ry="10" rotation="45"/>'
            '<mask label="d" rle="3, 5" left="5" top="6" width="7" height="8"/>'
            '<polyline label="e" points="1,1;2,2"/></image>'
            '<image id="1" name="2.jpg"><points label="e" points="1,1"/></image>'
        ),
    )
    first, second = found.facts
    side = math.sqrt((30**2 + 10**2) / 2)  # of the box around an ellipse turned by 45 degrees
    assert [(b.label, b.x0, b.y0, b.x1, b.y1) for b in first.boxes or ()] == [
        ("a", 10, 20, 30, 60),
        ("b", *map(pytest.approx, (45, 40, 55, 60))),
        ("c", *map(pytest.approx, (50 - side, 50 - side, 50 + side, 50 + side))),
        ("d", 5, 6, 12, 14),
    ]
    assert second.boxes is None  # there is something, of which nothing could be taken over
    assert [(p.name, p.params) for p in found.problems] == [
        ("1.jpg", {"shape": "polyline"}),
        ("2.jpg", {"shape": "points"}),
        *[("", {"n": 1, "shape": s}) for s in ("polygon", "rotated box", "ellipse", "mask")],
    ]


def test_a_file_of_classes_says_nothing_of_objects() -> None:
    found = read(
        "a.xml",
        cvat(
            '<image id="0" name="1.jpg"><tag label="good"/><tag label="new"/></image>'
            '<image id="1" name="2.jpg"></image>'
        ),
    )
    assert [(f.label, f.boxes) for f in found.facts] == [("good", None), (None, None)]
    assert [p.params for p in found.problems] == [{"kept": "good", "label": "new"}]


def test_tracks_of_a_video_by_frame() -> None:
    shape = (
        '<box frame="{}" outside="{}" keyframe="1" occluded="0" xtl="{}" ytl="1" xbr="9" ybr="9"/>'
    )
    found = read(
        "a.xml",
        cvat(
            '<track id="0" label="car">'
            + "".join(shape.format(n, int(n == 2), n) for n in range(3))
            + '</track><track id="1" label="man">'
            + shape.format(1, 0, 5)
            + "</track>"
        ),
    )
    assert [(f.name, [(b.label, b.x0) for b in f.boxes or ()]) for f in found.facts] == [
        ("frame_000000", [("car", 0)]),
        ("frame_000001", [("car", 1), ("man", 5)]),
        ("frame_000002", []),
    ]


@pytest.mark.parametrize("frame", ["1" * 5000, "-1", "x", ""])
def test_a_frame_without_a_number_is_reported(frame: str) -> None:
    shapes = "".join(
        f'<box frame="{each}" outside="0" xtl="1" ytl="1" xbr="9" ybr="9"/>' for each in (frame, 2)
    )
    found = read("a.xml", cvat(f'<track id="7" label="car">{shapes}</track>'))
    assert [fact.name for fact in found.facts] == ["frame_000002"]
    assert [(p.place, p.reason) for p in found.problems] == [
        ("track 7", "imports.problem.no_frame")
    ]
