"""The whole path without a browser: take in, map, query, take out; seconds and memory a stage."""

import io
import os
import statistics
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import PIL.Image
from PIL import ImageDraw

from benchmarks.machine import PeakMemory

_QUERIES = (
    "name:*7.jpg",
    "conf:>0.1 AND NOT width:<500",
    "tag:odd OR conf:<0.05",
    "(tag:odd OR name:*3*) AND NOT conf:>0.9",
)
_SIDE = (1155, 866)  # pixels; one megapixel


def run(quick: bool) -> dict[str, object]:
    """Walk the path on generated JPEGs of one megapixel: 500, or 5,000 in full.

    Returns:
        `ingest_images_per_s` (decoding, thumbnail, analysis and rows), `map_s` (UMAP in 3D with
        neighbours and outlier scores), `query_ms` (median of four queries, five times each),
        `export_s` (CSV and zip), `peak_rss_mb` over all, and seconds and memory by stage.
    """
    n = 500 if quick else 5000
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATAG_DATA_DIR"] = folder
        # The weights are fetched once for all runs; fetching is not what is measured.
        os.environ.setdefault(
            "DATAG_WEIGHTS_DIR", str(Path(__file__).parents[1] / "data" / "weights")
        )
        return _walk(n)


def _walk(n: int) -> dict[str, object]:
    # Settings are read at import.
    from core import database
    from core.accounts.access import local_viewer
    from core.jobs import queue
    from core.projects.store import create_project
    from models.catalogue import DEFAULT_MODEL

    database.upgrade()
    queue.prepare()
    viewer = local_viewer()
    project = create_project(viewer, "Walk", DEFAULT_MODEL)
    stages: dict[str, dict[str, float]] = {}
    with PeakMemory() as whole:
        _prepare_model(project.model_key)
        with _stage(stages, "upload"):
            upload = _upload(viewer.user_id, project.id or 0, n)
        with _stage(stages, "ingest"):
            _ingest(viewer, upload)
        with _stage(stages, "map"):
            ids = _map(viewer, project.id or 0)
        with _stage(stages, "query"):
            query_ms = _query(viewer, project, ids)
        with _stage(stages, "export"):
            _export(viewer, project.id or 0, ids)
    if len(ids) != n:
        raise RuntimeError(f"{len(ids)} of {n} images are on the map")
    return {
        "images": n,
        "ingest_images_per_s": round(n / stages["ingest"]["s"], 1),
        "map_s": stages["map"]["s"],
        "query_ms": query_ms,
        "export_s": stages["export"]["s"],
        "peak_rss_mb": whole.mb,
        "stages": stages,
        "model": project.model_key,
    }


@contextmanager
def _stage(stages: dict[str, dict[str, float]], name: str) -> Iterator[None]:
    with PeakMemory() as memory:
        began = time.perf_counter()
        yield
        seconds = time.perf_counter() - began
    stages[name] = {"s": round(seconds, 2), "peak_rss_mb": memory.mb}


def _prepare_model(key: str) -> None:
    from core.settings import settings
    from models.catalogue import card
    from models.registry import load
    from models.weights import fetch

    fetch(card(key), settings().resolved_weights_dir)
    load(key, settings().resolved_weights_dir, settings().models_cache_dir)


def _generated(seed: int) -> bytes:
    """A JPEG of one megapixel: a gradient, shapes and the noise of a camera."""
    rng = np.random.default_rng(seed)
    across = np.linspace(0, 255, _SIDE[0])[None, :, None]
    noise = rng.normal(0, 8, (_SIDE[1], _SIDE[0], 1))
    pixels = np.clip(across * rng.random(3) + noise + rng.integers(0, 80), 0, 255)
    image = PIL.Image.fromarray(pixels.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 12))):
        x, y = rng.integers(0, _SIDE[0]), rng.integers(0, _SIDE[1])
        colour = tuple(int(c) for c in rng.integers(0, 255, 3))
        draw.ellipse((x, y, x + 150, y + 90), fill=colour)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _upload(user_id: int, project_id: int, n: int):  # type: ignore[no-untyped-def]
    from core.ingest.uploads import begin_upload

    upload = begin_upload(project_id, user_id, 0)
    with zipfile.ZipFile(upload.file_path(0), "w") as archive:
        for seed in range(n):
            archive.writestr(f"{seed:05d}.jpg", _generated(seed))
    upload.add(0, "walk.zip", upload.file_path(0).stat().st_size)
    return upload


def _run(job, runner_of_kind) -> None:  # type: ignore[no-untyped-def]
    from core.database import reading
    from core.jobs import runner
    from core.jobs.tables import Job, JobState

    runner.run(job.id, {job.kind: runner_of_kind})
    with reading() as session:
        ended = session.get_one(Job, job.id)
    if ended.state != JobState.DONE or "model_error" in ended.result:
        raise RuntimeError(f"{job.kind} failed: {ended.error} {ended.error_params} {ended.result}")


def _ingest(viewer, upload) -> None:  # type: ignore[no-untyped-def]
    from core.ingest.batches import begin_batch
    from core.ingest.run import run_ingest

    _batch, job = begin_batch(viewer, upload)
    _run(job, run_ingest)


def _map(viewer, project_id: int) -> np.ndarray:  # type: ignore[no-untyped-def]
    from core.database import reading
    from core.maps import load_map
    from core.maps.run import begin_map, run_map
    from core.media.images import project_image_ids

    with reading() as session:
        ids = project_image_ids(session, viewer, project_id)
    new, job = begin_map(viewer, project_id, ids, {"kind": "all"}, "umap", 3, {})
    _run(job, run_map)
    with reading() as session:
        return load_map(session, viewer, new.id or 0).image_ids


def _query(viewer, project, ids: np.ndarray) -> float:  # type: ignore[no-untyped-def]
    from core.curation.tags import add_tag
    from core.database import reading
    from core.search import find

    add_tag(viewer, project.id, "odd", ids[::7])
    times = []
    with reading() as session:
        for _ in range(5):
            for text in _QUERIES:
                began = time.perf_counter()
                find(session, viewer, project, text)
                times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 2)


def _export(viewer, project_id: int, ids: np.ndarray) -> None:  # type: ignore[no-untyped-def]
    from core.formats.export import begin_export, run_export

    for file_format in ("csv", "zip"):
        _run(begin_export(viewer, project_id, ids, file_format), run_export)
