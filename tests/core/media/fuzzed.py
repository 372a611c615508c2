"""Reads mutated files as taking in does; a process of its own, which `test_fuzz.py` starts.

Prints a line before every case and one with the outcome after it, and at the end its memory and
open files, so that whoever started it knows what killed it, or at what it hangs.
"""

import faulthandler
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from core.analysis.quality import measure
from core.ingest.archives import Archives
from core.ingest.pages import page_offsets
from core.media.decoding import decode
from core.media.refusal import Refused
from core.media.thumbnails import shrunk
from core.media.tiff import Tiff
from core.settings import settings
from tests.core.media.corpus import corpus, mutated


def outcomes(name: str, data: bytes, scratch: Path) -> Iterator[str]:
    """`image`, or the key of the reason, for each picture that a file holds."""
    if not name.startswith(("zip", "tar")):
        yield picture(data)
        return
    path = scratch / "archive"
    path.write_bytes(data)
    suffix = name.replace("tar ", "tar.").split()[0]
    with ExitStack() as opened:
        try:
            inside = Archives(scratch, opened).entries(f"a.{suffix}", path)
        except Refused as refused:
            yield refused.key
            return
        for entry in inside or ():
            try:
                yield picture(entry.read())
            except Refused as refused:
                yield refused.key
    for left in scratch.iterdir():
        left.unlink()


def picture(data: bytes) -> str:
    try:
        offsets = page_offsets(data)
        if len(offsets) > 1:
            data = Tiff(data).page(offsets[-1])
        # A JPEG of the corpus is decoded at 3/8 so.
        measure(shrunk(decode(data, 40, 0, compiled=True).pixels, 40))
    except Refused as refused:
        assert str(refused) != refused.key, "a reason without a text"
        return refused.key
    return "image"


def used() -> dict[str, float]:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return {
        "mb": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        "peak_mb": _peak_kib() * 1024 / 1e6,
        "files": len(list(Path("/proc/self/fd").iterdir())),
    }


def _peak_kib() -> int:
    # What getrusage says also counts the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def main(rounds: int, seed: int) -> None:
    faulthandler.enable()
    settings().max_image_pixels = 4_000_000
    settings().max_archive_bytes = settings().max_file_bytes = 20_000_000
    files = corpus()
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(rounds):
            if number == rounds // 2:
                print(json.dumps({"half": used()}), flush=True)
            for index, (name, whole) in enumerate(files.items()):
                rng = np.random.default_rng([seed, number, index])
                print(json.dumps({"case": [name, seed, number, index]}), flush=True)
                # The first round is of whole files.
                data = mutated(whole, rng) if number else whole
                print(
                    json.dumps({"outcomes": list(outcomes(name, data, Path(scratch)))}), flush=True
                )
        print(json.dumps({"end": used()}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
