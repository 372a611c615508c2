"""Thumbnails and originals: written whole, made again when missing."""

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from core.media import store, thumbnails
from core.media.originals import Original, read_original
from core.media.origins import Unavailable
from core.settings import settings

HASH = "ab" * 32


def jpeg(size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", size, "teal").save(buffer, "JPEG")
    return buffer.getvalue()


def size_of(data: bytes) -> tuple[int, int]:
    return PIL.Image.open(io.BytesIO(data)).size


def loose(content_hash: str, data: bytes) -> Path:
    """A thumbnail as DATAG kept it at first: a file of its own."""
    path = settings().thumbnails_dir / content_hash[:2] / f"{content_hash}.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def test_thumbnails_that_are_files_are_found_and_removed(database: Path) -> None:
    path = loose(HASH, b"small")
    assert thumbnails.find(HASH) == thumbnails.ensure(Original(HASH)) == b"small"
    thumbnails.remove([HASH])
    assert not path.exists()
    assert thumbnails.find(HASH) is None


def test_removed_ones_are_gone_wherever_they_lie(database: Path) -> None:
    path = loose(HASH, b"small")
    thumbnails.keep({HASH: b"small", "cd" * 32: b"other"})
    thumbnails.remove([HASH, "ef" * 32])
    assert not path.exists()
    assert (thumbnails.find(HASH), thumbnails.find("cd" * 32)) == (None, b"other")


def test_a_thumbnail_that_cannot_be_kept_is_shown_all_the_same(database: Path) -> None:
    store.put(HASH, jpeg((800, 400)))
    (database / "thumbnails").write_text("a file where a folder should be")
    assert size_of(thumbnails.ensure(Original(HASH))) == (256, 128)


def test_a_missing_thumbnail_is_made_from_the_original(database: Path) -> None:
    store.put(HASH, jpeg((800, 400)))
    made = thumbnails.ensure(Original(HASH))
    assert size_of(made) == (256, 128)
    assert thumbnails.find(HASH) == made
    assert read_original(Original(HASH)) == jpeg((800, 400))


def test_without_an_original_there_is_none(database: Path) -> None:
    with pytest.raises(Unavailable):
        thumbnails.ensure(Original("cd" * 32))


def test_small_pictures_are_not_enlarged(database: Path) -> None:
    made = thumbnails.make(np.zeros((10, 20, 3), np.uint8))
    assert made.pixels.shape == (10, 20, 3)
    assert size_of(made.jpeg) == (20, 10)


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
