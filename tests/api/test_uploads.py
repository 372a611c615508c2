"""Uploading over HTTP: whole files, repeats, refusals, and other people's tokens."""

import sqlite3
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.gate import CHANGE_HEADER
from core.accounts.access import Viewer
from core.ingest.uploads import begin_upload, open_upload
from core.projects.store import create_project
from core.projects.tables import Project
from core.settings import settings


@pytest.fixture
def project(viewer: Viewer) -> Project:
    return create_project(viewer, "P", "mobilenet_v2")


def begin(client: TestClient, project: Project) -> str:
    answer = client.post("/api/uploads", json={"project_id": project.id, "files": 2, "bytes": 9})
    assert answer.status_code == 200
    return str(answer.json()["upload"])


def test_files_arrive_whole_and_become_a_batch(
    client: TestClient, project: Project, database: Path
) -> None:
    token = begin(client, project)
    large = bytes(range(256)) * 20_000
    url = f"/api/uploads/{token}/files"
    assert client.put(f"{url}/0?name=a/%ED%95%9C.jpg", content=large).json() == {"bytes": 5120000}
    assert client.put(f"{url}/1?name=b.jpg", content=b"").json() == {"bytes": 0}
    upload = open_upload(token)
    assert [(f.name, f.byte_size) for f in upload.files()] == [("a/한.jpg", 5120000), ("b.jpg", 0)]
    assert upload.file_path(0).read_bytes() == large
    failed = [{"name": "c.jpg", "error": "connection lost"}]
    first = client.post(f"/api/uploads/{token}/complete", json={"failed": failed})
    assert first.status_code == 200
    again = client.post(f"/api/uploads/{token}/complete", json={"failed": []})
    assert again.json() == first.json()
    assert list(upload.refused()) == [
        ("c.jpg", "ingest.refused.not_received", {"detail": "connection lost"})
    ]
    with sqlite3.connect(database / "datag.db") as connection:
        kinds = connection.execute("SELECT kind FROM job").fetchall()
    assert kinds == [("ingest",)]


def test_a_file_sent_again_replaces_the_first(client: TestClient, project: Project) -> None:
    token = begin(client, project)
    for content in (b"first", b"second"):
        client.put(f"/api/uploads/{token}/files/0?name=a.jpg", content=content)
    upload = open_upload(token)
    assert [f.byte_size for f in upload.files()] == [6]
    assert upload.file_path(0).read_bytes() == b"second"


def test_a_file_that_is_too_large_is_refused_and_not_kept(
    client: TestClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "max_file_bytes", 1000)
    token = begin(client, project)
    answer = client.put(f"/api/uploads/{token}/files/0?name=a.jpg", content=b"x" * 1001)
    assert answer.status_code == 413
    assert "DATAG_MAX_FILE_BYTES" in answer.json()["error"]
    assert sorted(p.name for p in open_upload(token).folder.iterdir()) == ["upload.json"]


def test_an_upload_can_be_thrown_away(client: TestClient, project: Project) -> None:
    token = begin(client, project)
    assert client.delete(f"/api/uploads/{token}").status_code == 200
    assert client.delete(f"/api/uploads/{token}").status_code == 404
    assert list(settings().uploads_dir.iterdir()) == []


def test_somebody_elses_upload_is_not_found(client: TestClient, project: Project) -> None:
    foreign = begin_upload(project.id or 0, 999, 0)
    for answer in (
        client.put(f"/api/uploads/{foreign.token}/files/0?name=a.jpg", content=b"x"),
        client.post(f"/api/uploads/{foreign.token}/complete", json={"failed": []}),
        client.delete(f"/api/uploads/{foreign.token}"),
    ):
        assert answer.status_code == 404
    assert list(foreign.files()) == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"project_id": "x"}', b'{"project_id": null}', b"\xff\xfe"]
)
def test_nonsense_is_answered_with_what_is_expected(
    client: TestClient, project: Project, body: bytes
) -> None:
    answer = client.post("/api/uploads", content=body)
    assert answer.status_code == 400
    assert "project_id" in answer.json()["error"]


def test_an_unknown_project(client: TestClient, project: Project) -> None:
    answer = client.post("/api/uploads", json={"project_id": 10**6, "bytes": 0})
    assert answer.status_code == 404


def test_another_sites_page_changes_nothing(stranger: TestClient, project: Project) -> None:
    assert CHANGE_HEADER not in stranger.headers
    answer = stranger.post("/api/uploads", json={"project_id": project.id, "bytes": 0})
    assert answer.status_code == 403
    assert not settings().uploads_dir.exists()
