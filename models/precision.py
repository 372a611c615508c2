"""Which number format a model runs in: the fastest one in which it finds and says the same."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from models.adapter import VisionModel
from models.formats import Check, Precision, check_of
from models.openvino_runtime import chip_has
from models.torch_runtime import cuda_has

_SAMPLE = 128  # crops
# Part of the stored check's name: raise it when the sample or the measure changes.
_CHECK = 4


def fastest(
    load: Callable[[Precision], VisionModel],
    candidates: Sequence[Precision],
    sha256: str,
    cache_dir: Path,
    cuda: bool = False,
) -> Precision:
    """The first of `candidates` in which the model keeps its answers on this chip, else f32.

    Where the chip has bf16 the model runs once in each, until one passes, and in f32 on a sample of
    photos; the result is kept in `cache_dir` for these weights, this chip and this version of
    OpenVINO or torch.

    Args:
        candidates: formats that are faster than f32, the fastest one first.
        cuda: whether the chip is that of the graphics card.
    """
    if not candidates or not (cuda_has if cuda else chip_has)("bf16"):
        return "f32"
    exact: VisionModel | None = None
    for candidate in candidates:
        record = cache_dir / f"precision-{_fingerprint(sha256, cuda, candidate)}.json"
        check = _read(record)
        if check is None:
            exact = exact or load("f32")
            check = compare(exact, load(candidate))
            _write(record, check)
        if check.passed:
            return candidate
    return "f32"


def compare(exact: VisionModel, fast: VisionModel) -> Check:
    """Run both on the sample."""
    prepared = [exact.prepare(crop) for crop in sample_crops(_SAMPLE)]
    return check_of(exact.infer(prepared), fast.infer(prepared), exact.card.task)


def sample_crops(n: int) -> Iterator[NDArray[np.uint8]]:
    """`n` crops, always the same, of the two photos that scikit-learn brings along.

    Position, size (64 to 426 pixels a side), brightness and mirroring differ.
    """
    from sklearn.datasets import load_sample_images

    photos = load_sample_images().images
    rng = np.random.default_rng(0)
    for index in range(n):
        photo = photos[index % len(photos)]
        height, width = rng.integers(64, 427, 2)
        top = rng.integers(0, photo.shape[0] - height + 1)
        left = rng.integers(0, photo.shape[1] - width + 1)
        crop = photo[top : top + height, left : left + width].astype(np.float32)
        crop = np.clip(crop * rng.uniform(0.5, 1.4), 0, 255).astype(np.uint8)
        yield np.ascontiguousarray(crop[:, :: int(rng.choice([-1, 1]))])


def _fingerprint(sha256: str, cuda: bool, candidate: Precision) -> str:
    if cuda:
        import torch

        chip, version = torch.cuda.get_device_name(), torch.__version__
    else:
        chip, version = ov.Core().get_property("CPU", "FULL_DEVICE_NAME"), ov.get_version()
    parts = (sha256, chip, version, candidate, str(_CHECK))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _read(record: Path) -> Check | None:
    try:
        return Check(**json.loads(record.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(record: Path, check: Check) -> None:
    record.parent.mkdir(parents=True, exist_ok=True)
    partial = record.with_suffix(f".{uuid4().hex}")
    partial.write_text(json.dumps(asdict(check)), encoding="utf-8")
    partial.replace(record)
