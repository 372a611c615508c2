"""The staging area: names are harmless, lists survive repeats, tokens open nothing else."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotFound, UserError
from core.ingest.uploads import begin_upload, clean_name, open_upload


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("a.jpg", "a.jpg"),
        ("line-3/a.jpg", "line-3/a.jpg"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\Users\\kim\\a.jpg", "Users/kim/a.jpg"),
        ("..\\..\\a.jpg", "a.jpg"),
        ("한글 이름.jpg", "한글 이름.jpg"),
        ("a\x00b\nc.jpg", "abc.jpg"),
        ("", "unnamed"),
        ("..", "unnamed"),
        ("///", "unnamed"),
    ],
)
def test_clean_names(given_name: str, safe: str) -> None:
    assert clean_name(given_name) == safe


@given(st.text(max_size=2000))
def test_any_name_becomes_a_relative_path_without_steps_up(name: str) -> None:
    safe = clean_name(name)
    assert safe
    assert not safe.startswith("/")
    assert ".." not in safe.split("/")
    assert len(safe) <= 1000
    assert json.loads(json.dumps({"name": safe}))["name"] == safe
    safe.encode("utf-8")


def test_files_come_in_order_and_the_last_word_counts(database: Path) -> None:
    upload = begin_upload(1, 1, 0)
    upload.add(1, "b.jpg", 5)
    upload.add(0, "a.jpg", 3)
    upload.add(1, "b.jpg", 7)
    assert [(f.name, f.byte_size) for f in upload.files()] == [("a.jpg", 3), ("b.jpg", 7)]
    assert open_upload(upload.token) == upload


def test_a_removed_upload_is_gone(database: Path) -> None:
    upload = begin_upload(1, 1, 0)
    upload.remove()
    with pytest.raises(NotFound):
        open_upload(upload.token)


@pytest.mark.parametrize("token", ["", "..", "../uploads", "x" * 32, "0" * 31, "0" * 32 + "/.."])
def test_other_tokens_open_nothing(database: Path, token: str) -> None:
    with pytest.raises(NotFound):
        open_upload(token)


def test_more_than_the_disk_holds_is_refused_at_once(database: Path) -> None:
    with pytest.raises(UserError, match="GB are needed"):
        begin_upload(1, 1, 10**18)
