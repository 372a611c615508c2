"""From files to stored rows: images per second, what limits them, and a plain script beside it."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.answering import Answering
from benchmarks.jpegs import SIZES, generated, marked
from benchmarks.lightly import installed, lightly_studio
from benchmarks.machine import PeakMemory
from benchmarks.plain_script import BATCH, plain_script

#: Images of each size, in a quick run and in full; many more decode at 300 pixels than at 12 MP.
_COUNTS = {"300": (400, 4000), "1mp": (160, 1600), "12mp": (40, 400)}
#: The script sees so many of them, the first ones: it takes as long for each of them.
_SCRIPT_COUNTS = {"300": (96, 960), "1mp": (96, 960), "12mp": (32, 320)}
_ROUNDS = 3
_MODEL = "efficientnet_lite0"


def run(quick: bool) -> dict[str, object]:
    """Take in generated JPEGs of three sizes: 600 images in all, or 6,000 in full.

    DATAG and the script take turns in three rounds on the same files, so that what else runs on the
    machine meets both; every figure is the median of its rounds. DATAG takes everything into one
    project, whose first images have said before in which number format they may be analysed.

    Returns:
        By size (`300`: 300 x 300, `1mp`, `12mp`): `e2e_*`, images a second from file to stored row
        with original, thumbnail, quality scores, features and prediction; `script_*`, the same of a
        plain script (`benchmarks.plain_script`); `ratio_*`, the one over the other; `lightly_*` and
        `ratio_lightly_*` of LightlyStudio with the same network, where `DATAG_BENCHMARK_LIGHTLY`
        names a Python that has it; `decode_*`,
        decoding alone on all cores; `of_limit_*`, `e2e_*` over 1 / (1 / decode + 1 / forward).
        `limited_by_*`: the slower of the two. `forward`: the network alone on inputs in memory.
        `recall_at_10` and `agreement` of the precision in use against float32, on the images of 300
        pixels; `peak_rss_mb` of the process that takes in; `device` and its `precision`; the
        script's `script_threads`.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATAG_DATA_DIR"] = folder
        # Weights are fetched once for all runs; that is not what is measured.
        os.environ.setdefault(
            "DATAG_WEIGHTS_DIR", str(Path(__file__).parents[1] / "data" / "weights")
        )
        return _measure(Path(folder) / "files", 0 if quick else 1)


def _measure(folder: Path, which: int) -> dict[str, object]:
    # Settings are read at import.
    from core import database
    from core.accounts.access import local_viewer
    from core.jobs import queue
    from core.projects.store import create_project
    from core.settings import settings
    from models.catalogue import card
    from models.registry import load
    from models.weights import fetch

    database.upgrade()
    queue.prepare()
    places = (settings().resolved_weights_dir, settings().models_cache_dir)
    fetch(card(_MODEL), places[0])
    chosen: Any = {"device": settings().device}
    files = {
        name: _files(folder / name, _COUNTS[name][which], size) for name, size in SIZES.items()
    }
    project = create_project(local_viewer(), "Benchmark", _MODEL)
    # The project's first images say which number format it is analysed in; all are needed for that.
    _take_in(project, files["300"])
    for paths in files.values():
        _take_in(project, paths[:BATCH])
    model = _model_of(project)
    prepared = [model.prepare(_decoded(data)) for data in files["300"]]
    rounds: dict[str, list[float]] = {}
    device = "cuda" if "CUDA" in model.device else "cpu"  # the script gets what DATAG gets
    with (
        plain_script(_MODEL, places[0] / f"{_MODEL}.pth", device) as script,
        _rival(_MODEL, places[0] / f"{_MODEL}.pth", folder) as rival,
    ):
        with PeakMemory(lambda: [psutil.Process()]) as memory:
            for _ in range(_ROUNDS):
                for key, rate in _round(project, files, model, prepared, script, rival, which):
                    rounds.setdefault(key, []).append(rate)
        threads = script.about["threads"]
    figures = {key: round(statistics.median(rates), 1) for key, rates in rounds.items()}
    exact = load(_MODEL, *places, precision="f32", **chosen)
    return {
        "images": sum(map(len, files.values())),
        "model": _MODEL,
        **figures,
        **_compared(figures),
        **_agreement(model, exact, prepared),
        "peak_rss_mb": memory.mb,
        "device": model.device,
        "precision": model.device.rpartition(" ")[2],
        "script_threads": threads,
        "load_1min": round(os.getloadavg()[0], 1),
    }


def _files(folder: Path, n: int, size: tuple[int, int]) -> list[Path]:
    folder.mkdir(parents=True)
    paths = []
    for index, data in enumerate(generated(n, size)):
        paths.append(folder / f"{index:05d}.jpg")
        paths[-1].write_bytes(data)
    return paths


def _round(
    project: Any,
    files: dict[str, list[Path]],
    model: Any,
    prepared: list[Any],
    script: Answering,
    rival: Answering | None,
    which: int,
) -> list[tuple[str, float]]:
    """One turn of everything: keys and images a second."""
    rates = [("forward", _rate(lambda: model.infer(prepared), len(prepared)))]
    for name, paths in files.items():
        some = paths[: _SCRIPT_COUNTS[name][which]]
        rates += [
            (f"decode_{name}", _decode_rate(paths)),
            (f"e2e_{name}", len(paths) / _take_in(project, paths)),
            (f"script_{name}", _peer_rate(script, [*map(str, some)], len(some))),
        ]
        if rival is not None:
            rates.append((f"lightly_{name}", _peer_rate(rival, str(_linked(some)), len(some))))
    return rates


def _peer_rate(peer: Answering, question: object, n: int) -> float:
    """Images a second of a peer that is asked about `n` of them."""
    answer = peer.ask(question)
    if answer.get("features", [n])[0] != n:
        raise RuntimeError(f"the peer gave features of {answer['features']} for {n} images")
    return n / float(answer["seconds"])


def _rival(model_key: str, weights: Path, folder: Path) -> AbstractContextManager[Answering | None]:
    """LightlyStudio with the same network, where it is installed."""
    if not installed():
        return nullcontext()
    from models.catalogue import card

    height, width = card(model_key).input_size
    path = folder / "network.pt2"
    # torch stays out of this process, whose memory is measured.
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        apart.submit(_exported, model_key, weights, path).result()
    return lightly_studio((path, height, width))


def _exported(model_key: str, weights: Path, path: Path) -> None:
    import torch

    from models.catalogue import card
    from models.efficientnet_lite import build

    with torch.inference_mode():
        network = build(card(model_key), weights)
        inputs = (torch.zeros(2, 3, *card(model_key).input_size),)
        batch = ({0: torch.export.Dim("batch")},)
        torch.export.save(torch.export.export(network, inputs, dynamic_shapes=batch), path)


def _linked(paths: Sequence[Path]) -> Path:
    """A new folder with these files alone, because LightlyStudio takes folders."""
    folder = Path(tempfile.mkdtemp(dir=paths[0].parents[1]))
    for path in paths:
        (folder / path.name).hardlink_to(path)
    return folder


def _compared(figures: dict[str, float]) -> dict[str, object]:
    compared: dict[str, object] = {}
    for name in SIZES:
        e2e, limit = figures[f"e2e_{name}"], 1 / figures[f"decode_{name}"] + 1 / figures["forward"]
        compared[f"ratio_{name}"] = round(e2e / figures[f"script_{name}"], 2)
        compared[f"of_limit_{name}"] = round(e2e * limit, 3)
        if f"lightly_{name}" in figures:
            compared[f"ratio_lightly_{name}"] = round(e2e / figures[f"lightly_{name}"], 2)
        slower = min(("forward", f"decode_{name}"), key=lambda key: figures[key])
        compared[f"limited_by_{name}"] = slower
    return compared


def _rate(work: Callable[[], object], n: int) -> float:
    began = time.perf_counter()
    work()
    return n / (time.perf_counter() - began)


def _decoded(path: Path) -> Any:
    from core.analysis.needed import needed_sides
    from core.media.decoding import decode
    from models.catalogue import card

    return decode(path.read_bytes(), *needed_sides(card(_MODEL)), compiled=True).pixels


def _decode_rate(paths: Sequence[Path]) -> float:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return _rate(lambda: list(pool.map(_decoded, paths)), len(paths))


def _model_of(project: Any) -> Any:
    """The model as the worker loads it for the project's images."""
    from core.accounts.access import local_viewer
    from core.analysis.engine import vision_model
    from core.database import writing
    from core.jobs.context import JobContext
    from core.jobs.store import add_job

    viewer = local_viewer()
    with writing() as session:
        job = add_job(session, viewer, project.id, "analyse", {})
    return vision_model(JobContext(job, viewer), project.model_key)


def _take_in(project: Any, paths: Sequence[Path]) -> float:
    """Seconds of the job that takes these files in, as the worker runs it.

    They lie in the staging area before, with a comment of their own, because a content that was
    analysed once would not be analysed again.
    """
    from core.accounts.access import local_viewer
    from core.database import reading
    from core.ingest.batches import begin_batch
    from core.ingest.run import run_ingest
    from core.ingest.uploads import begin_upload
    from core.jobs import runner
    from core.jobs.tables import Job, JobState

    viewer = local_viewer()
    comment = str(time.monotonic_ns())
    upload = begin_upload(project.id or 0, viewer.user_id, 0)
    for index, path in enumerate(paths):
        data = marked(path.read_bytes(), comment)
        upload.file_path(index).write_bytes(data)
        upload.add(index, path.name, len(data))
    began = time.perf_counter()
    _batch, job = begin_batch(viewer, upload)
    runner.run(job.id, {"ingest": run_ingest})
    seconds = time.perf_counter() - began
    with reading() as session:
        ended = session.get_one(Job, job.id)
    if ended.state != JobState.DONE or ended.result["accepted"] != len(paths):
        raise RuntimeError(f"taking in failed: {ended.error} {ended.error_params} {ended.result}")
    return seconds


def _agreement(model: Any, exact: Any, prepared: list[Any]) -> dict[str, float]:
    from models.formats import recall_at

    mine, theirs = model.infer(prepared), exact.infer(prepared)
    same = [a.label == b.label for a, b in zip(mine, theirs, strict=True)]
    return {
        "recall_at_10": round(
            recall_at(10, [a.features for a in theirs], [b.features for b in mine]), 4
        ),
        "agreement": round(float(np.mean(same)), 4),
    }
