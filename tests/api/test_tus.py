"""The tus protocol: each rule of it by hand, and all of it with a client that others wrote."""

import base64
import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from tusclient.client import TusClient

from api import tus, uploads
from api.gate import CHANGE_HEADER, Gate
from core.accounts.access import Viewer
from core.ingest.incoming import begin_file
from core.ingest.unfinished import arrived_files
from core.ingest.uploads import Upload, begin_upload
from core.settings import settings
from tests.api.conftest import OCTETS, tus_headers


@pytest.fixture
def upload(viewer: Viewer) -> Upload:
    return begin_upload(1, viewer.user_id, 0, resumable=True)


@pytest.fixture
def url(upload: Upload) -> str:
    return f"/api/uploads/{upload.token}/files"


def create(client: TestClient, url: str, size: int, **metadata: str) -> str:
    headers = {**tus_headers(**metadata), "Upload-Length": str(size)}
    answer = client.post(url, headers=headers)
    assert (answer.status_code, answer.headers["Tus-Resumable"]) == (201, "1.0.0")
    return str(answer.headers["Location"])


def patch(client: TestClient, place: str, offset: int, content: bytes, **headers: str):  # type: ignore[no-untyped-def]
    own = {**tus_headers(), "Upload-Offset": str(offset), "Content-Type": OCTETS}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.patch(place, content=content, headers={**own, **names})


def offset(client: TestClient, place: str) -> tuple[str, str]:
    answer = client.head(place, headers=tus_headers())
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    return answer.headers["Upload-Offset"], answer.headers["Upload-Length"]


def test_the_server_says_what_it_can_do(client: TestClient, url: str) -> None:
    answer = client.options(url)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation", "creation-with-upload", "termination", "checksum", "expiration",
    }  # fmt: skip
    assert answer.headers["Tus-Max-Size"] == str(settings().max_file_bytes)


def test_a_file_in_pieces(client: TestClient, url: str, upload: Upload) -> None:
    place = create(client, url, 10, filename="밤/긁힘.jpg", index="4", modified="1700000000123")
    assert place == f"{url}/4" and offset(client, place) == ("0", "10")
    first = patch(client, place, 0, b"01234")
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "5")
    assert first.headers["Upload-Expires"].endswith("GMT")
    assert offset(client, place) == ("5", "10")
    assert list(upload.files()) == []
    last = patch(client, place, 5, b"56789")
    assert last.headers["Upload-Offset"] == "10" and "Upload-Expires" not in last.headers
    assert offset(client, place) == ("10", "10")
    (file,) = upload.files()
    assert (file.index, file.name, file.modified) == (4, "밤/긁힘.jpg", 1700000000123)
    assert file.path.read_bytes() == b"0123456789"
    assert sorted(p.name for p in upload.folder.iterdir()) == [
        "00000004", "files.jsonl", "upload.json",
    ]  # fmt: skip


def test_a_part_of_a_file_may_come_with_its_beginning(client: TestClient, url: str) -> None:
    headers = {**tus_headers(filename="a"), "Upload-Length": "6", "Content-Type": OCTETS}
    answer = client.post(url, headers=headers, content=b"abc")
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "3")
    place = answer.headers["Location"]
    assert patch(client, place, 3, b"def").headers["Upload-Offset"] == "6"


def test_files_without_a_number_get_the_next_one(client: TestClient, url: str) -> None:
    assert create(client, url, 3, filename="a") == f"{url}/0"
    assert create(client, url, 0, filename="empty") == f"{url}/1"
    assert create(client, url, 3) == f"{url}/2"


def test_a_file_sent_again_replaces_the_first(client: TestClient, url: str, upload: Upload) -> None:
    for content in (b"first", b"second"):
        place = create(client, url, len(content), filename="a", index="0")
        patch(client, place, 0, content)
    assert [file.byte_size for file in upload.files()] == [6]
    assert upload.file_path(0).read_bytes() == b"second"


@pytest.mark.parametrize(("at", "status"), [(0, 409), (7, 409), (5, 204)])
def test_only_the_next_piece_is_taken(client: TestClient, url: str, at: int, status: int) -> None:
    place = create(client, url, 10, filename="a")
    patch(client, place, 0, b"01234")
    assert patch(client, place, at, b"56").status_code == status
    assert offset(client, place) == (("7", "10") if status == 204 else ("5", "10"))


def test_no_more_than_was_announced(client: TestClient, url: str) -> None:
    place = create(client, url, 4, filename="a")
    assert patch(client, place, 0, b"01234").status_code == 413
    headers = {**tus_headers(filename="b"), "Upload-Length": "3", "Content-Type": OCTETS}
    assert client.post(url, headers=headers, content=b"0123").status_code == 413


def test_a_damaged_piece_is_not_kept(client: TestClient, url: str) -> None:
    place = create(client, url, 3, filename="a")

    def checksum(algorithm: str, content: bytes) -> str:
        digest = hashlib.new(algorithm, content).digest()
        return f"{algorithm} {base64.b64encode(digest).decode()}"

    damaged = patch(client, place, 0, b"abx", Upload_Checksum=checksum("sha1", b"abc"))
    assert damaged.status_code == 460 and offset(client, place) == ("0", "3")
    assert patch(client, place, 0, b"a", Upload_Checksum="crc32 AAAA").status_code == 400
    assert patch(client, place, 0, b"a", Upload_Checksum="sha1 %").status_code == 400
    whole = patch(client, place, 0, b"abc", Upload_Checksum=checksum("sha256", b"abc"))
    assert whole.status_code == 204


def test_terminated_files_are_gone(client: TestClient, url: str, upload: Upload) -> None:
    place = create(client, url, 3, filename="a")
    assert client.delete(place, headers=tus_headers()).status_code == 204
    assert client.head(place, headers=tus_headers()).status_code == 404
    assert patch(client, place, 0, b"abc").status_code == 404
    assert [path.name for path in upload.folder.iterdir()] == ["upload.json"]


def test_other_versions_and_nonsense_are_turned_down(client: TestClient, url: str) -> None:
    assert client.post(url, headers={"Upload-Length": "3"}).status_code == 412
    place = create(client, url, 3, filename="a")
    for headers in (
        {},
        {"Upload-Length": "-1"},
        {"Upload-Length": "9" * 30},
        {"Upload-Length": "x"},
        {"Upload-Length": "1", "Upload-Metadata": "filename %%%"},
        {"Upload-Length": "1", **tus_headers(index="-3")},
        {"Upload-Length": "1", **tus_headers(index="99999999999")},
    ):
        assert client.post(url, headers={**tus_headers(), **headers}).status_code == 400, headers
    own = {**tus_headers(), "Upload-Offset": "0"}
    assert client.patch(place, content=b"a", headers=own).status_code == 415
    assert client.head(f"{url}/77", headers=tus_headers()).status_code == 404


def test_too_large_a_file_is_named_in_the_visitors_language(
    client: TestClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "max_file_bytes", 1000)
    headers = {**tus_headers(filename="a"), "Upload-Length": "1001"}
    for language, word in (("ko-KR,ko;q=0.9", "큽니다"), ("fr, en", "Larger"), ("", "Larger")):
        answer = client.post(url, headers={**headers, "Accept-Language": language})
        assert answer.status_code == 413 and word in answer.json()["error"]


def test_a_disk_without_room_is_told_at_once(client: TestClient, url: str) -> None:
    headers = {**tus_headers(filename="a"), "Upload-Length": str(10**15)}
    settings().max_file_bytes = 10**16
    answer = client.post(url, headers=headers)
    assert answer.status_code == 507 and "GB" in answer.json()["error"]


@given(st.binary(max_size=200), st.lists(st.integers(0, 60), max_size=8))
def test_any_way_of_cutting_gives_the_file(content: bytes, cuts: list[int]) -> None:
    buffer = bytearray()
    written = bytearray()

    def write(view: memoryview) -> int:  # takes less than it is given
        part = view[: cuts.pop() + 1 if cuts else 200]
        written.extend(part)
        return len(part)

    buffer += content
    tus._write_all(write, buffer)
    assert (bytes(written), bytes(buffer)) == (content, b"")


def test_what_is_known_of_a_file_outlives_the_server(upload: Upload) -> None:
    begun = begin_file(upload, "a.zip", 9, modified=5)
    begun.save()
    begun.path.write_bytes(b"1234")
    (arrived,) = arrived_files(upload)
    assert (arrived.name, arrived.bytes, arrived.modified, arrived.offset) == ("a.zip", 9, 5, 4)
    # Killed between the two steps that make a file whole.
    begun.path.write_bytes(b"123456789")
    begun.path.replace(upload.file_path(0))
    (arrived,) = arrived_files(upload)
    assert arrived.offset == 9 and [file.name for file in upload.files()] == ["a.zip"]


@pytest.fixture
def live(upload: Upload) -> Iterator[str]:
    """The upload's address on a real server."""
    app = Starlette(routes=uploads.ROUTES, middleware=[Middleware(Gate)])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/api/uploads/{upload.token}/files"
    server.should_exit = True
    thread.join()


def test_another_ones_client_uploads_in_pieces_and_goes_on(
    live: str, upload: Upload, tmp_path: Path
) -> None:
    content = os.urandom(700_000)
    path = tmp_path / "source.bin"
    path.write_bytes(content)
    client = TusClient(live, headers={CHANGE_HEADER: "1"})
    first = client.uploader(str(path), chunk_size=200_000, metadata={"filename": "선반/a.bin"})
    first.upload_chunk()
    (part,) = arrived_files(upload)
    assert part.offset == 200_000
    second = client.uploader(str(path), chunk_size=300_000, url=first.url)
    assert second.offset == 200_000
    second.upload()
    (file,) = upload.files()
    assert (file.name, file.path.read_bytes()) == ("선반/a.bin", content)
    checked = client.uploader(
        str(path), chunk_size=400_000, metadata={"filename": "b"}, upload_checksum=True
    )
    checked.upload()
    assert [f.byte_size for f in upload.files()] == [700_000, 700_000]


def test_a_broken_connection_leaves_what_arrived_and_a_new_one_takes_over(
    live: str, upload: Upload
) -> None:
    content = os.urandom(3_000_000)
    incoming = begin_file(upload, "a.bin", len(content), index=0)
    incoming.save()
    host, port = live.split("/")[2].split(":")

    def open_patch(at: int) -> socket.socket:
        connection = socket.create_connection((host, int(port)))
        head = f"PATCH /api/uploads/{upload.token}/files/0 HTTP/1.1\r\nHost: {host}\r\n"
        head += f"{CHANGE_HEADER}: 1\r\nTus-Resumable: 1.0.0\r\nContent-Type: {OCTETS}\r\n"
        head += f"Upload-Offset: {at}\r\nContent-Length: {len(content) - at}\r\n\r\n"
        connection.sendall(head.encode() + content[at : at + 1_200_000])
        return connection

    broken = open_patch(0)
    until(lambda: incoming.offset > 0)
    broken.close()
    until(lambda: not tus._writers)  # the server has noticed
    at = incoming.offset
    assert 0 < at <= 1_200_000
    # This one hangs: its sender is gone without a word, and the server waits for more.
    hanging = open_patch(at)
    until(lambda: incoming.offset > at)
    rest = TusClient(f"http://{host}:{port}", headers={CHANGE_HEADER: "1"})
    path = upload.folder.parent / "rest.bin"
    path.write_bytes(content)
    rest.uploader(str(path), url=f"{live}/0", chunk_size=10**7).upload()
    hanging.close()
    assert upload.file_path(0).read_bytes() == content


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)
