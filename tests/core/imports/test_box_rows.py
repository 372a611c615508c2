"""Tables of boxes: their unit, the size of their pictures, and what is no box."""

from typing import Any

import pytest

from core.imports.facts import BoxFact, Reading
from tests.core.imports.reading import read

CORNERS = "name,label,xmin,ymin,xmax,ymax"


def table(*rows: str, columns: str = CORNERS) -> Reading:
    return read("b.csv", "\n".join((columns, *rows)))


def problems(found: Reading) -> list[tuple[str, str, dict[str, Any]]]:
    prefix = "imports.problem."
    return [(p.name, p.reason.removeprefix(prefix), dict(p.params)) for p in found.problems]


@pytest.mark.parametrize("shares", [1, 5])
def test_one_corner_too_large_makes_no_pixels_of_shares(shares: int) -> None:
    rows = ["a.jpg,c,0.1,0.1,0.5,0.5"] * shares
    found = table(*rows, "b.jpg,c,0.2,0.2,1.7,0.5")
    box = BoxFact("c", 0.1, 0.1, 0.5, 0.5)
    assert [fact.boxes for fact in found.facts] == [*[(box,)] * shares, None]
    assert problems(found) == [("b.jpg", "no_shares", {"corners": "0.2, 0.2, 1.7, 0.5"})]


@pytest.mark.parametrize("cell", ["inf", "-inf", "nan", "1e999", "x"])
def test_a_corner_that_is_no_finite_number_is_none(cell: str) -> None:
    found = table("a.jpg,c,0.1,0.1,0.5,0.5", f"b.jpg,c,0.2,0.2,{cell},0.5")
    assert [fact.boxes for fact in found.facts] == [(BoxFact("c", 0.1, 0.1, 0.5, 0.5),), None]
    assert [reason for _, reason, _ in problems(found)] == ["corners"]


def test_shares_in_a_table_of_pixels_are_no_boxes() -> None:
    rows = ["a.jpg,c,10,10,60,60", "a.jpg,c,1,1,9,9.5", "b.jpg,c,0,0,9,9"]
    found = table(*rows, "a.jpg,c,0,0,1,1", "b.jpg,c,0,0,0.5,1")
    assert [len(fact.boxes or ()) for fact in found.facts] == [1, 1, 1, 1, 0]
    assert all(box.pixels for fact in found.facts for box in fact.boxes or ())
    assert problems(found) == [("b.jpg", "no_pixels", {"corners": "0, 0, 0.5, 1"})]


SIZED = f"{CORNERS},width,height"


@pytest.mark.parametrize(
    "rows",
    [
        ["a.jpg,c,10,10,60,60,50,50"],
        # The box's own size, though only one of them is away from the picture's corner.
        ["a.jpg,c,0,0,9,8,9,8", "b.jpg,c,0,0,7,8,7,8", "c.jpg,c,10,10,60,60,50,50"],
        # A size of something else: most boxes lie beyond it.
        ["a.jpg,c,10,10,60,60,30,30", "b.jpg,c,1,1,9,9,30,30", "c.jpg,c,1,1,9,90,30,30"],
    ],
)
def test_columns_that_are_not_the_pictures_size_are_left_out(rows: list[str]) -> None:
    found = table(*rows, columns=SIZED)
    assert [[box.size for box in fact.boxes or ()] for fact in found.facts] == [[None]] * len(rows)
    said = {"across": "width", "down": "height"}
    assert problems(found) == [("", "no_picture_size", said)]
    assert all(fact.attributes == {} for fact in found.facts)


def test_a_box_drawn_across_the_edge_leaves_the_pictures_size() -> None:
    rows = ["a.jpg,c,10,10,60,60,100,80", "a.jpg,c,1,1,101,81,100,80", "b.jpg,c,1,1,99,85,100,80"]
    found = table(*rows, columns=SIZED)
    assert {box.size for fact in found.facts for box in fact.boxes or ()} == {(100, 80)}
    assert found.problems == []


def test_a_class_without_corners_is_the_images() -> None:
    found = table("a.jpg,scratch,,,,", "b.jpg,,,,,", "c.jpg,dent,1,2,3,4", "d.jpg,,1,2,3,4")
    dent = BoxFact("dent", 1, 2, 3, 4, pixels=True)
    assert [(fact.label, fact.boxes) for fact in found.facts] == [
        ("scratch", None),
        (None, ()),
        (None, (dent,)),
        (None, None),
    ]
    assert [(name, reason) for name, reason, _ in problems(found)] == [("d.jpg", "no_label")]
