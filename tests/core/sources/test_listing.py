"""What a folder holds: links, pipes, closed folders, names of any kind, and what is closed."""

import os
import socket
from pathlib import Path

import pytest

from core.errors import UserError
from core.media.places import file_url, local_path, parse_place, require_permitted
from core.settings import settings
from core.sources.listing import Found, LeftOut, list_source
from core.sources.preview import preview
from tests.core.ingest.conftest import picture
from tests.core.sources.conftest import TakeIn

LONGEST = "한" * 83 + "é.jpg"  # 255 bytes of UTF-8


def listed(folder: Path, recursive: bool = True) -> tuple[dict[str, Found], dict[str, str]]:
    """Files by name, and the reason of whatever is left out."""
    files, left_out = {}, {}
    for each in list_source(parse_place(str(folder)), recursive):
        if isinstance(each, Found):
            files[each.name] = each
        elif isinstance(each, LeftOut):
            left_out[each.name] = each.reason.key
    return files, left_out


def test_names_in_the_order_of_folders_and_files(database: Path, folder: Path) -> None:
    files, left_out = listed(folder)
    assert list(files) == ["line 3/a.jpg", "line 3/b.jpg", "line 3/한글/c.jpg"]
    assert files["line 3/a.jpg"].bytes == len(picture(1))
    assert left_out == {}
    assert list(listed(folder, recursive=False)[0]) == ["line 3/a.jpg", "line 3/b.jpg"]
    assert list(listed(folder / "b.jpg")[0]) == ["b.jpg"]


def test_links_that_lead_outside_are_left_out(database: Path, folder: Path, outside: Path) -> None:
    (outside / "secret.jpg").write_bytes(picture(9))
    (outside / "more").mkdir()
    (folder / "out.jpg").symlink_to(outside / "secret.jpg")
    (folder / "dots.jpg").symlink_to("../secret.jpg")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "nowhere.jpg").symlink_to("/nowhere/at/all.jpg")
    (folder / "loop").symlink_to(folder)
    (folder / "out").symlink_to(outside / "more")
    (folder / "round.jpg").symlink_to("round.jpg")
    (folder / "inside.jpg").symlink_to("한글/c.jpg")
    files, left_out = listed(folder)
    assert set(files) == {
        "line 3/a.jpg", "line 3/b.jpg", "line 3/한글/c.jpg", "line 3/inside.jpg"
    }  # fmt: skip
    assert local_path(files["line 3/inside.jpg"].url) == folder / "한글" / "c.jpg"
    away = "sources.refused.link_outside"
    assert left_out.pop("line 3/round.jpg") in (away, "sources.refused.unreadable")
    assert left_out == {
        "line 3/out.jpg": away,
        "line 3/dots.jpg": away,
        "line 3/passwd": away,
        "line 3/nowhere.jpg": away,
        "line 3/loop": away,
        "line 3/out": away,
    }


def test_what_is_no_file_is_left_out_and_nothing_waits_for_it(database: Path, folder: Path) -> None:
    os.mkfifo(folder / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(folder)  # the address of a socket may have a hundred bytes only
        try:
            server.bind("socket.jpg")
        finally:
            os.chdir(here)
        _, left_out = listed(folder)
    special = "sources.refused.special"
    assert left_out == {"line 3/pipe.jpg": special, "line 3/socket.jpg": special}


def test_a_folder_that_cannot_be_read_is_named(
    database: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    def closed(path: str | Path) -> object:
        if Path(path).name == "한글":
            raise PermissionError(13, "Permission denied")
        return real(path)

    # Whoever runs the tests may be allowed everything.
    monkeypatch.setattr(os, "scandir", closed)
    files, left_out = listed(folder)
    assert left_out == {"line 3/한글": "sources.refused.folder"}
    assert len(files) == 2


def test_hidden_files_are_passed_over(database: Path, folder: Path) -> None:
    for name in (".hidden.jpg", "._a.jpg", "Thumbs.db", ".DS_Store"):
        (folder / name).write_bytes(b"x")
    for name in (".snapshot", "@eaDir", "$RECYCLE.BIN"):
        (folder / name).mkdir()
        (folder / name / "a.jpg").write_bytes(picture(1))
    assert len(listed(folder)[0]) == 3


@pytest.mark.parametrize(
    "name", [LONGEST, "tab\tand\nline.jpg", "=cmd('calc')!A0.jpg", "%2e%2e?x#y.jpg", "a\\b.jpg"]
)
def test_any_name_is_taken_in(take_in: TakeIn, outside: Path, name: str) -> None:
    (outside / name).write_bytes(picture(1))
    report = take_in(outside)
    assert (report.accepted, report.refused) == (1, 0)


def test_names_that_are_no_text_are_taken_in(take_in: TakeIn, outside: Path) -> None:
    Path(os.fsdecode(os.fsencode(outside) + b"/\xff\xfe.jpg")).write_bytes(picture(1))
    Path(os.fsdecode(os.fsencode(outside) + b"/\xff\xfd.jpg")).write_bytes(picture(2))
    report = take_in(outside)
    assert (report.accepted, report.refused) == (2, 0)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("", "sources.no_path"),
        ("  ", "sources.no_path"),
        ("a\0b", "sources.no_path"),
        ("line3", "sources.not_absolute"),
        ("../up", "sources.not_absolute"),
        ("https://example.com/x", "sources.other_protocol"),
        ("simplecache::s3://b/x", "sources.other_protocol"),
        ("s3://", "sources.no_bucket"),
        ("s3://bucket/../other", "sources.no_bucket"),
        ("s3://bu cket", "sources.no_bucket"),
    ],
)
def test_what_is_no_place_is_told(database: Path, written: str, key: str) -> None:
    with pytest.raises(UserError) as error:
        parse_place(written)
    assert error.value.key == key


def test_places_are_written_in_one_way(database: Path, folder: Path) -> None:
    assert parse_place(f" {folder}/../{folder.name}// ").url == file_url(folder)
    assert parse_place(file_url(folder)).path == folder
    assert parse_place("s3://bucket//a/b/").url == "s3://bucket/a/b"


def test_only_what_the_settings_allow(
    database: Path, folder: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAG_SOURCE_ROOTS", f'["{folder}", "s3://bucket/pre"]')
    settings.cache_clear()
    (folder / "door").symlink_to(outside)
    for allowed in (folder, folder / "한글", "s3://bucket/pre", "s3://bucket/pre/x"):
        require_permitted(parse_place(str(allowed)))
    for closed in (
        outside, f"{folder}x", folder / "door" / "x", folder / ".." / "x", "/", "/etc",
        "s3://bucket", "s3://bucket/prefix", "s3://other/pre",
    ):  # fmt: skip
        with pytest.raises(UserError) as error:
            require_permitted(parse_place(str(closed)))
        assert error.value.key == "sources.not_permitted"


def test_a_server_for_others_is_closed_unless_somebody_opens_it(
    database: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_permitted(parse_place(str(folder)))
    monkeypatch.setenv("DATAG_ALLOWED_HOSTS", '["datag.example", "localhost"]')
    settings.cache_clear()
    for place in (str(folder), "s3://bucket"):
        with pytest.raises(UserError):
            require_permitted(parse_place(place))


def test_own_data_are_no_source(database: Path, folder: Path) -> None:
    (database / "media").mkdir()
    (database / "media" / "of DATAG itself.jpg").write_bytes(picture(1))
    with pytest.raises(UserError) as error:
        require_permitted(parse_place(str(database / "media")))
    assert error.value.key == "sources.own_data"
    files, _ = listed(database.parent)
    assert not any("of DATAG itself" in name for name in files)


def test_a_look_counts_and_names(database: Path, folder: Path) -> None:
    (folder / "out.jpg").symlink_to("/etc/passwd")
    seen = preview(parse_place(str(folder)), recursive=True)
    assert (seen.files, seen.left_out_count, seen.complete) == (3, 1, True)
    assert seen.bytes == sum(len(picture(n)) for n in (1, 2, 3))
    assert seen.names[0] == "line 3/a.jpg"
    assert seen.left_out == [("line 3/out.jpg", "A link that leads out of the folder.")]
    assert not preview(parse_place(str(folder)), recursive=True, seconds=0.0).complete
