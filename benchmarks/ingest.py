"""From files to stored rows: images per second, what limits them, and a plain script beside it."""

import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from benchmarks.machine import PeakMemory

_SIZES = {"300": (300, 300), "1mp": (1155, 866), "12mp": (4000, 3000)}
#: Images of each size, in a quick run and in full; many more decode at 300 pixels than at 12 MP.
_COUNTS = {"300": (400, 4000), "1mp": (160, 1600), "12mp": (40, 400)}
_BATCH = 32
_MODEL = "efficientnet_lite0"


def run(quick: bool) -> dict[str, object]:
    """Take in generated JPEGs of three sizes: 600 images in all, or 6,000 in full.

    Returns:
        By size (`300`: 300 x 300, `1mp`, `12mp`): `e2e_*`, images a second from file to stored row
        with original, thumbnail, quality scores, features and prediction; `script_*`, the same of a
        plain script (Pillow's full decode, torchvision transform, float32 torch in batches of 32,
        features in numpy); `ratio_*`, the one over the other; `decode_*`, decoding alone on all
        cores; `of_limit_*`, `e2e_*` over 1 / (1 / decode + 1 / forward). `forward`: the network
        alone on inputs in memory. `recall_at_10` and `agreement` of the precision in use against
        float32, on the images of 300 pixels; `peak_rss_mb` while taking in; `device` and its
        `precision`.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATAG_DATA_DIR"] = folder
        # Weights and converted graphs are made once for all runs; that is not what is measured.
        os.environ.setdefault(
            "DATAG_WEIGHTS_DIR", str(Path(__file__).parents[1] / "data" / "weights")
        )
        return _measure(0 if quick else 1)


def _measure(which: int) -> dict[str, object]:
    # Settings are read at import.
    from core import database
    from core.jobs import queue
    from core.settings import settings
    from models.catalogue import card
    from models.registry import load
    from models.weights import fetch

    database.upgrade()
    queue.prepare()
    places = (settings().resolved_weights_dir, settings().models_cache_dir)
    fetch(card(_MODEL), places[0])
    model = load(_MODEL, *places, precision=settings().inference_precision)
    files = {name: list(_generated(_COUNTS[name][which], size)) for name, size in _SIZES.items()}
    _take_in("warm up", list(_generated(_BATCH, (64, 64))))
    figures: dict[str, Any] = {"images": sum(map(len, files.values())), "model": _MODEL}
    inputs = [model.prepare(_decoded(data)) for data in files["300"]]
    figures["forward"] = _rate(lambda: model.infer(inputs), len(inputs))
    with PeakMemory() as memory:
        for name in _SIZES:
            figures[f"decode_{name}"] = _decode_rate(files[name])
            figures[f"e2e_{name}"] = _rate(lambda n=name: _take_in(n, files[n]), len(files[name]))
    script = _script(places[0] / f"{_MODEL}.pth")
    for name in _SIZES:
        some = files[name][: max(_BATCH, len(files[name]) // 4)]
        figures[f"script_{name}"] = _rate(lambda some=some: script(some), len(some))
    for name in _SIZES:
        e2e, decode, forward = (figures[k] for k in (f"e2e_{name}", f"decode_{name}", "forward"))
        figures[f"ratio_{name}"] = round(e2e / figures[f"script_{name}"], 2)
        figures[f"of_limit_{name}"] = round(e2e * (1 / decode + 1 / forward), 3)
    return {
        **figures,
        **_agreement(model, load(_MODEL, *places, precision="f32"), inputs),
        "peak_rss_mb": memory.mb,
        "device": model.device,
        "precision": model.device.rpartition(" ")[2],
        "load_1min": round(os.getloadavg()[0], 1),
    }


def _generated(n: int, size: tuple[int, int]) -> Iterator[bytes]:
    """JPEGs of crops of scikit-learn's two photos with a camera's noise, all different."""
    from sklearn.datasets import load_sample_images

    photos = load_sample_images().images
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 5, (size[1] + 64, size[0] + 64, 1)).astype(np.float32)
    for index in range(n):
        photo = photos[index % len(photos)]
        side = int(rng.integers(120, 420))
        top, left = rng.integers(0, 427 - side), rng.integers(0, 640 - side)
        crop = PIL.Image.fromarray(photo[top : top + side, left : left + side])
        pixels = np.asarray(crop.resize(size, PIL.Image.Resampling.BICUBIC), np.float32)
        y, x = rng.integers(0, 64, 2)
        noisy = pixels * rng.uniform(0.6, 1.3) + noise[y : y + size[1], x : x + size[0]]
        buffer = io.BytesIO()
        PIL.Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(
            buffer, "JPEG", quality=85
        )
        yield buffer.getvalue()


def _rate(work: Callable[[], object], n: int) -> float:
    began = time.perf_counter()
    work()
    return round(n / (time.perf_counter() - began), 1)


def _decoded(data: bytes) -> Any:
    from core.media.decoding import decode

    return decode(data, 256).pixels


def _decode_rate(files: list[bytes]) -> float:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return statistics.median(
            _rate(lambda: list(pool.map(_decoded, files)), len(files)) for _ in range(3)
        )


def _take_in(name: str, files: Iterable[bytes]) -> None:
    """A project, its upload and the job that takes it in, as the worker runs it."""
    from core.accounts.access import local_viewer
    from core.database import reading
    from core.ingest.batches import begin_batch
    from core.ingest.run import run_ingest
    from core.ingest.uploads import begin_upload
    from core.jobs import runner
    from core.jobs.tables import Job, JobState
    from core.projects.store import create_project

    viewer = local_viewer()
    project = create_project(viewer, f"{name} {time.monotonic_ns()}", _MODEL)
    upload = begin_upload(project.id or 0, viewer.user_id, 0)
    for index, data in enumerate(files):
        upload.file_path(index).write_bytes(data)
        upload.add(index, f"{index:05d}.jpg", len(data))
    _batch, job = begin_batch(viewer, upload)
    runner.run(job.id, {"ingest": run_ingest})
    with reading() as session:
        ended = session.get_one(Job, job.id)
    if ended.state != JobState.DONE or ended.result["accepted"] != len(list(files)):
        raise RuntimeError(f"taking in failed: {ended.error} {ended.error_params} {ended.result}")


def _script(weights: Path) -> Callable[[list[bytes]], np.ndarray]:
    """What people write: decode whole, transform, run, keep the features."""
    import torch
    from torchvision.transforms import v2

    from models.catalogue import card
    from models.efficientnet_lite import build

    network = build(card(_MODEL), weights)
    transform = v2.Compose(
        [
            v2.Resize((224, 224)),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.5] * 3, [0.5] * 3),
        ]
    )

    def features(files: list[bytes]) -> np.ndarray:
        found = []
        with torch.inference_mode():
            for start in range(0, len(files), _BATCH):
                images = [
                    transform(PIL.Image.open(io.BytesIO(data)).convert("RGB"))
                    for data in files[start : start + _BATCH]
                ]
                found.append(network(torch.stack(images))[0].numpy())
        return np.concatenate(found)

    return features


def _agreement(model: Any, exact: Any, inputs: list[Any]) -> dict[str, float]:
    from models.precision import recall_at

    mine, theirs = model.infer(inputs), exact.infer(inputs)
    same = [a.label == b.label for a, b in zip(mine, theirs, strict=True)]
    return {
        "recall_at_10": round(
            recall_at(10, [a.features for a in theirs], [b.features for b in mine]), 4
        ),
        "agreement": round(float(np.mean(same)), 4),
    }
