"""What people and machines really drop: every format, lying names, names of any script."""

import io
import zipfile
from pathlib import Path

import PIL.Image
import pytest
from sqlmodel import select

from core.accounts.access import Viewer
from core.database import reading
from core.formats.archive import write_zip
from core.ingest import archives
from core.ingest.run import run_ingest
from core.ingest.tables import Batch, BatchFile
from core.jobs import queue, runner
from core.jobs.context import Cancelled, JobContext
from core.jobs.tables import Job, JobState
from core.media import store, thumbnails
from core.media.originals import original_of
from core.media.renditions import viewable
from core.media.tables import Image
from core.projects.tables import Project
from core.settings import settings
from tests.core.ingest.conftest import Drop, picture, zip_of
from tests.core.media.corpus import corpus


def outcomes() -> dict[str, str]:
    with reading() as session:
        return {file.path: file.reason or file.outcome for file in session.exec(select(BatchFile))}


def encoded(size: tuple[int, int], format_: str) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", size, "teal").save(buffer, format_)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    """Every format and variant, and the smallest and the longest picture."""
    found = {n: d for n, d in corpus().items() if not n.startswith(("zip", "tar"))}
    found["one pixel"] = encoded((1, 1), "PNG")
    found["long"] = encoded((30_000, 200), "PNG")
    found["long jpeg"] = encoded((30_000, 200), "JPEG")
    return found


def test_every_format_is_taken_in_shown_and_given_back_untouched(
    viewer: Viewer, project: Project, drop: Drop, pictures: dict[str, bytes], tmp_path: Path
) -> None:
    drop(pictures)
    assert {n: o for n, o in outcomes().items() if o != "accepted"} == {}
    with reading() as session:
        images = session.exec(select(Image)).all()
    for image in images:
        kept = thumbnails.find(image.content_hash)
        assert kept is not None
        with PIL.Image.open(io.BytesIO(kept)) as small:
            assert max(small.size) == min(256, max(image.width, image.height))
        whole = PIL.Image.open(viewable(original_of(image), image.width * image.height))
        assert whole.size == (image.width, image.height)
    target = tmp_path / "out.zip"
    with reading() as session:
        write_zip(
            session, viewer, project, [image.id or 0 for image in images], store.open_original,
            target, "none", lambda *_: None, lambda: False,
        )  # fmt: skip
    with zipfile.ZipFile(target) as archive:
        kept = {archive.read(info) for info in archive.infolist() if info.filename != "images.csv"}
    one_page = {data for name, data in pictures.items() if "pages" not in name}
    assert one_page < kept
    assert len(kept - one_page) == len(images) - len(one_page)


def test_wrong_extensions_say_nothing(drop: Drop) -> None:
    jpeg, png = picture(1), encoded((9, 9), "PNG")
    behind = jpeg + zip_of({"inside.jpg": picture(2)})
    drop(
        {
            "a.png": jpeg, "b.jpg": png, "c.zip": picture(3), "d.exe": picture(4),
            "none": picture(5),
            "e.jpg": behind, "f.jpg": zip_of({"real.jpg": picture(6)}), "g.jpg": b"MZ\x90\0" * 30,
            "h.tar": picture(7),
        }
    )  # fmt: skip
    assert outcomes() == {
        "a.png": "accepted", "b.jpg": "accepted", "c.zip": "accepted", "d.exe": "accepted",
        "none": "accepted", "e.jpg": "accepted", "f.jpg/real.jpg": "accepted",
        "g.jpg": "ingest.refused.no_image", "h.tar": "ingest.refused.broken_archive",
    }  # fmt: skip
    with reading() as session:
        formats = dict(session.exec(select(Image.name, Image.format)).all())
        hashes = dict(session.exec(select(Image.name, Image.content_hash)).all())
    assert (formats["a.png"], formats["b.jpg"]) == ("JPEG", "PNG")
    with store.open_original(hashes["e.jpg"]) as kept:
        assert kept.read() == behind


NAMES = [
    "가" * 83 + ".jpg",  # 253 bytes of UTF-8
    "x" * 251 + ".jpg",
    "صورة من المصنع.jpg",
    "\u202egpj.exe.jpg",  # right-to-left override
    "🏭🔍.jpg",
    "e\u0301 and \u00e9.jpg",
    "CON.jpg",
    "a\nb\tc.jpg",
    "=cmd|' /C calc'!A0.jpg",
    "<script>alert(1)</script>.jpg",
    "'; DROP TABLE image; --.jpg",
    "%2e%2e%2fup.jpg",
    " leading and trailing .jpg ",
    "....jpg",
]


def test_names_of_255_bytes_and_any_script(
    viewer: Viewer, project: Project, drop: Drop, tmp_path: Path
) -> None:
    drop({"s.zip": zip_of({name: picture(n) for n, name in enumerate(NAMES)})})
    found = outcomes()
    assert set(found.values()) == {"accepted"} and len(found) == len(NAMES)
    for name in NAMES:
        kept = "".join(c for c in name if c not in "\n\t")
        assert f"s.zip/{kept}" in found
    with reading() as session:
        ids = list(session.exec(select(Image.id)))
        write_zip(
            session, viewer, project, ids, store.open_original, tmp_path / "out.zip", "none",
            lambda *_: None, lambda: False,
        )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "unpacked")
    assert len({name.casefold() for name in names}) == len(NAMES) + 1
    assert sorted(p.name for p in (tmp_path / "unpacked").iterdir()) == sorted(names)


def test_a_zip_with_more_than_a_million_entries_is_refused_before_it_is_opened(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = settings().max_archive_entries + 1
    head = b"PK\x01\x02" + bytes(24) + (7).to_bytes(2, "little") + bytes(16)
    listed = b"".join(head + b"%07d" % number for number in range(count))
    first = zip_of({"a.jpg": picture(1)})[:200]
    place = len(first) + len(listed)
    zip64 = b"PK\x06\x06" + (44).to_bytes(8, "little") + bytes(12)
    zip64 += count.to_bytes(8, "little") * 2 + len(listed).to_bytes(8, "little")
    zip64 += len(first).to_bytes(8, "little")
    locator = b"PK\x06\x07" + bytes(4) + place.to_bytes(8, "little") + (1).to_bytes(4, "little")
    end = b"PK\x05\x06" + bytes(4) + b"\xff" * 12 + bytes(2)
    data = first + listed + zip64 + locator + end
    assert zipfile.is_zipfile(io.BytesIO(data))

    def opened(*_args: object) -> None:
        raise AssertionError("every entry would become an object")

    monkeypatch.setattr(archives.zipfile, "ZipFile", opened)
    drop({"many.zip": data})
    assert outcomes() == {"many.zip": "ingest.refused.too_many_entries"}


def test_the_count_agrees_with_zipfile(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = database / "s.zip"
    path.write_bytes(zip_of({f"{n}.jpg": b"" for n in range(7)}))
    monkeypatch.setattr(settings(), "max_archive_entries", 7)
    archives.check_entry_count(path)
    monkeypatch.setattr(settings(), "max_archive_entries", 6)
    with pytest.raises(archives.Refused):
        archives.check_entry_count(path)


def test_cancelled_wherever_it_looks_and_gone_on_with(
    viewer: Viewer, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the first look, at the second, and so on, until it comes to its end in between."""
    monkeypatch.setattr(settings(), "batch_size", 4)
    monkeypatch.setattr("core.ingest.run._STORE_EVERY", 0)
    looks = 0
    real = JobContext.stop_if_cancelled

    def cancel_at(number: int) -> None:
        def look(self: JobContext) -> None:
            nonlocal looks
            looks += 1
            if looks == number:
                raise Cancelled
            real(self)

        monkeypatch.setattr(JobContext, "stop_if_cancelled", look)

    inner = zip_of({f"{n}.jpg": picture(n) for n in range(6)})
    files = {"set.zip": zip_of({"in.zip": inner, "7.jpg": picture(7)}), "8.jpg": picture(8),
             "truth.csv": b"name,label\n8.jpg,scratch\n"}  # fmt: skip
    cancel_at(1)
    batch, job = drop(files)
    stops = 0
    while job.state == JobState.CANCELLED:
        stops += 1
        with reading() as session:
            assert session.get_one(Batch, batch.id).finished_at is None
        queue.resume(viewer, job.id)
        looks = 0
        cancel_at(stops + 1)
        runner.run(job.id, {"ingest": run_ingest})
        with reading() as session:
            job = session.get_one(Job, job.id)
    assert (job.state, job.error) == (JobState.DONE, None)
    assert stops >= 5, "looks in the listing, at every chunk and at what came along"
    assert sorted(outcomes().values()) == ["accepted"] * 8 + ["imports.kind.csv"]
    with reading() as session:
        assert len(session.exec(select(Image.id)).all()) == 8
    assert list(settings().uploads_dir.iterdir()) == []
