"""A folder until it can be browsed: rows a second, before any picture is decoded."""

import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import PIL.Image

from benchmarks.jpegs import SIZES, generated, marked
from benchmarks.lightly import installed, lightly_studio

_FILES = {True: 4_000, False: 20_000}
_PICTURES = 200  # generated; the files are these with another comment each
_ROUNDS = 3


def run(quick: bool) -> dict[str, object]:
    """Register a folder of JPEGs of 300 x 300 pixels: 4,000 files, or 20,000 in full.

    DATAG, the script and the rival take turns in three rounds on the same files, each into an empty
    database; every figure is the median.

    Returns:
        `register_per_s`: files a second from the folder to committed rows that the gallery shows,
        with size, format and EXIF of each; `register_1mp_per_s`: the same of larger files.
        `script_per_s`: `os.walk`, Pillow's size of each file, `INSERT` into SQLite.
        `lightly_per_s`: LightlyStudio's `add_images_from_path` without embeddings, where
        `DATAG_BENCHMARK_LIGHTLY` names a Python that has it. `ratio_script`,
        `ratio_lightly`: the first over these. `files`: how many.
    """
    files = _FILES[quick]
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        small = _written(root / "small", "300", files)
        large = _written(root / "large", "1mp", files // 10)
        rounds: dict[str, list[float]] = {}
        for number in range(_ROUNDS):
            measured = {
                "register_per_s": (_datag, small, files),
                "script_per_s": (_script, small, files),
                "register_1mp_per_s": (_datag, large, files // 10),
            }
            if installed():
                measured["lightly_per_s"] = (_lightly, small, files)
            for key, (seconds, folder, n) in measured.items():
                taken = seconds(folder, root / f"{key}-{number}")
                rounds.setdefault(key, []).append(n / taken)
    medians = {key: statistics.median(values) for key, values in rounds.items()}
    figures: dict[str, object] = {key: round(value) for key, value in medians.items()}
    for rival in ("script", "lightly"):
        if f"{rival}_per_s" in medians:
            ratio = medians["register_per_s"] / medians[f"{rival}_per_s"]
            figures[f"ratio_{rival}"] = round(ratio, 2)
    return {"files": files, **figures}


def _written(folder: Path, size: str, n: int) -> Path:
    """A folder of `n` different JPEGs, a thousand in each folder below it."""
    pictures = list(generated(min(n, _PICTURES), SIZES[size]))
    for index in range(n):
        path = folder / f"{index // 1000:03d}" / f"{index:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(marked(pictures[index % len(pictures)], str(index)))
    return folder


def _apart(program: str, *arguments: str) -> float:
    """Run a program in a process of its own; the seconds that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


_DATAG = """
import os, sys, time
os.environ["DATAG_DATA_DIR"] = sys.argv[2]
from core import database
from core.accounts.access import local_viewer
from core.database import reading
from core.ingest.batches import batch_reports
from core.jobs import queue, runner
from core.projects.store import create_project
from core.sources.verbs import begin_source, run_listing
database.upgrade()
queue.prepare()
viewer = local_viewer()
project = create_project(viewer, "P", "efficientnet_lite0")
began = time.perf_counter()
batch, job = begin_source(viewer, project.id, sys.argv[1], in_place=True)
runner.run(job.id, {"source": run_listing})
seconds = time.perf_counter() - began
with reading() as session:
    assert batch_reports(session, viewer, project.id)[0].unread == int(sys.argv[3])
print(seconds)
"""


def _datag(folder: Path, data: Path) -> float:
    n = sum(1 for _ in folder.rglob("*.jpg"))
    return _apart(_DATAG, str(folder), str(data), str(n))


def _script(folder: Path, data: Path) -> float:
    """What people write: sizes by Pillow, rows into SQLite, one transaction."""
    data.mkdir()
    began = time.perf_counter()
    with sqlite3.connect(data / "images.db") as connection:
        connection.execute("CREATE TABLE image (path TEXT PRIMARY KEY, width INT, height INT)")
        for parent, _, names in os.walk(folder):
            for name in names:
                path = str(Path(parent) / name)
                with PIL.Image.open(path) as image:
                    width, height = image.size
                connection.execute("INSERT INTO image VALUES (?, ?, ?)", (path, width, height))
    return time.perf_counter() - began


def _lightly(folder: Path, _data: Path) -> float:
    with lightly_studio() as peer:
        return float(peer.ask(str(folder))["seconds"])
