"""Points, colours and blobs that the map's test page and its test share."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

CLASSES = ["scratch", "<b>dent</b>", "오염", "hole", "ok"]
FIRST_ID = 1_000_000
BLOBS: dict[str, bytes] = {}


def put(data: bytes) -> str:
    """Keep a blob and give the address of the test app's route to it."""
    key = hashlib.blake2b(data, digest_size=12).hexdigest()
    BLOBS[key] = data
    return f"/api/blobs/{key}"


def dataset(
    n: int, dim: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], list[str | None]]:
    """Coordinates (n, dim), image ids in no order, and classes with some missing."""
    random = np.random.default_rng(7)
    cluster = random.integers(0, len(CLASSES) + 1, n)
    centres = random.normal(size=(len(CLASSES) + 1, dim)) * 4
    coordinates = (centres[cluster] + random.normal(size=(n, dim))).astype(np.float32)
    ids = FIRST_ID + random.permutation(n).astype(np.int64) * 3
    names: list[str | None] = [*CLASSES, None]
    return coordinates, ids, [names[c] for c in cluster]
