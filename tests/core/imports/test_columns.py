"""What the columns of tables mean."""

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
