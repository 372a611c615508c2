"""Files that are there whole or not at all, and what killed processes leave of them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.atomic import atomic_path, clear_partials
from core.media import store
from core.settings import ROOT, settings

_KILLED_WHILE_WRITING = """
import os, signal
from pathlib import Path
from core.media import store
Path.write_bytes = lambda path, data: (path.touch(), os.kill(os.getpid(), signal.SIGKILL))
store.put("ab" + 62 * "0", b"picture")
"""


def test_a_target_is_replaced_only_by_the_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file"
    with atomic_path(target) as partial:
        partial.write_text("first")
    with pytest.raises(ZeroDivisionError), atomic_path(target, tmp_path / "beside") as partial:
        partial.write_text("second")
        assert partial.parent == tmp_path / "beside"
        raise ZeroDivisionError
    assert target.read_text() == "first"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [target]


def test_only_what_was_left_half_written_is_cleared(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "sub" / "file.npz") as partial:
        partial.write_text("whole")
        old, new = partial.with_name(f".a.{32 * '1'}"), partial.with_name(f".b.{32 * '2'}")
        for path in (old, new, tmp_path / ".hidden", tmp_path / f"c.{32 * '3'}"):
            path.write_text("x")
        os.utime(old, (time.time() - 100, time.time() - 100))
        assert clear_partials(tmp_path, seconds=60) == 1
        assert not old.exists() and new.exists() and partial.exists()
    assert clear_partials(tmp_path) == 1
    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {"file.npz", ".hidden", f"c.{32 * '3'}"}
    assert clear_partials(tmp_path / "nowhere") == 0


def test_what_a_killed_worker_wrote_of_an_original_goes_with_the_next_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATAG_DATA_DIR", str(settings().data_dir))
    ended = subprocess.run([sys.executable, "-c", _KILLED_WHILE_WRITING], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    media = settings().data_dir / "media"
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1
    store.clear_unfinished()
    assert [path for path in media.rglob("*") if path.is_file()] == []
