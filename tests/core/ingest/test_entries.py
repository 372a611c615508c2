"""Archives: what is read, what is refused, and that nothing unpacks without a limit."""

import io
import stat
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from core.ingest.entries import Entries
from core.ingest.unpacking import entry_name
from core.ingest.uploads import Upload, begin_upload
from core.media.decoding import Refused
from core.settings import settings


def upload_of(*files: tuple[str, bytes]) -> Upload:
    upload = begin_upload(1, 1, 0)
    for index, (name, data) in enumerate(files):
        upload.file_path(index).write_bytes(data)
        upload.add(index, name, len(data))
    return upload


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = 8) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def outcome(upload: Upload) -> dict[str, bytes | str]:
    """Each path with its bytes, or the key of the reason it was refused for."""
    found: dict[str, bytes | str] = {}
    with Entries(upload) as entries:
        for entry in entries:
            try:
                found[entry.path] = entry.read()
            except Refused as refused:
                found[entry.path] = refused.key
        assert len(found) == len(entries)
    return found


def test_files_and_archives_side_by_side(database: Path) -> None:
    data = zipped(("x/1.jpg", b"one"), ("x/", b""), ("2.jpg", b"two"))
    assert outcome(upload_of(("a.jpg", b"a"), ("set.zip", data))) == {
        "a.jpg": b"a",
        "set.zip/x/1.jpg": b"one",
        "set.zip/2.jpg": b"two",
    }


def test_hostile_names_stay_inside_the_archives_name(database: Path) -> None:
    data = zipped(("../../up.jpg", b"1"), ("/abs.jpg", b"2"), ("C:\\w.jpg", b"3"))
    assert sorted(outcome(upload_of(("s.zip", data)))) == [
        "s.zip/abs.jpg",
        "s.zip/up.jpg",
        "s.zip/w.jpg",
    ]


def test_equal_names_get_a_number(database: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("a.jpg", b"1"), ("a.jpg", b"2"))
    assert outcome(upload_of(("s.zip", data))) == {"s.zip/a.jpg": b"1", "s.zip/a.jpg (2)": b"2"}


def test_what_operating_systems_add_is_passed_over(database: Path) -> None:
    data = zipped(("a.jpg", b"1"), ("__MACOSX/._a.jpg", b"x"), ("d/.DS_Store", b"x"),
                  ("Thumbs.db", b"x"))  # fmt: skip
    assert list(outcome(upload_of(("s.zip", data)))) == ["s.zip/a.jpg"]


def test_links_are_refused(database: Path) -> None:
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    found = outcome(upload_of(("s.zip", zipped((link, b"/etc/passwd")))))
    assert found == {"s.zip/link.jpg": "ingest.refused.link"}


def test_archives_inside_archives_are_opened_but_not_for_ever(database: Path) -> None:
    data = zipped(("a.jpg", b"0"))
    for depth in range(1, 4):
        data = zipped((f"{depth}.ZIP", data), (f"{depth}.jpg", bytes([48 + depth])))
    upload = upload_of(("s.zip", data))
    assert outcome(upload) == {
        "s.zip/3.jpg": b"3",
        "s.zip/3.ZIP/2.jpg": b"2",
        "s.zip/3.ZIP/2.ZIP/1.jpg": b"1",
        "s.zip/3.ZIP/2.ZIP/1.ZIP": "ingest.refused.nested_archive",
    }
    assert [path.name for path in upload.folder.iterdir() if path.is_dir()] == []


def test_an_inner_archive_that_is_none_is_a_file_and_a_bomb_is_named(database: Path) -> None:
    bomb = zipped(("x.bmp", zipped(("y", b"")) + b"\0" * 30_000_000))
    data = zipped(("text.zip", b"hello"), ("bomb.zip", bomb), method=0)
    assert outcome(upload_of(("s.zip", data))) == {
        "s.zip/text.zip": b"hello",
        "s.zip/bomb.zip/x.bmp": "ingest.refused.bomb",
    }


def tarred(mode: str, *members: tuple[str, bytes | None]) -> bytes:
    """A tar; None as the content makes a link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data or b"")
            if data is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(info, io.BytesIO(data or b""))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("mode", "name"),
    [("w", "s.tar"), ("w:gz", "s.tar.gz"), ("w:gz", "s.TGZ"), ("w:bz2", "s.tar.bz2"),
     ("w:xz", "s.txz")],
)  # fmt: skip
def test_tars(mode: str, name: str, database: Path) -> None:
    inner = zipped(("d.jpg", b"4"))
    data = tarred(
        mode, ("x/a.jpg", b"1"), ("../../up.jpg", b"2"), ("l.jpg", None), ("in.zip", inner),
        ("x/a.jpg", b"3"), (".DS_Store", b"x"),
    )  # fmt: skip
    assert outcome(upload_of((name, data), ("b.jpg", b"b"))) == {
        f"{name}/x/a.jpg": b"1",
        f"{name}/up.jpg": b"2",
        f"{name}/l.jpg": "ingest.refused.link",
        f"{name}/in.zip/d.jpg": b"4",
        f"{name}/x/a.jpg (2)": b"3",
        "b.jpg": b"b",
    }


def test_broken_tars_and_tar_bombs(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = tarred("w:gz", ("a.bmp", b"\0" * 50_000_000))
    cut = tarred("w:gz", *((f"{i}.jpg", bytes(range(256)) * 40) for i in range(9)))[:-30]
    many = tarred("w", *((f"{i}.jpg", b"x") for i in range(5)))
    monkeypatch.setattr(settings(), "max_archive_entries", 4)
    assert outcome(
        upload_of(("b.tgz", bomb), ("c.tgz", cut), ("m.tar", many), ("t.tar", b"text" * 300))
    ) == {
        "b.tgz": "ingest.refused.bomb",
        "c.tgz": "ingest.refused.broken_entry",
        "m.tar": "ingest.refused.too_many_entries",
        "t.tar": "ingest.refused.broken_archive",
    }


def test_two_files_of_one_name_are_two_entries(database: Path) -> None:
    assert outcome(upload_of(("a.jpg", b"1"), ("a.jpg", b"2"))) == {
        "a.jpg": b"1",
        "a.jpg (2)": b"2",
    }


def test_a_bomb_is_not_unpacked(database: Path) -> None:
    data = zipped(("bomb.bmp", b"\0" * 50_000_000))
    assert outcome(upload_of(("s.zip", data))) == {"s.zip/bomb.bmp": "ingest.refused.bomb"}


def test_an_entry_that_lies_about_its_size_gives_no_more_than_it_says(database: Path) -> None:
    data = bytearray(zipped(("a.bin", b"x" * 5000), method=0))
    central = data.rindex(b"PK\x01\x02")
    data[central + 20 : central + 28] = struct.pack("<II", 5000, 10)
    assert outcome(upload_of(("s.zip", bytes(data)))) == {
        "s.zip/a.bin": "ingest.refused.broken_entry"
    }


def test_an_encrypted_entry_is_named(database: Path) -> None:
    data = bytearray(zipped(("a.jpg", b"secret")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert outcome(upload_of(("s.zip", bytes(data)))) == {"s.zip/a.jpg": "ingest.refused.encrypted"}


def test_a_damaged_entry_does_not_stop_the_rest(database: Path) -> None:
    data = zipped(("a.jpg", b"first" * 50), ("b.jpg", b"second" * 50), method=0)
    damaged = data.replace(b"firstfirst", b"FIRSTfirst", 1)
    found = outcome(upload_of(("s.zip", damaged)))
    assert found == {"s.zip/a.jpg": "ingest.refused.broken_entry", "s.zip/b.jpg": b"second" * 50}


def test_too_many_entries_and_too_many_bytes(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = zipped(*((f"{i}.jpg", b"x" * 100) for i in range(5)))
    monkeypatch.setattr(settings(), "max_archive_entries", 4)
    assert outcome(upload_of(("s.zip", data))) == {"s.zip": "ingest.refused.too_many_entries"}
    monkeypatch.setattr(settings(), "max_archive_entries", 5)
    monkeypatch.setattr(settings(), "max_archive_bytes", 499)
    assert outcome(upload_of(("s.zip", data))) == {"s.zip": "ingest.refused.archive_too_large"}


def test_a_file_that_only_claims_to_be_an_archive_is_a_file(database: Path) -> None:
    assert outcome(upload_of(("s.zip", b"no archive"))) == {"s.zip": b"no archive"}


@pytest.mark.parametrize(
    ("raw", "flag", "name"),
    [
        ("한글.jpg".encode(), 0x800, "한글.jpg"),
        ("한글.jpg".encode("cp949"), 0, "한글.jpg"),
        ("한글.jpg".encode(), 0, "한글.jpg"),
        (b"plain.jpg", 0, "plain.jpg"),
    ],
)
def test_korean_names_in_whatever_encoding(raw: bytes, flag: int, name: str) -> None:
    info = zipfile.ZipInfo(raw.decode("utf-8" if flag else "cp437"))
    info.flag_bits = flag
    assert entry_name(info) == name
