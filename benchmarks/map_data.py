"""Points for the map's benchmark, the same at every run."""

import hashlib
from functools import cache

import numpy as np
import numpy.typing as npt

SIZES = (10_000, 100_000, 1_000_000)
PLOTLY_POINTS = 10_000
WARM_UP = 1_000
BLOBS: dict[str, bytes] = {}
_CLUSTERS = 20


def put(data: bytes) -> str:
    """Keep binary data and give the address of the app's route to it."""
    key = hashlib.blake2b(data, digest_size=16).hexdigest()
    BLOBS[key] = data
    return f"/blobs/{key}"


@cache
def points(
    n: int,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Coordinates (n, 3) in 20 clouds, ids as a project has them, and the cloud of each point.

    The ids ascend with gaps of 0 to 3, as where images were deleted or belong to another project.
    """
    rng = np.random.default_rng(11)
    cluster = rng.integers(0, _CLUSTERS, n)
    centres = rng.normal(size=(_CLUSTERS, 3)) * 3
    coordinates = (centres[cluster] + rng.normal(size=(n, 3))).astype(np.float32)
    return coordinates, np.cumsum(rng.integers(1, 5, n)), cluster


@cache
def class_names(n: int) -> list[str]:
    """The name of each point's cloud, as the database gives them."""
    return [f"class {number}" for number in points(n)[2].tolist()]
