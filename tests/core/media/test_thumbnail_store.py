"""The file of all thumbnails: kept whole, found again, given back, by many at once."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.media import thumbnail_store
from core.settings import ROOT


def some(n: int, size: int = 9000, first: int = 0) -> dict[str, bytes]:
    contents = [number.to_bytes(4, "big") * (size // 4) for number in range(first, first + n)]
    return {hashlib.sha256(content).hexdigest(): content for content in contents}


def test_what_is_kept_is_found(database: Path) -> None:
    jpegs = some(5)
    thumbnail_store.put(jpegs)
    assert {key: thumbnail_store.get(key) for key in jpegs} == jpegs
    assert thumbnail_store.get("ab" * 32) is None
    assert thumbnail_store.content_hashes() == set(jpegs)


def test_looking_makes_no_file(database: Path) -> None:
    assert thumbnail_store.get("ab" * 32) is None
    thumbnail_store.remove(["ab" * 32])
    thumbnail_store.give_back()
    thumbnail_store.put({})
    assert thumbnail_store.content_hashes() == set()
    assert not thumbnail_store.file_path().parent.exists()


def test_the_first_one_stays(database: Path) -> None:
    thumbnail_store.put({"ab" * 32: b"first"})
    thumbnail_store.put({"ab" * 32: b"second", "cd" * 32: b"other"})
    assert thumbnail_store.get("ab" * 32) == b"first"
    assert thumbnail_store.get("cd" * 32) == b"other"


def test_the_room_of_removed_ones_goes_back_to_the_disk(database: Path) -> None:
    jpegs = some(1200)
    thumbnail_store.put(jpegs)
    thumbnail_store.give_back()
    whole = thumbnail_store.file_path().stat().st_size
    assert whole > sum(map(len, jpegs.values()))
    kept = dict(list(jpegs.items())[:100])
    thumbnail_store.remove([*(set(jpegs) - set(kept)), "ab" * 32])
    thumbnail_store.give_back()
    assert thumbnail_store.file_path().stat().st_size < whole / 8
    assert {key: thumbnail_store.get(key) for key in thumbnail_store.content_hashes()} == kept


def test_threads_begin_the_file_and_write_at_once(database: Path) -> None:
    parts = [some(20, first=20 * part) for part in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(thumbnail_store.put, parts))
    assert thumbnail_store.content_hashes() == {key for part in parts for key in part}


def test_processes_begin_the_file_and_write_at_once(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAG_DATA_DIR", str(database))
    writer = """
import sys
from core.media import thumbnail_store
from tests.core.media.test_thumbnail_store import some
for part in map(int, sys.argv[1:]):
    thumbnail_store.put(some(20, first=20 * part))
"""
    # Not a pool of multiprocessing: its children run the main module again, which is whatever page
    # was tested before.
    writers = [
        subprocess.Popen([sys.executable, "-c", writer, str(part), str(part + 4)], cwd=ROOT)
        for part in range(4)
    ]
    assert [process.wait() for process in writers] == [0, 0, 0, 0]
    assert len(thumbnail_store.content_hashes()) == 8 * 20


def test_a_killed_writer_leaves_whole_transactions(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAG_DATA_DIR", str(database))
    writer = """
from core.media import thumbnail_store
from tests.core.media.test_thumbnail_store import some
for part in range(10_000):
    thumbnail_store.put(some(20, first=20 * part))
    print(part, flush=True)
"""
    for after in (1, 7, 30):
        with subprocess.Popen(
            [sys.executable, "-c", writer], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(after)]
            process.kill()
        there = thumbnail_store.content_hashes()
        assert len(there) % 20 == 0
        known = {key for line in said for key in some(20, first=20 * int(line))}
        assert known <= there
    connection = sqlite3.connect(thumbnail_store.file_path())
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_file_that_is_none_is_told_by_its_name(database: Path) -> None:
    thumbnail_store.file_path().parent.mkdir()
    thumbnail_store.file_path().write_bytes(b"no database" * 1000)
    with pytest.raises(OSError, match=r"thumbnails\.db: file is not a database"):
        thumbnail_store.put(some(1))
    thumbnail_store.file_path().unlink()
    thumbnail_store.put(some(1))
    assert thumbnail_store.content_hashes() == set(some(1))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk"
)
def test_a_full_disk_keeps_what_was_there(database: Path) -> None:
    folder = thumbnail_store.file_path().parent
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=True)
    try:
        thumbnail_store.put(some(3))
        with pytest.raises(OSError, match="No space left on device"):
            for part in range(1, 60):
                thumbnail_store.put(some(20, first=20 * part))
        there = thumbnail_store.content_hashes()
        assert set(some(3)) <= there
        subprocess.run(["mount", "-o", "remount,size=16m", folder], check=True)
        thumbnail_store.put(some(20, first=5000))
        assert thumbnail_store.content_hashes() == there | set(some(20, first=5000))
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
