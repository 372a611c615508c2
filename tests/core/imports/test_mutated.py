"""Real documents with something wrong in them never break a reader: a batch would end with it."""

import json
from random import Random
from typing import Any

import pytest

from core.imports.facts import Sidecar
from tests.core.imports.reading import withstands

SIZE = {"original_width": 200, "original_height": 100, "image_rotation": 0}
RECTANGLE = {"x": 1, "y": 2, "width": 3, "height": 4, "rotation": 9, "rectanglelabels": ["a"]}
POLYGON = {"points": [[1, 2], [3, 4]], "polygonlabels": ["b"]}
ELLIPSE = {"x": 1, "y": 1, "radiusX": 2, "radiusY": 2, "ellipselabels": ["q"]}
RESULTS = [
    {"id": "a", "type": "rectanglelabels", "value": RECTANGLE, **SIZE},
    {"type": "polygonlabels", "value": POLYGON, **SIZE},
    {"type": "ellipselabels", "value": ELLIPSE},
    {"type": "choices", "value": {"choices": ["a", "b"]}},
]
DOCUMENTS: list[Any] = [
    {
        "images": [{"id": 1, "file_name": "1.jpg", "width": 5, "height": 6}],
        "categories": [{"id": 1, "name": "a"}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "iscrowd": 0},
            {"image_id": 1, "category_id": 1, "segmentation": [[1, 2, 3, 4]]},
        ],
    },
    [{"data": {"image": "/d/1.jpg", "t": "x"}, "annotations": [{"result": RESULTS}]}],
    [{"image": "/d/1.jpg", "label": [{**RECTANGLE, **SIZE}], "choice": "a", "z": 1}],
    {"id": 1, "task": {"data": {"image": "1.jpg"}}, "result": RESULTS},
    {"categories": [], "info": {}},
    [
        {
            "name": f"{n}.jpg",
            "line": n,
            "v": [1.0, 2.0],
            "w": [1, 2, 3],
            "label": "a",
            "xmin": 1,
            "ymin": 2,
            "xmax": 3,
            "ymax": 4.5,
            "width": 9,
            "height": 9,
        }
        for n in range(3)
    ],
]
TEXTS = {
    "cvat.xml": '<annotations><meta/><image id="0" name="1.jpg" width="9" height="9">'
    '<box label="a" xtl="1" ytl="1" xbr="2" ybr="2" rotation="4"/><tag label="z"/>'
    '<polygon label="a" points="1,2;3,4"/><mask label="b" left="1" top="1" width="2" height="2"/>'
    '<ellipse label="c" cx="1" cy="1" rx="2" ry="2"/></image><track label="q">'
    '<box frame="1" outside="0" xtl="1" ytl="1" xbr="2" ybr="2"/></track></annotations>',
    "voc.xml": "<annotation><filename>1.jpg</filename><size><width>4</width><height>4</height>"
    "</size><object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>3</ymax>"
    "</bndbox></object><object><name>a</name><polygon><x1>1</x1><y1>2</y1></polygon></object>"
    "</annotation>",
    "yolo.txt": "0 0.5 0.5 0.2 0.2\n1 0.1 0.1 0.3 0.1 0.3 0.3\n",
    "boxes.csv": "filename,width,height,class,xmin,ymin,xmax,ymax\n1.jpg,6,6,a,1,2,3,4\n",
    "own.csv": "image_id,name,content_hash,truth,true_boxes\n"
    '1,1.jpg,0,a,"[{""label"":""a"",""x0"":0,""y0"":0,""x1"":1,""y1"":1}]"\n',
}
VALUES = [
    *(
        None,
        True,
        0,
        -1,
        1.5,
        1e400,
        float("nan"),
        10**30,
        10**400,
        "",
        "x",
        "1.jpg",
        "\ud800",
        [],
        {},
    ),
    *([1], [1.0, 10**400], [None], [[]], {"x": 1}, ["a", 2], "rectanglelabels", "choices"),
]
PIECES = [*'0.,;-<>"/ \nx{}[]', "nan", "1e999", "9" * 5000, "inf", "²", "가"]


def mutated(value: Any, random: Random) -> Any:
    if random.random() < 0.12:
        return random.choice(VALUES)
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if random.random() > 0.05}
        return {key: mutated(each, random) for key, each in kept.items()}
    return [mutated(each, random) for each in value] if isinstance(value, list) else value


def scratched(text: str, random: Random) -> str:
    letters = list(text)
    for _ in range(random.randrange(1, 6)):
        at = random.randrange(len(letters))
        letters[at : at + random.randrange(4)] = [random.choice(PIECES)]
    return "".join(letters)


def read(path: str, text: str) -> None:
    assert withstands(Sidecar(path, text.encode(errors="replace")), Sidecar("classes.txt", b"a\nb"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_json(document: Any) -> None:
    random = Random(7)
    for _ in range(400):
        read("x.json", json.dumps(mutated(document, random)))


@pytest.mark.parametrize("path", TEXTS)
def test_text(path: str) -> None:
    random = Random(7)
    for _ in range(400):
        read(path, scratched(TEXTS[path], random))
