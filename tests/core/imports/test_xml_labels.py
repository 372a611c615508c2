"""Pascal VOC's XML, a file an image."""

import pytest

from core.imports.facts import BoxFact, Fact
from tests.core.imports.reading import read

BOX = "<bndbox><xmin>11</xmin><ymin>21</ymin><xmax>30</xmax><ymax>40</ymax></bndbox>"
SIZE = "<size><width>90</width><height>80</height><depth>3</depth></size>"


def voc(inner: str, name: str = "1.jpg") -> str:
    folder = "<folder>VOC2012</folder>"
    return f"<annotation>{folder}<filename>{name}</filename>{SIZE}{inner}</annotation>"


def test_boxes_count_pixels_from_one() -> None:
    found = read("Annotations/1.xml", voc(f"<object><name>dent</name>{BOX}</object>"))
    assert found.kind == "voc"
    dent = BoxFact("dent", 10, 20, 30, 40, True, (90, 80), "object 1")
    assert found.facts == [Fact("1.jpg", "", boxes=(dent,), beside="Annotations/1.xml")]
    assert read("Annotations/1.xml", voc("")).facts[0].boxes == ()


def test_what_cannot_be_read_is_named_and_no_sign_of_nothing() -> None:
    found = read("1.xml", voc(f"<object><name>dent</name></object><object>{BOX}</object>"))
    assert [(p.place, p.reason) for p in found.problems] == [
        ("object 1", "imports.problem.corners"),
        ("object 2", "imports.problem.no_label"),
    ]
    assert found.facts[0].boxes is None


@pytest.mark.parametrize(
    "points",
    [
        "<x1>3</x1><y1>4</y1><x2>9</x2><y2>2</y2>",
        "<pt><x>3</x><y>4</y></pt><pt><x>9</x><y>2</y></pt>",
    ],
)
def test_an_outline_becomes_the_box_around_it(points: str) -> None:
    text = voc(f"<object><name>dent</name><polygon>{points}</polygon></object>")
    found = read("1.xml", text)
    [box] = found.facts[0].boxes or ()
    assert (box.x0, box.y0, box.x1, box.y1) == (3, 2, 9, 4)
    assert [p.reason for p in found.problems] == ["imports.note.around"]


@pytest.mark.parametrize("declared", ["euc-kr", "cp949", "utf-8"])
def test_korean_names_whatever_the_encoding_is_called(declared: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + voc("", "사진 1.jpg")
    data = text.encode("cp949" if declared != "utf-8" else "utf-8")
    assert [fact.name for fact in read("1.xml", data).facts] == ["사진 1.jpg"]
    assert [f.name for f in read("1.xml", text.replace("utf-8", "utf-16").encode("utf-16")).facts]
