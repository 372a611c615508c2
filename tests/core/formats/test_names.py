import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats.names import Names, safe_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0001.jpg", "0001.jpg"),
        ("steel drum", "steel drum"),
        ("한글.jpg", "한글.jpg"),
        (unicodedata.normalize("NFD", "한글.jpg"), "한글.jpg"),
        ("..", "_"),
        (".", "_"),
        ("", "_"),
        ("   ", "_"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("a\\b", "a_b"),
        ('<>:"/\\|?*', "_________"),
        ("a\x00b\nc\x7f", "a_b_c_"),
        ("gpj.\u202eexe", "gpj._exe"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("LPT¹", "_LPT¹"),
        ("aux .txt", "_aux .txt"),
        ("console.txt", "console.txt"),
        ("name. . .", "name"),
        ("\ud800.jpg", "_.jpg"),
    ],
)
def test_safe_names(text: str, expected: str) -> None:
    assert safe_name(text, 100) == expected


def test_long_names_are_cut_between_characters_and_keep_their_suffix() -> None:
    assert safe_name("가" * 100 + ".jpeg", 20) == "가" * 5 + ".jpeg"
    assert safe_name("x" * 50, 20) == "x" * 20
    assert safe_name("a." + "y" * 50, 20) == "a." + "y" * 18


def test_the_same_name_gets_a_number() -> None:
    names = Names(20, taken=("images.csv",))
    wanted = ["a.jpg", "a.jpg", "A.JPG", "a (2).jpg", "a.jpg", "Images.csv", "a/b", "a:b"]
    assert [names.add(name) for name in wanted] == [
        "a.jpg",
        "a (2).jpg",
        "A (3).JPG",
        "a (2) (2).jpg",
        "a (4).jpg",
        "Images (2).csv",
        "a_b",
        "a_b (2)",
    ]


@given(st.lists(st.text(max_size=60), max_size=30))
def test_any_names_come_out_safe_different_and_short(wanted: list[str]) -> None:
    names = Names(40)
    added = [names.add(name) for name in wanted]
    assert len({name.casefold() for name in added}) == len(wanted)
    for name in added:
        assert 0 < len(name.encode()) <= 40
        assert not set(name) & set('<>:"/\\|?*\x00\n')
        assert name not in (".", "..")
        assert not name.endswith((" ", "."))
        assert name == safe_name(name, 40)
