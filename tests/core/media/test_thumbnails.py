"""Thumbnails and originals: written whole, made again when missing."""

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from core.media import store, thumbnails
from core.media.originals import Original, read_original
from core.media.origins import Unavailable

HASH = "ab" * 32


def jpeg(size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", size, "teal").save(buffer, "JPEG")
    return buffer.getvalue()


def test_a_missing_thumbnail_is_made_from_the_original(database: Path) -> None:
    store.put(HASH, jpeg((800, 400)))
    path = thumbnails.ensure(Original(HASH))
    assert PIL.Image.open(path).size == (256, 128)
    assert read_original(Original(HASH)) == jpeg((800, 400))


def test_without_an_original_there_is_none(database: Path) -> None:
    with pytest.raises(Unavailable):
        thumbnails.ensure(Original("cd" * 32))


def test_small_pictures_are_not_enlarged(database: Path) -> None:
    thumbnails.write(HASH, np.zeros((10, 20, 3), np.uint8))
    assert PIL.Image.open(thumbnails.path(HASH)).size == (20, 10)


def test_nothing_is_left_behind_when_writing_fails(database: Path) -> None:
    folder = database / "media" / HASH[:2]
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where a folder should be")
    with pytest.raises(OSError):
        store.put(HASH, b"data")
    assert folder.read_text() == "a file where a folder should be"


def test_a_staged_file_becomes_the_original_without_a_copy(database: Path) -> None:
    staged = database / "staged"
    staged.write_bytes(b"data")
    store.put(HASH, b"data", staged)
    kept = store.local_path(HASH)
    assert kept is not None and kept.samefile(staged)
    staged.unlink()
    assert read_original(Original(HASH)) == b"data"


def test_a_file_that_somebody_else_has_too_is_copied(database: Path) -> None:
    theirs, staged = database / "theirs", database / "staged"
    theirs.write_bytes(b"data")
    staged.hardlink_to(theirs)
    store.put(HASH, b"data", staged)
    theirs.write_bytes(b"changed")
    assert read_original(Original(HASH)) == b"data"
