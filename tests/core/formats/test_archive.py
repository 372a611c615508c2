import csv
import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from core.accounts.access import Viewer
from core.database import reading, writing
from core.errors import UserError
from core.formats.archive import ArchiveReport, write_zip
from core.jobs.context import Cancelled
from core.media import store
from core.media.tables import Image
from tests.core.formats.conftest import ROWS, Filled, content_hash


def original(row: int) -> bytes:
    return hashlib.sha256(str(row).encode()).digest() * (row + 1) * 40


@pytest.fixture
def originals(filled: Filled) -> Callable[[str], BinaryIO]:
    """The originals of all images, in the store."""
    store._filesystem.cache_clear()
    for row in range(len(ROWS)):
        store.put(content_hash(row), original(row))
    yield store.open_original
    store._filesystem.cache_clear()


def export(
    viewer: Viewer,
    filled: Filled,
    open_original: Callable[[str], BinaryIO],
    target: Path,
    folders: str = "prediction",
    ids: list[int] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[ArchiveReport, list[tuple[int, int]]]:
    steps: list[tuple[int, int]] = []
    with reading() as session:
        report = write_zip(
            session,
            viewer,
            filled.project,
            filled.ids if ids is None else ids,
            open_original,
            target,
            folders,  # type: ignore[arg-type]
            lambda done, total: steps.append((done, total)),
            cancelled,
        )
    return report, steps


def contents(target: Path) -> tuple[dict[str, bytes], dict[int, list[str]]]:
    """Entries but the table, and where the table says that each image is."""
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        entries = {name: archive.read(name) for name in archive.namelist()}
        assert len(entries) == len(archive.namelist())
    rows = csv.DictReader(io.StringIO(entries.pop("images.csv").decode("utf-8-sig"), newline=""))
    paths = {int(row["image_id"]): row["archive_path"].split(";") for row in rows}
    return entries, paths


def test_one_folder_for_each_class(
    viewer: Viewer, filled: Filled, originals: Callable[[str], BinaryIO], tmp_path: Path
) -> None:
    report, steps = export(viewer, filled, originals, tmp_path / "set.zip")
    entries, paths = contents(tmp_path / "set.zip")
    expected = [
        "cat/0001.jpg",
        "cat/0001 (2).jpg",
        "steel drum/한글 사진.jpg",
        ".._.._up/evil_,_x_).jpg",
        "_none/passwd",
        "CAT (2)/-1+2.png",
        "nan/a__b_.jpg",
        "_none/@sum",
    ]
    assert list(entries) == expected
    for row, name in enumerate(expected):
        assert entries[name] == original(row)
        assert paths[filled.ids[row]] == [name]
    assert report == ArchiveReport(8, [])
    assert steps == [(done, 8) for done in range(9)]


def test_an_image_stands_in_the_folder_of_each_of_its_tags(
    viewer: Viewer, filled: Filled, originals: Callable[[str], BinaryIO], tmp_path: Path
) -> None:
    export(viewer, filled, originals, tmp_path / "set.zip", "tag")
    entries, _ = contents(tmp_path / "set.zip")
    expected = {
        "scratch/0001.jpg": 0,
        "scratch/0001 (2).jpg": 1,
        "기스/0001.jpg": 1,
        "a;b/한글 사진.jpg": 2,
        "a;b_c/한글 사진.jpg": 2,
        ".._up/evil_,_x_).jpg": 3,
        "_none/passwd": 4,
        "_con/-1+2.png": 5,
        "_none (2)/a__b_.jpg": 6,
        "images (2).csv/@sum": 7,
    }
    assert entries == {name: original(row) for name, row in expected.items()}


def test_without_folders(
    viewer: Viewer, filled: Filled, originals: Callable[[str], BinaryIO], tmp_path: Path
) -> None:
    with writing() as session:
        image = session.get(Image, filled.ids[7])
        assert image is not None
        image.name = "x/Images.CSV"
    export(viewer, filled, originals, tmp_path / "set.zip", "none")
    entries, paths = contents(tmp_path / "set.zip")
    assert list(entries)[:3] == ["0001.jpg", "0001 (2).jpg", "한글 사진.jpg"]
    assert paths[filled.ids[7]] == ["Images (2).CSV"]
    assert len(entries) == 8


@pytest.mark.parametrize("folders", ["prediction", "tag", "none"])
def test_unpacks_inside_its_folder_whatever_the_names(
    viewer: Viewer,
    filled: Filled,
    originals: Callable[[str], BinaryIO],
    tmp_path: Path,
    folders: str,
) -> None:
    export(viewer, filled, originals, tmp_path / "set.zip", folders)
    outside = set(tmp_path.rglob("*"))
    with zipfile.ZipFile(tmp_path / "set.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
        names = archive.namelist()
        assert all(
            info.flag_bits & 0x800 for info in archive.infolist() if not info.filename.isascii()
        )
        kinds = {info.filename: info.compress_type for info in archive.infolist()}
    assert kinds.pop("images.csv") == zipfile.ZIP_DEFLATED
    assert set(kinds.values()) == {zipfile.ZIP_STORED}
    unpacked = tmp_path / "unpacked"
    assert {p for p in tmp_path.rglob("*") if unpacked not in [p, *p.parents]} == outside
    files = [
        path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()
    ]
    assert sorted(files) == sorted(names)
    for name in names:
        assert len(name.encode()) <= 200
        assert ".." not in name.split("/")
        assert "\\" not in name


def test_entries_stay_short_and_different(
    viewer: Viewer, filled: Filled, originals: Callable[[str], BinaryIO], tmp_path: Path
) -> None:
    with writing() as session:
        for image_id in filled.ids[:3]:
            image = session.get(Image, image_id)
            assert image is not None
            image.name = "세로" * 200 + ".jpeg"
    export(viewer, filled, originals, tmp_path / "set.zip", "none", filled.ids[:3])
    entries, _ = contents(tmp_path / "set.zip")
    assert len(entries) == 3
    assert all(name.endswith(".jpeg") and len(name.encode()) <= 200 for name in entries)


def test_what_cannot_be_read_is_listed_and_does_not_stop_the_rest(
    viewer: Viewer, filled: Filled, originals: Callable[[str], BinaryIO], tmp_path: Path
) -> None:
    path = store.local_path(content_hash(6))
    assert path is not None
    path.unlink()

    class Torn(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the share went away")

    def open_original(hashed: str) -> BinaryIO:
        return Torn(b"half") if hashed == content_hash(1) else originals(hashed)

    report, _ = export(viewer, filled, open_original, tmp_path / "set.zip")
    entries, paths = contents(tmp_path / "set.zip")
    lines = entries.pop("missing.txt").decode().splitlines()
    assert report == ArchiveReport(6, [filled.ids[1], filled.ids[6]])
    assert lines[1:] == [f"{filled.ids[1]}\tline-4/0001.jpg", f"{filled.ids[6]}\ta b .jpg"]
    assert "2" in lines[0]
    assert len(entries) == 6
    assert paths[filled.ids[1]] == paths[filled.ids[6]] == [""]


@pytest.mark.parametrize("reached", [0, 5])
def test_cancelling_leaves_nothing(
    viewer: Viewer,
    filled: Filled,
    originals: Callable[[str], BinaryIO],
    tmp_path: Path,
    reached: int,
) -> None:
    target = tmp_path / "out" / "set.zip"
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > reached

    with pytest.raises(Cancelled):
        export(viewer, filled, originals, target, cancelled=cancelled)
    assert list(target.parent.iterdir()) == []


def test_refuses_other_folders(
    viewer: Viewer, filled: Filled, originals: Callable[[str], BinaryIO], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="prediction, tag, none"):
        export(viewer, filled, originals, tmp_path / "set.zip", "camera")


def test_an_image_that_is_asked_for_twice_is_there_once(
    viewer: Viewer, filled: Filled, originals: Callable[[str], BinaryIO], tmp_path: Path
) -> None:
    export(viewer, filled, originals, tmp_path / "set.zip", "none", [*filled.ids, *filled.ids])
    entries, _ = contents(tmp_path / "set.zip")
    assert len(entries) == 8


def test_no_images(
    viewer: Viewer, filled: Filled, originals: Callable[[str], BinaryIO], tmp_path: Path
) -> None:
    report, _ = export(viewer, filled, originals, tmp_path / "set.zip", ids=[])
    assert report == ArchiveReport(0, [])
    assert contents(tmp_path / "set.zip") == ({}, {})


def test_entries_carry_the_time_of_the_picture(
    viewer: Viewer, filled: Filled, originals: Callable[[str], BinaryIO], tmp_path: Path
) -> None:
    export(viewer, filled, originals, tmp_path / "set.zip", "none")
    with zipfile.ZipFile(tmp_path / "set.zip") as archive:
        assert archive.getinfo("한글 사진.jpg").date_time == (2024, 10, 14, 8, 30, 2)
        assert archive.getinfo("0001 (2).jpg").date_time == (1980, 1, 1, 0, 0, 0)
