"""Every format read into the same facts, from files written by hand."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports.facts import BoxFact, Fact, NotUnderstood, Reading, Sidecar
from core.imports.readers import ENDINGS, is_sidecar, read_all
from tests.core.imports.reading import read, withstands


def test_a_table_of_metadata_tags_and_classes() -> None:
    table = (
        "file,line,temp (°C),ok,code,tags,label\n"
        "a/1.jpg,A-3,20.5,true,007,scratch;deep \\; long,bad\n"
        "a/2.jpg,,21,false,010,,good\n"
        ",X,1,true,1,,\n"
    )
    found = read("meta.csv", table)
    assert found.kind == "csv"
    assert found.problems == []
    assert found.facts == [
        Fact(
            "a/1.jpg",
            "2",
            attributes={"line": "A-3", "temp _C": 20.5, "ok": True, "code": "007"},
            tags=("scratch", "deep ; long"),
            label="bad",
        ),
        Fact("a/2.jpg", "3", attributes={"temp _C": 21, "ok": False, "code": "010"}, label="good"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_korean_tables_in_the_encodings_that_office_programs_write(
    encoding: str, separator: str
) -> None:
    rows = [["파일명", "라인", "값"], ["가.jpg", "3호", "1"], ["나.jpg", "4호", "2"]]
    text = "\r\n".join(separator.join(row) for row in rows)
    found = read("표.csv", text.encode(encoding))
    assert [(f.name, dict(f.attributes)) for f in found.facts] == [
        ("가.jpg", {"라인": "3호", "값": 1}),
        ("나.jpg", {"라인": "4호", "값": 2}),
    ]


def test_boxes_in_a_table_by_corners_or_by_size() -> None:
    corners = read("b.csv", "image,xmin,ymin,xmax,ymax,class\n1.jpg,10,20,30,40,dent\n2.jpg,,,,,\n")
    assert [f.boxes for f in corners.facts] == [
        (BoxFact("dent", 10, 20, 30, 40, pixels=True),),
        (),
    ]
    sizes = read("b.csv", "image,x,y,w,h,label\n1.jpg,0.1,0.2,0.3,0.4,dent\n1.jpg,a,0,1,1,dent\n")
    box = sizes.facts[0].boxes[0]  # type: ignore[index]
    assert (box.x0, box.y0, box.pixels) == (0.1, 0.2, False)
    assert (box.x1, box.y1) == pytest.approx((0.4, 0.6))
    assert sizes.facts[1].boxes is None
    assert [p.reason for p in sizes.problems] == ["imports.problem.corners"]


def test_parquet_with_vectors_and_types() -> None:
    frame = pd.DataFrame(
        {"path": ["1.jpg", "2.jpg"], "n": [1, 2], "embedding": [[0.5, 1.0], [2.0, 3.0]]}
    )
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    found = read("t.parquet", buffer.getvalue())
    assert [dict(f.attributes) for f in found.facts] == [{"n": 1}, {"n": 2}]
    assert [f.vector.tolist() for f in found.facts if f.vector is not None] == [
        [0.5, 1.0], [2.0, 3.0],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("r.json", '[{"name": "1.jpg", "line": "A"}]'),
        ("r.json", '{"1.jpg": {"line": "A"}}'),
        ("r.jsonl", '{"name": "1.jpg", "line": "A"}\n\n'),
    ],
)
def test_json_records(path: str, document: str) -> None:
    assert [(f.name, dict(f.attributes)) for f in read(path, document).facts] == [
        ("1.jpg", {"line": "A"})
    ]


def npy_header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def npy(array: np.ndarray, **how: bool) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **how)
    return buffer.getvalue()


def test_vectors_with_their_names() -> None:
    matrix = np.array([[1, 2], [np.nan, 3]], dtype=np.float64)
    found = read("f/vec.npy", npy(matrix), vec_txt="a.jpg\nb.jpg\n")
    assert [(f.name, f.vector.tolist()) for f in found.facts if f.vector is not None] == [
        ("a.jpg", [1.0, 2.0])
    ]
    assert [p.reason for p in found.problems] == ["imports.problem.not_finite"]


@pytest.mark.parametrize(
    ("path", "data", "reason"),
    [
        ("t.csv", "a,b\n1,2\n", "no_names"),
        ("t.csv", "", "empty"),
        ("t.json", "\r\n", "empty"),
        ("t.parquet", "", "empty"),
        ("v.npy", "", "empty"),
        ("t.csv", "a.jpg,good\nb.jpg,bad\n", "no_header"),
        ("t.csv", b"\x00\x01", "no_text"),
        ("t.csv", "name,xmin,ymin,xmax,ymax\n1.jpg,1,2,3,4\n", "no_box_label"),
        ("t.csv", 'name,a\n1.jpg,"x\n', "no_table"),
        ("t.parquet", "PAR1", "no_table"),
        ("t.json", "{", "no_json"),
        ("t.json", "[" * 100_000, "no_json"),
        ("t.json", "[1, 2]", "other_json"),
        ("t.json", '{"images": [{}], "annotations": []}', "coco_image"),
        ("t.jsonl", "[]", "no_json_line"),
        ("t.xml", "<a>", "no_xml"),
        ("t.xml", "<svg/>", "other_xml"),
        ("t.xml", '<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>', "xml_entities"),
        ("t.xml", "<annotations><track/></annotations>", "cvat_empty"),
        ("data.yaml", "names: 3", "yaml_names"),
        ("data.yaml", "a: [", "no_yaml"),
        ("data.yaml", "!!python/object/apply:os.system ['true']", "no_yaml"),
        ("README.txt", "Read me first.", "other_text"),
        ("v.npy", npy(np.ones((2, 2))), "no_name_list"),
        ("v.npy", npy(np.ones(3)), "no_matrix"),
        ("v.npy", npy(np.array([{}], dtype=object), allow_pickle=True), "no_array"),
        ("v.npy", b"\x93NUMPY", "no_array"),
        ("v.npy", b"PK\x05\x06", "no_array"),
        ("v.npy", b"\x93NUMPY\x01\x00\x01\x00(", "no_array"),
        ("v.npy", npy_header("{'descr': (), 'fortran_order': True, 'shape': (3,)}"), "no_array"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(
    path: str, data: bytes | str, reason: str
) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read(path, data)
    assert refused.value.key == f"imports.refused.{reason}"
    assert refused.value.key not in str(refused.value)


def test_a_list_of_another_length_is_refused() -> None:
    with pytest.raises(NotUnderstood) as refused:
        read("v.npy", npy(np.ones((2, 3))), v_txt="one.jpg\n")
    assert refused.value.params == {"name": "v.txt", "names": 1, "vectors": 2}


def test_pictures_and_archives_are_no_sidecars() -> None:
    assert not any(map(is_sidecar, ("a.jpg", "a.zip", "a.tar.gz", "noending", "a.csv/b.png")))
    assert is_sidecar("x/LABELS.CSV")


@given(st.sampled_from(ENDINGS), st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nothing_but_facts_or_a_refusal_comes_out(ending: str, data: bytes) -> None:
    assert withstands(Sidecar(f"x{ending}", data))


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["images", "annotations", "data", "id", "file_name", "bbox", "result",
                         "value", "name", "image_id", "category_id", "categories", "x"]),
        inner, max_size=4,
    ),
    max_leaves=15,
)  # fmt: skip


@given(json_values)
def test_json_of_any_shape_never_breaks_the_reader(document: object) -> None:
    assert withstands(Sidecar("x.json", json.dumps(document).encode()))


def test_a_readers_own_mistake_refuses_that_file_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(sidecar: Sidecar) -> Reading:
        raise KeyError(sidecar.path)

    monkeypatch.setattr("core.imports.tabular.read_csv", fail)
    monkeypatch.setattr("core.imports.yolo.read_class_list", fail)
    names = ("a.csv", "data.yaml", "b.json")
    files = [Sidecar(name, b'[{"name": "1.jpg"}]') for name in names]
    found = {sidecar.path: reading for sidecar, reading in read_all(files)}
    assert [str(found[name]) for name in names[:2]] == [
        f"Reading this file failed for a reason that DATAG does not know: KeyError: '{name}'. "
        "The log has more of it."
        for name in names[:2]
    ]
    assert isinstance(found["b.json"], Reading)
    assert [record.exc_info is not None for record in caplog.records] == [True, True]
