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
from tests.api.conftest import OCTETS, tus_headers


@pytest.fixture
def project(viewer: Viewer) -> Project:
    return create_project(viewer, "P", "mobilenet_v2")


def begin(client: TestClient, project: Project) -> str:
    answer = client.post("/api/uploads", json={"project_id": project.id, "files": 2, "bytes": 9})
    assert answer.status_code == 200
    return str(answer.json()["upload"])


def send(client: TestClient, token: str, index: int, name: str, content: bytes) -> None:
    """Send a whole file with one request."""
    headers = tus_headers(filename=name, index=str(index))
    headers |= {"Upload-Length": str(len(content)), "Content-Type": OCTETS}
    answer = client.post(f"/api/uploads/{token}/files", content=content, headers=headers)
    assert answer.status_code == 201 and answer.headers["Upload-Offset"] == str(len(content))


def test_files_arrive_whole_and_become_a_batch(
    client: TestClient, project: Project, database: Path
) -> None:
    token = begin(client, project)
    large = bytes(range(256)) * 20_000
    send(client, token, 0, "a/한.jpg", large)
    send(client, token, 1, "b.jpg", b"")
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


def test_an_upload_can_be_thrown_away(client: TestClient, project: Project) -> None:
    token = begin(client, project)
    assert client.delete(f"/api/uploads/{token}").status_code == 200
    assert client.delete(f"/api/uploads/{token}").status_code == 404
    assert list(settings().uploads_dir.iterdir()) == []


def test_somebody_elses_upload_is_not_found(client: TestClient, project: Project) -> None:
    foreign = begin_upload(project.id or 0, 999, 0)
    for answer in (
        client.post(
            f"/api/uploads/{foreign.token}/files",
            headers={**tus_headers(filename="a.jpg"), "Upload-Length": "1"},
        ),
        client.get(f"/api/uploads/{foreign.token}/files"),
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
