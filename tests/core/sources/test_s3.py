"""A bucket as a source, on a real S3 server that the test starts."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from core.accounts.access import Viewer
from core.database import reading
from core.errors import UserError
from core.jobs.tables import JobState
from core.media import store, thumbnails
from core.media.originals import original_of, read_original
from core.media.origins import Unavailable, Unreachable
from core.media.places import parse_place
from core.media.tables import Image
from core.settings import settings
from core.sources.listing import Found, list_source
from core.sources.preview import preview
from tests.core.ingest.conftest import picture, zip_of
from tests.core.sources.conftest import Begin, TakeIn, run_jobs
from tests.core.sources.s3 import s3_server


@pytest.fixture
def bucket(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of a server that has the bucket `line`, with pictures below `day/`."""
    with s3_server(monkeypatch) as (_, client):
        client.create_bucket(Bucket="line")  # type: ignore[attr-defined]
        for number, key in enumerate(("day/a.jpg", "day/b c.jpg", "day/한글/c#?.jpg", "other.jpg")):
            put(client, key, picture(number))
        yield client


def put(client: Any, key: str, data: bytes) -> None:
    client.put_object(Bucket="line", Key=key, Body=data)


def names(path: str, recursive: bool = True) -> list[str]:
    return [e.name for e in list_source(parse_place(path), recursive) if isinstance(e, Found)]


def image(name: str) -> Image:
    with reading() as session:
        return session.exec(select(Image).where(Image.name == name)).one()


def test_what_is_below_a_prefix(bucket: Any) -> None:
    assert names("s3://line/day") == ["day/a.jpg", "day/b c.jpg", "day/한글/c#?.jpg"]
    assert names("s3://line/day", recursive=False) == ["day/a.jpg", "day/b c.jpg"]
    assert names("s3://line/day/a.jpg") == ["a.jpg"]
    assert len(names("s3://line")) == 4
    assert preview(parse_place("s3://line/day"), True).files == 3


@pytest.mark.parametrize(
    "path", ["s3://no-such-bucket", "s3://no-such-bucket/day", "s3://line/dya"]
)
def test_a_name_with_nothing_behind_it_is_told_as_such(bucket: Any, path: str) -> None:
    with pytest.raises(Unavailable) as refused:
        preview(parse_place(path), True)
    assert str(refused.value).startswith(f"There is no bucket, folder or file {path}.")


def test_more_than_a_page_of_objects(bucket: Any) -> None:
    for number in range(1005):
        put(bucket, f"many/{number:04d}.txt", b"x")
    assert names("s3://line/many") == [f"many/{number:04d}.txt" for number in range(1005)]


@pytest.mark.parametrize("in_place", [True, False])
def test_a_bucket_taken_in(take_in: TakeIn, bucket: Any, in_place: bool) -> None:
    put(bucket, "day/labels.csv", b"filename,shift\na.jpg,night\n")
    put(bucket, "day/set.zip", zip_of({"z.jpg": picture(8)}))
    put(bucket, "day/text.jpg", b"no picture")
    report = take_in("s3://line/day", in_place=in_place)
    assert (report.accepted, report.applied, report.refused) == (4, 1, 1)
    found = image("day/한글/c#?.jpg")
    assert found.origin == ("s3://line/day/한글/c#?.jpg" if in_place else None)
    assert read_original(original_of(found)) == picture(2)
    assert image("day/a.jpg").attributes == {"shift": "night"}
    kept = store.local_path(found.content_hash)
    assert kept is not None and kept.exists() != in_place


def test_a_vanished_and_a_changed_object(take_in: TakeIn, bucket: Any) -> None:
    take_in("s3://line/day")
    bucket.delete_object(Bucket="line", Key="day/a.jpg")
    put(bucket, "day/b c.jpg", picture(7))
    with pytest.raises(Unavailable, match=r"s3://line/day/a\.jpg any more"):
        read_original(original_of(image("day/a.jpg")))
    with pytest.raises(Unavailable, match="not the file that was analysed"):
        read_original(original_of(image("day/b c.jpg")))
    assert thumbnails.ensure(original_of(image("day/a.jpg")))
    again = take_in("s3://line/day")
    assert (again.accepted, again.duplicates) == (1, 1)


def test_no_bucket_and_no_server_are_told(
    bucket: Any, viewer: Viewer, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserError, match="s3://nowhere"):
        begin("s3://nowhere/x")
    with pytest.raises(UserError, match="s3://line/nothing"):
        begin("s3://line/nothing")
    batch = begin("s3://line/day")
    monkeypatch.setenv("DATAG_S3_ENDPOINT_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    began = time.monotonic()
    job = run_jobs(batch)
    assert (job.state, job.error) == (JobState.FAILED, "sources.s3_failed")
    assert time.monotonic() - began < 60
    with pytest.raises(Unreachable):
        preview(parse_place("s3://line/day"), True)


def test_originals_may_be_kept_in_a_bucket(
    take_in: TakeIn, bucket: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.create_bucket(Bucket="store")
    monkeypatch.setenv("DATAG_MEDIA_URL", "s3://store/media")
    settings.cache_clear()
    store._filesystem.cache_clear()
    report = take_in(folder, in_place=False)
    assert report.accepted == 3
    kept = bucket.list_objects_v2(Bucket="store", Prefix="media/")["Contents"]
    assert len(kept) == 3
    assert read_original(original_of(image("line 3/a.jpg"))) == picture(1)
