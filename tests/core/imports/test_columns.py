"""What the columns of tables mean."""

import json
from typing import Any

import pytest

from core.imports.facts import BoxFact
from tests.core.imports.reading import read


def test_boxes_with_the_size_of_their_picture() -> None:
    table = "filename,width,height,class,xmin,ymin,xmax,ymax\n1.jpg,640,480,dent,0,0,1,1\n"
    table += "1.jpg,640,480,dent,10,20,30,40\n"
    found = read("_annotations.csv", table)
    # All rows of a table count in the same unit: the first box has a single pixel.
    size = (640, 480)
    assert [fact.boxes for fact in found.facts] == [
        (BoxFact("dent", 0, 0, 1, 1, pixels=True, size=size),),
        (BoxFact("dent", 10, 20, 30, 40, pixels=True, size=size),),
    ]
    assert [dict(fact.attributes) for fact in found.facts] == [{}, {}]


def test_shares_may_be_rounded_beyond_the_picture() -> None:
    [fact] = read("b.csv", "image,x_min,y_min,x_max,y_max,label\n1.jpg,0,0,1.0001,1,dent\n").facts
    assert [box.pixels for box in fact.boxes or ()] == [False]


def test_what_differs_between_boxes_is_no_field_of_the_image() -> None:
    table = "image,xmin,ymin,xmax,ymax,label,area,line\n"
    table += "1.jpg,1,2,3,4,dent,4,A\n1.jpg,1,2,5,4,dent,8,A\n2.jpg,1,2,3,4,dent,4,B\n"
    found = read("b.csv", table)
    assert [dict(f.attributes) for f in found.facts] == [
        {"line": "A"},
        {"line": "A"},
        {"line": "B"},
    ]
    assert [(p.place, p.reason) for p in found.problems] == [("area", "imports.problem.of_boxes")]


@pytest.mark.parametrize("column", ["", "Unnamed: 0"])
def test_the_row_numbers_of_pandas_are_no_field(column: str) -> None:
    found = read("m.csv", f"{column},name,line\n0,1.jpg,A\n1,2.jpg,B\n")
    assert [dict(f.attributes) for f in found.facts] == [{"line": "A"}, {"line": "B"}]


def test_names_in_a_column_called_image_id() -> None:
    found = read("train.csv", "image_id,label\nTrain_0,good\nTrain_1,bad\n")
    assert [(f.name, f.label) for f in found.facts] == [("Train_0", "good"), ("Train_1", "bad")]


def test_true_boxes_of_an_own_table_come_back() -> None:
    cell = '[{""label"": ""dent"", ""x0"": 0.1, ""y0"": 0.2, ""x1"": 0.3, ""y1"": 0.4}]'
    table = "image_id,name,content_hash,boxes,truth,true_boxes\n"
    table += (
        f'1,1.jpg,00,[],good,"{cell}"\n2,2.jpg,00,[],,[]\n3,3.jpg,00,[],,\n4,4.jpg,00,[],,[1]\n'
    )
    found = read("images.csv", table)
    assert [(f.label, f.boxes) for f in found.facts] == [
        ("good", (BoxFact("dent", 0.1, 0.2, 0.3, 0.4),)),
        (None, ()),
        (None, None),
        (None, None),
    ]
    assert [(p.place, p.reason) for p in found.problems] == [("5", "imports.problem.true_boxes")]


def test_long_numbers_are_kept_as_text() -> None:
    found = read("m.csv", "name,serial,n\n1.jpg,12345678901234567890,7\n2.jpg,1,-8\n")
    assert [dict(f.attributes) for f in found.facts] == [
        {"serial": "12345678901234567890", "n": 7},
        {"serial": "1", "n": -8},
    ]


HUGE = 10**400


@pytest.mark.parametrize("value", [HUGE, -HUGE, 2**63, float("inf"), float("nan")], ids=range(5))
def test_numbers_that_no_field_can_hold_are_none(value: float) -> None:
    [fact] = read("m.json", json.dumps([{"name": "1.jpg", "x": value, "n": 1}])).facts
    assert fact.attributes == {"n": 1}


@pytest.mark.parametrize(
    "vector", [[1.0, HUGE], [1.0, 1e39], [1.0, "x"], [1.0, [2.0]]], ids=range(4)
)
def test_vectors_that_are_none_are_reported(vector: list[Any]) -> None:
    rows = [{"name": "1.jpg", "v": [1, 2]}, {"name": "2.jpg", "v": vector}, {"name": "3.jpg"}]
    found = read("m.json", json.dumps(rows))
    assert [f.vector is not None for f in found.facts] == [True, False, False]
    assert [(p.name, p.reason) for p in found.problems] == [("2.jpg", "imports.problem.not_finite")]


def test_of_several_columns_of_vectors_the_first_counts() -> None:
    rows = [{"name": "1.jpg", "v": [1, 2], "w": [1, 2, 3]}, {"name": "2.jpg", "v": [3, 4]}]
    found = read("m.json", json.dumps(rows))
    assert [f.vector.tolist() for f in found.facts if f.vector is not None] == [[1, 2], [3, 4]]
    assert [dict(f.attributes) for f in found.facts] == [{}, {}]
    assert [(p.place, p.reason) for p in found.problems] == [("w", "imports.problem.second_vector")]


def test_numbers_with_the_apostrophe_that_spreadsheets_hide() -> None:
    found = read("m.csv", "name,n,x\n1.jpg,'+5,'-1.5\n2.jpg,3,\n")
    assert [dict(f.attributes) for f in found.facts] == [{"n": 5, "x": -1.5}, {"n": 3}]
