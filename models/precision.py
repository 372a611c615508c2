"""Which number format a model runs in: the fast one where it finds and says the same."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from models.adapter import VisionModel
from models.openvino_runtime import Precision, chip_has
from models.torch_runtime import cuda_has

#: What bf16 must keep of f32 on the sample.
MIN_RECALL, MIN_AGREEMENT = 0.98, 0.99
NEIGHBOURS = 10
_SAMPLE = {"classification": 128, "detection": 48}
# Part of the stored check's name: raise it when the sample or the measure changes.
_CHECK = 1


@dataclass(frozen=True)
class Check:
    """How far a model in bf16 agrees with itself in f32.

    Attributes:
        recall: share of each image's ten nearest neighbours, by cosine, that both have.
        agreement: share of images with the same label.
        images: size of the sample.
    """

    recall: float
    agreement: float
    images: int

    @property
    def passed(self) -> bool:
        """Whether bf16 may be used."""
        return self.recall >= MIN_RECALL and self.agreement >= MIN_AGREEMENT


def best(
    load: Callable[[Precision], VisionModel], sha256: str, cache_dir: Path, cuda: bool = False
) -> VisionModel:
    """The model in the best precision for it on this chip.

    Where the chip has bf16 the model runs once in both on a sample of photos; the result is kept
    in `cache_dir` for these weights, this chip and this version of OpenVINO or torch.

    Args:
        cuda: whether the chip is that of the graphics card.
    """
    if not (cuda_has if cuda else chip_has)("bf16"):
        return load("f32")
    record = cache_dir / f"precision-{_fingerprint(sha256, cuda)}.json"
    check = _read(record)
    if check is not None:
        return load("bf16" if check.passed else "f32")
    models: dict[Precision, VisionModel] = {"f32": load("f32"), "bf16": load("bf16")}
    check = compare(models["f32"], models["bf16"])
    _write(record, check)
    return models["bf16" if check.passed else "f32"]


def compare(exact: VisionModel, fast: VisionModel) -> Check:
    """Run both on the sample."""
    n = _SAMPLE[exact.card.task]
    prepared = [exact.prepare(crop) for crop in sample_crops(n)]
    a, b = exact.infer(prepared), fast.infer(prepared)
    return Check(
        recall_at(NEIGHBOURS, [x.features for x in a], [x.features for x in b]),
        sum(x.label == y.label for x, y in zip(a, b, strict=True)) / n,
        n,
    )


def recall_at(
    k: int, exact: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]]
) -> float:
    """Mean share of each vector's `k` nearest neighbours by cosine that are the same in `other`."""
    first, second = _neighbours(k, np.stack(exact)), _neighbours(k, np.stack(other))
    shared = [len(set(x) & set(y)) for x, y in zip(first, second, strict=True)]
    return float(np.mean(shared) / k)


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


def _neighbours(k: int, vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """(N, k) indices of the nearest others of (N, D) vectors."""
    directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    similarity = directions @ directions.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1, kind="stable")[:, :k]


def _fingerprint(sha256: str, cuda: bool) -> str:
    if cuda:
        import torch

        chip, version = torch.cuda.get_device_name(), torch.__version__
    else:
        chip, version = ov.Core().get_property("CPU", "FULL_DEVICE_NAME"), ov.get_version()
    parts = (sha256, chip, version, str(_CHECK))
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
