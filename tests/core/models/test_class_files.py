"""Class names out of the files in which people keep them."""

import json

import pytest

from core.errors import UserError
from core.models.class_files import read_class_names


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", "긁힘\nclean\n\nhole\n".encode()),
        ("a.txt", "긁힘\r\nclean\r\nhole".encode("cp949")),
        ("a.txt", "긁힘\nclean\nhole".encode("utf-16")),
        ("a.txt", "긁힘, clean, hole".encode()),
        ("a.csv", "0,긁힘\n1,clean\n2,hole\n".encode()),
        ("a.csv", "2;hole\n0;긁힘\n1;clean".encode()),
        ("a.names", "긁힘\nclean\nhole\n".encode()),
        ("data.yaml", "nc: 3\nnames: [긁힘, clean, hole]\n".encode()),
        ("data.YML", "names:\n  0: 긁힘\n  2: hole\n  1: clean\n".encode()),
        ("a.json", json.dumps(["긁힘", "clean", "hole"]).encode()),
        ("a.json", json.dumps({"1": "clean", "0": "긁힘", "2": "hole"}).encode()),
        ("a.json", json.dumps({"0": ["n1", "긁힘"], "1": ["n2", "clean"], "2": "hole"}).encode()),
        (
            "config.json",
            json.dumps({"id2label": {0: "긁힘", 1: "clean", 2: "hole"}}).encode(),
        ),
    ],
)
def test_names_are_read_in_the_order_of_the_outputs(name: str, data: bytes) -> None:
    assert read_class_names(name, data) == ("긁힘", "clean", "hole")


def test_numbers_that_do_not_count_from_0_belong_to_the_names() -> None:
    assert read_class_names("a.txt", b"10, left\n20, right") == ("10, left", "20, right")
    assert read_class_names("a.txt", b"0, left\nright") == ("0, left", "right")
    endless = "9" * 5000
    found = read_class_names("a.txt", f"{endless}, left\nright".encode())
    assert found == (f"{endless}, left", "right")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.txt", bytes([0x89, 0x50, 0, 255, 255]), "“a.txt” is no list of class names"),
        ("a.yaml", b"nc: 3", "“a.yaml” is no list of class names"),
        ("a.json", b"{", "“a.json” is no list of class names"),
        ("a.json", b'"cat"', "JSON is taken as a list of names"),
        ("a.json", b'{"cat": 0}', "JSON is taken as a list of names"),
        ("a.json", b'{"' + b"9" * 5000 + b'": "cat"}', "JSON is taken as a list of names"),
        ("a.csv", b"0,cat\n2,dog", "no name for class 1"),
        ("a.yaml", b"names: {1: cat}", "no name for class 0"),
    ],
)
def test_what_is_no_list_of_names_says_so(name: str, data: bytes, says: str) -> None:
    with pytest.raises(UserError) as refused:
        read_class_names(name, data)
    assert says in str(refused.value)
