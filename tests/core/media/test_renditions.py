"""Originals as JPEGs of full size: large ones in a process of their own."""

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from core.errors import UserError
from core.media import renditions, store
from core.media.originals import Original
from core.media.origins import Unavailable
from core.settings import ROOT

_LARGE = renditions._SMALL + 1


def tiff(width: int, height: int) -> bytes:
    across = np.linspace(0, 255, width, dtype=np.uint8)[None, :, None]
    pixels = np.broadcast_to(across, (height, width, 3))
    buffer = io.BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "TIFF")
    return buffer.getvalue()


def kept(data: bytes) -> Original:
    content_hash = hashlib.sha256(data).hexdigest()
    store.put(content_hash, data)
    return Original(content_hash)


@pytest.mark.parametrize("pixels", [400 * 300, _LARGE])
def test_both_ways_give_the_same(database: Path, pixels: int) -> None:
    with renditions.viewable(kept(tiff(400, 300)), pixels) as file:
        data = file.read()
    picture = PIL.Image.open(io.BytesIO(data))
    assert (picture.format, picture.size) == ("JPEG", (400, 300))
    left, right = picture.getpixel((0, 150)), picture.getpixel((399, 150))
    assert max(left) < 4 and min(right) > 251  # type: ignore[arg-type, type-var]
    assert data == renditions._jpeg(tiff(400, 300))


@pytest.mark.parametrize("pixels", [400 * 300, _LARGE])
def test_why_it_cannot_be_shown(database: Path, pixels: int) -> None:
    original = kept(tiff(400, 300)[:1000])
    with pytest.raises(UserError) as apart:
        renditions.viewable(original, pixels)
    assert apart.value.key == "ingest.refused.broken"
    with pytest.raises(UserError) as same:
        renditions._jpeg(tiff(400, 300)[:1000])
    assert str(apart.value) == str(same.value)


def test_an_original_that_is_gone(database: Path) -> None:
    with pytest.raises(Unavailable):
        renditions.viewable(Original("ab" * 32), _LARGE)


def test_a_process_that_takes_too_long_is_ended(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renditions, "_SECONDS", 0.0)
    with pytest.raises(UserError, match="exit code"):
        renditions.viewable(kept(tiff(400, 300)), _LARGE)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak")
def test_several_of_thirty_megapixels_at_once_take_little_memory(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAG_DATA_DIR", str(database))
    original = kept(tiff(6000, 5000))
    asker = rf"""
import re
from concurrent.futures import ThreadPoolExecutor
from core.media.originals import Original
from core.media.renditions import viewable
def ask(_number):
    with viewable(Original("{original.content_hash}"), 30_000_000) as file:
        return sum(len(piece) for piece in iter(lambda: file.read(1 << 18), b""))
with ThreadPoolExecutor(4) as pool:
    assert min(pool.map(ask, range(4))) > 100_000
print(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1])
"""
    done = subprocess.run(
        [sys.executable, "-c", asker], cwd=ROOT, capture_output=True, text=True, check=True
    )
    # The pixels alone of one are 90 MB, the file likewise; a web process has 200 MB without.
    assert int(done.stdout) / 1024 < 180
