"""The command line as a person runs it: a process of its own, its exit code, what it leaves."""

import csv
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.settings import ROOT
from tests.core.ingest.conftest import picture, zip_of
from tests.core.sources.s3 import s3_server

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    line = tmp_path / "line 3"
    (line / "한글").mkdir(parents=True)
    (line / "b.jpg").write_bytes(picture(1))
    (line / "한글" / "a.jpg").write_bytes(picture(2))
    (line / "Thumbs.db").write_bytes(b"x")
    (line / "set.zip").write_bytes(zip_of({"c.jpg": picture(3)}))
    return line


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    data = {"DATAG_DATA_DIR": str(tmp_path / "data"), "PIP_NO_INDEX": "1"}
    return {**os.environ, **data, "PYTHONPATH": str(ROOT), "DATAG_WATCH_SECONDS": "0.5"}


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Run:
    """Run a command beside the folder and wait for its end."""

    def done(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "datag", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return done


def rows(tmp_path: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(tmp_path / "data" / "datag.db") as connection:
        return connection.execute(sql).fetchall()


def names(tmp_path: Path) -> list[object]:
    return [row[0] for row in rows(tmp_path, "SELECT name FROM image ORDER BY name")]


def test_a_folder_and_what_was_refused(tmp_path: Path, folder: Path, run: Run) -> None:
    ended = run("ingest", "line 3", "--project", "Line 3")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "3 taken in, 0 there already, 0 refused"
    assert "could not be fetched" in ended.stderr
    assert names(tmp_path) == ["line 3/b.jpg", "line 3/set.zip/c.jpg", "line 3/한글/a.jpg"]
    (folder / "link.jpg").symlink_to("/etc/passwd")
    (folder / "=text.jpg").write_text("no picture")
    again = run("ingest", "line 3", "--project", "Line 3", "--refused", "refused.csv")
    assert again.returncode == 3
    assert again.stdout.splitlines()[-1] == "0 taken in, 3 there already, 2 refused"
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        written = list(csv.reader(file))
    assert written[0] == ["File", "Reason"]
    assert [row[0] for row in written[1:]] == ["line 3/=text.jpg", "line 3/link.jpg"]


def test_a_zip_one_picture_and_originals_in_place(tmp_path: Path, folder: Path, run: Run) -> None:
    assert run("ingest", "line 3/set.zip", "--project", "P").returncode == 0
    assert run("ingest", "line 3/b.jpg", "--project", "P", "--in-place").returncode == 0
    found = dict(rows(tmp_path, "SELECT name, origin FROM image"))  # type: ignore[arg-type]
    assert found == {"set.zip/c.jpg": None, "b.jpg": (folder / "b.jpg").as_uri()}
    flat = run("ingest", "line 3", "--project", "Flat", "--no-subfolders", "--in-place")
    assert flat.stdout.splitlines()[-1].startswith("2 taken in")


def test_what_cannot_be_done_fails_and_says_why(tmp_path: Path, run: Run) -> None:
    ended = run("ingest", "nowhere", "--project", "P")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert str(tmp_path / "nowhere") in ended.stderr
    assert rows(tmp_path, "SELECT name FROM project") == []
    assert run("ingest", "http://x/y", "--project", "P").returncode == 1
    assert run("ingest", "x").returncode == 2
    assert run("unwatch", "x", "--project", "P").returncode == 1


def test_a_bucket(
    tmp_path: Path, run: Run, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_server(monkeypatch) as (url, client):
        client.create_bucket(Bucket="line")  # type: ignore[attr-defined]
        for number in range(3):
            body = picture(number)
            client.put_object(Bucket="line", Key=f"day/{number}.jpg", Body=body)  # type: ignore[attr-defined]
        keys = {"DATAG_S3_ACCESS_KEY": "key", "DATAG_S3_SECRET_KEY": "secret"}
        environment.update(keys | {"DATAG_S3_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1"})
        ended = run("ingest", "s3://line/day", "--project", "P")
    assert ended.returncode == 0, ended.stderr
    assert names(tmp_path) == ["day/0.jpg", "day/1.jpg", "day/2.jpg"]


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def begin(environment: dict[str, str], tmp_path: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "datag", *arguments],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that run in the background hand on that Ctrl+C is to be ignored.
        preexec_fn=_heed_interrupts,
    )


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_and_gone_on_with(
    tmp_path: Path, run: Run, environment: dict[str, str], number: signal.Signals
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(600):
        (folder / f"{n:04d}.jpg").write_bytes(picture(n, (64, 48)))
    environment["DATAG_DECODE_THREADS"] = "1"
    process = begin(environment, tmp_path, "ingest", "many", "--project", "P")
    assert process.stdout is not None
    assert process.stdout.readline()  # it has begun
    process.send_signal(number)
    _, told = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "the same command goes on" in told
    states = {row[0] for row in rows(tmp_path, "SELECT state FROM job WHERE kind != 'scores'")}
    assert states <= {"cancelled", "done"}
    # On a busy machine the worker may have come to the end before it was told to stop.
    [(finished,)] = rows(tmp_path, "SELECT count(finished_at) FROM batch")
    ended = run("ingest", "many", "--project", "P")
    assert ended.returncode == 0
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT content_hash) FROM image") == [
        (600, 600)
    ]
    assert rows(tmp_path, "SELECT count(*) FROM batch") == [(1 + finished,)]


def test_watching_until_interrupted(tmp_path: Path, run: Run, environment: dict[str, str]) -> None:
    folder = tmp_path / "camera"
    folder.mkdir()
    process = begin(environment, tmp_path, "ingest", "camera", "--project", "P", "--watch")
    assert process.stdout is not None
    while "Watching" not in process.stdout.readline():
        pass
    (folder / "a.jpg").write_bytes(picture(1))
    until(lambda: names(tmp_path) == ["camera/a.jpg"])
    while "1 taken in" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=300)
    assert process.returncode == 130
    assert "stays watched" in told
    assert run("unwatch", "camera", "--project", "P").returncode == 0
    assert rows(tmp_path, "SELECT watch FROM source") == [("ended",)]
    assert run("unwatch", "camera", "--project", "P").returncode == 1
