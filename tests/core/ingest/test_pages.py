"""TIFF files of several pages: an image a page, once, also after a stop in the middle."""

import io
import tarfile

import numpy as np
import pytest
from sqlmodel import select

from core.analysis.tables import Quality
from core.database import reading
from core.ingest import run
from core.ingest.tables import BatchFile
from core.jobs import runner
from core.jobs.tables import Job, JobState
from core.media.decoding import decode
from core.media.originals import original_of, read_original
from core.media.tables import Image
from core.settings import settings
from tests.core.ingest.conftest import Drop, picture, zip_of
from tests.core.media.tiffs import tiff


def pages(number: int, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 255, (12, 16, 3), dtype=np.uint8) for _ in range(number)]


def images() -> dict[str, Image]:
    with reading() as session:
        return {image.name: image for image in session.exec(select(Image).order_by(Image.name))}


def outcomes() -> dict[str, str]:
    with reading() as session:
        return {file.path: file.reason or file.outcome for file in session.exec(select(BatchFile))}


def test_every_page_is_an_image_with_its_own_pixels(drop: Drop) -> None:
    scan = pages(3)
    _batch, job = drop({"line 3/scan.tif": tiff(*scan), "b.jpg": picture(1)})
    assert job.state == JobState.DONE
    found = images()
    assert list(found) == ["b.jpg", *(f"line 3/scan#{n}.tif" for n in (1, 2, 3))]
    for number, pixels in enumerate(scan, 1):
        original = read_original(original_of(found[f"line 3/scan#{number}.tif"]))
        np.testing.assert_array_equal(decode(original, 16).pixels, pixels)
    assert (job.done, job.total) == (4, 4)
    assert list(settings().uploads_dir.iterdir()) == []


def test_one_page_is_the_file_itself(drop: Drop) -> None:
    data = tiff(pages(1)[0])
    drop({"scan.tif": data})
    assert read_original(original_of(images()["scan.tif"])) == data


def test_inside_archives_and_under_any_name(drop: Drop) -> None:
    data = tiff(*pages(2))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        info = tarfile.TarInfo("x/two.dat")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    drop({"s.zip": zip_of({"scan": tiff(*pages(2, 1)), "in.tgz": packed.getvalue()})})
    assert list(images()) == [
        "s.zip/in.tgz/x/two#1.dat", "s.zip/in.tgz/x/two#2.dat", "s.zip/scan#1", "s.zip/scan#2",
    ]  # fmt: skip


def test_a_file_that_is_called_like_a_page(drop: Drop) -> None:
    drop({"a.tif": tiff(*pages(2)), "a#1.tif": tiff(pages(1, 1)[0])})
    assert list(images()) == ["a#1.tif", "a#1.tif (2)", "a#2.tif"]


def test_the_same_pages_again_are_already_there(drop: Drop) -> None:
    drop({"a.tif": tiff(*pages(3))})
    drop({"again.tif": tiff(*pages(3))})
    assert len(images()) == 3
    assert [outcomes()[f"again#{n}.tif"] for n in (1, 2, 3)] == ["duplicate"] * 3


def test_too_many_pages_and_a_broken_page(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "max_pages", 3)
    broken = {1: [(273, 4, [10**9])]}
    drop({"many.tif": tiff(*pages(4)), "torn.tif": tiff(*pages(3, 1), more_of=broken)})
    assert outcomes() == {
        "many.tif": "ingest.refused.too_many_pages",
        "torn#1.tif": "accepted",
        "torn#2.tif": "ingest.refused.broken",
        "torn#3.tif": "accepted",
    }


def test_going_on_in_the_middle_of_a_file(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "batch_size", 4)
    monkeypatch.setattr(run, "_STORE_EVERY", 0)
    real, calls = run._store, 0

    def fail_after_two(*args: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise RuntimeError("the machine went away")
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "_store", fail_after_two)
    _batch, job = drop({"scan.tif": tiff(*pages(21)), "z.jpg": picture(1)})
    assert (job.state, len(images())) == (JobState.FAILED, 8)
    monkeypatch.setattr(run, "_store", real)
    runner.run(job.id, {"ingest": run.run_ingest})
    assert sorted(images()) == sorted(["z.jpg", *(f"scan#{n}.tif" for n in range(1, 22))])
    with reading() as session:
        job = session.get_one(Job, job.id)
        assert (job.state, job.done, job.total) == (JobState.DONE, 22, 22)
        assert len(session.exec(select(Quality.image_id)).all()) == 22


def test_mapped_values_stand_with_the_image(drop: Drop) -> None:
    grey = np.full((10, 10), 700, np.uint16)
    grey[5:] = 900
    drop({"a.tif": tiff(grey), "b.jpg": picture(1)})
    assert images()["a.tif"].tones == {"type": "uint16", "low": 700.0, "high": 900.0}
    assert images()["b.jpg"].tones is None
