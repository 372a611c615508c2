"""Pictures, rows, blobs and downloads over HTTP."""

import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from core.accounts.access import Viewer
from core.blobs import BlobStore, store
from core.curation.tags import add_tag
from core.database import reading
from core.formats.export import begin_export, run_export
from core.jobs import runner
from core.media import thumbnails
from core.media.originals import Original, read_original
from core.media.store import local_path
from core.media.tables import Image
from core.projects.store import delete_project
from core.projects.tables import Project
from tests.core.ingest.conftest import Drop, drop, no_registry, picture, project


@pytest.fixture
def image(client: TestClient, drop: Drop) -> Image:
    drop({"line 3/<b>a.jpg": picture(1, (640, 480))})
    with reading() as session:
        return session.exec(select(Image)).one()


def test_thumbnail_and_original(client: TestClient, image: Image) -> None:
    small = client.get(f"/api/images/{image.id}/thumbnail")
    assert small.headers["content-type"] == "image/jpeg"
    assert PIL.Image.open(io.BytesIO(small.content)).size == (256, 192)
    assert small.headers["cache-control"] == "private, max-age=31536000, immutable"
    tag = {"If-None-Match": small.headers["etag"]}
    again = client.get(f"/api/images/{image.id}/thumbnail", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    whole = client.get(f"/api/images/{image.id}/original")
    assert whole.content == picture(1, (640, 480))
    assert whole.headers["x-content-type-options"] == "nosniff"


def test_a_missing_thumbnail_is_made_again_and_a_missing_original_is_not_found(
    client: TestClient, image: Image
) -> None:
    thumbnails.remove([image.content_hash])
    assert client.get(f"/api/images/{image.id}/thumbnail").status_code == 200
    thumbnails.remove([image.content_hash])
    original = local_path(image.content_hash)
    assert original is not None
    original.unlink()
    assert client.get(f"/api/images/{image.id}/thumbnail").status_code == 404
    assert client.get(f"/api/images/{image.id}/original").status_code == 404


def test_a_format_that_browsers_lack_comes_as_jpeg(
    client: TestClient,
    drop: Drop,
) -> None:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (300, 200), "teal").save(buffer, "TIFF")
    drop({"a.tif": buffer.getvalue()})
    answer = client.get("/api/images/1/original")
    assert answer.headers["content-type"] == "image/jpeg"
    assert PIL.Image.open(io.BytesIO(answer.content)).size == (300, 200)


def test_what_the_models_saw_is_what_the_viewer_gets(client: TestClient, drop: Drop) -> None:
    grey = np.full((20, 30), 1000, np.uint16)
    grey[10:] = 3000  # a browser would show both as nearly black
    moving = io.BytesIO()
    frames = [PIL.Image.new("RGB", (30, 20), colour) for colour in ("red", "blue")]
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:], duration=20)
    deep = io.BytesIO()
    PIL.Image.fromarray(grey).save(deep, "PNG")
    drop({"deep.png": deep.getvalue(), "moving.gif": moving.getvalue()})
    with reading() as session:
        ids = dict(session.exec(select(Image.name, Image.id)).all())
        hashes = dict(session.exec(select(Image.name, Image.content_hash)).all())
    answer = client.get(f"/api/images/{ids['deep.png']}/original")
    assert answer.headers["content-type"] == "image/jpeg"
    shown = PIL.Image.open(io.BytesIO(answer.content))
    assert (shown.getpixel((5, 1))[0] < 10, shown.getpixel((5, 18))[0] > 245) == (True, True)
    answer = client.get(f"/api/images/{ids['moving.gif']}/original")
    shown = PIL.Image.open(io.BytesIO(answer.content))
    red, _, blue = shown.getpixel((5, 5))
    assert red > 200 and blue < 60
    assert read_original(Original(hashes["deep.png"])) == deep.getvalue()
    assert read_original(Original(hashes["moving.gif"])) == moving.getvalue()


def test_a_picture_longer_than_a_jpeg_can_be(client: TestClient, drop: Drop) -> None:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (70_000, 4), "teal").save(buffer, "TIFF", compression="packbits")
    drop({"long.tif": buffer.getvalue()})
    answer = client.get("/api/images/1/original")
    assert PIL.Image.open(io.BytesIO(answer.content)).size == (65_500, 4)
    assert client.get("/api/images/1/thumbnail").status_code == 200


def test_rows_say_what_a_tile_shows(
    client: TestClient,
    viewer: Viewer,
    project: Project,
    image: Image,
) -> None:
    add_tag(viewer, project.id or 0, "scratch", [image.id or 0])
    answer = client.post("/api/images/rows", json={"ids": [image.id, 999]})
    (row,) = answer.json()["rows"]
    assert (row["name"], row["path"]) == ("<b>a.jpg", "line 3/<b>a.jpg")
    assert (row["width"], row["height"], row["label"], row["boxes"]) == (640, 480, None, 0)
    assert [tag["name"] for tag in row["tags"]] == ["scratch"]
    assert client.get(f"/api/images/{image.id}/summary").json() == row
    assert client.get("/api/images/999/summary").status_code == 404


@pytest.mark.parametrize("body", [b"", b"{}", b'{"ids": 3}', b'{"ids": ["x"]}', b'{"ids": null}'])
def test_nonsense_ids(client: TestClient, body: bytes) -> None:
    assert client.post("/api/images/rows", content=body).status_code == 400


def test_images_of_a_deleted_project_are_out_of_reach(
    client: TestClient,
    viewer: Viewer,
    project: Project,
    image: Image,
) -> None:
    delete_project(viewer, project.id or 0)
    for part in ("thumbnail", "original", "summary"):
        assert client.get(f"/api/images/{image.id}/{part}").status_code == 404
    assert client.post("/api/images/rows", json={"ids": [image.id]}).json() == {"rows": []}


def test_blobs_are_for_the_one_they_were_made_for(client: TestClient, viewer: Viewer) -> None:
    own = store().put(b"\x00\x01\x02", viewer.user_id)
    foreign = store().put(b"secret", viewer.user_id + 1)
    answer = client.get(f"/api/blobs/{own}")
    assert answer.content == b"\x00\x01\x02"
    assert answer.headers["content-encoding"] == "identity"
    assert client.get(f"/api/blobs/{foreign}").status_code == 404
    assert client.get("/api/blobs/nonsense").status_code == 404


def test_blobs_that_nobody_asked_for_lately_make_room() -> None:
    blobs = BlobStore(capacity=10)
    first, second = blobs.put(b"12345", 1), blobs.put(b"67890", 1)
    assert blobs.get(first, 1) == b"12345"
    blobs.put(b"abcde", 1)
    assert blobs.get(first, 1) == b"12345"
    assert blobs.get(second, 1) is None


def test_a_download_exists_when_its_job_is_done(
    client: TestClient,
    viewer: Viewer,
    project: Project,
    image: Image,
    database: Path,
) -> None:
    job = begin_export(viewer, project.id or 0, [image.id or 0], "csv")
    assert client.get(f"/api/exports/{job.id}").status_code == 404
    runner.run(job.id, {"export": run_export})
    answer = client.get(f"/api/exports/{job.id}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbfimage_id,")
    assert client.get("/api/exports/nonsense").status_code == 404
