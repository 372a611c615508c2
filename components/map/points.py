"""The points of a map as they are given and as they travel to the browser."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

# The browser holds image ids as double-precision numbers.
_LARGEST_ID = 2**53


@dataclass(frozen=True, eq=False)
class MapPoints:
    """Where each image lies on the map.

    Args:
        coordinates: float32 (N, 2) or (N, 3), finite.
        image_ids: int64 (N,), each once, in [0, 2**53).

    Raises:
        ValueError: shapes do not fit together, a coordinate is not finite, or an id is repeated
            or out of range.
    """

    coordinates: npt.NDArray[np.float32]
    image_ids: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        coordinates, ids = self.coordinates, self.image_ids
        if coordinates.ndim != 2 or coordinates.shape[1] not in (2, 3):
            raise ValueError(f"coordinates must be (N, 2) or (N, 3), not {coordinates.shape}")
        if ids.shape != coordinates.shape[:1]:
            raise ValueError(f"{len(coordinates)} coordinates but image_ids of shape {ids.shape}")
        if not np.isfinite(coordinates).all():
            raise ValueError("coordinates hold a value that is not finite")
        if ids.size and (ids.min() < 0 or ids.max() >= _LARGEST_ID):
            raise ValueError(f"image_ids must lie in 0..{_LARGEST_ID - 1}")
        # Stored maps have ascending ids; sorting a million takes a second.
        if not (np.diff(ids) > 0).all() and not (np.diff(np.sort(ids)) > 0).all():
            raise ValueError("image_ids hold an id more than once")

    def __len__(self) -> int:
        return len(self.image_ids)

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return int(self.coordinates.shape[1])

    @cached_property
    def position_bytes(self) -> bytes:
        """x, y, z of each point, float32 little-endian; z is 0 on a flat map."""
        xyz = np.zeros((len(self), 3), dtype="<f4")
        xyz[:, : self.dimensions] = self.coordinates
        return xyz.tobytes()

    @cached_property
    def packed(self) -> bytes:
        """Positions, then the image ids as `pack_ids` has them: one request brings both."""
        return self.position_bytes + pack_ids(self.image_ids)

    @cached_property
    def dataset(self) -> str:
        """A hash of coordinates and image ids; an event that names another one is stale."""
        digest = hashlib.blake2b(self.position_bytes, digest_size=12)
        digest.update(self.image_ids.astype("<i8").tobytes())
        return digest.hexdigest()

    @cached_property
    def bounds(self) -> dict[str, list[float]]:
        """The corners of the box around all points, three numbers each."""
        if not len(self):
            return {"low": [0.0, 0.0, 0.0], "high": [0.0, 0.0, 0.0]}
        low, high = self.coordinates.min(axis=0), self.coordinates.max(axis=0)
        padding = [0.0] * (3 - self.dimensions)
        return {"low": [*map(float, low), *padding], "high": [*map(float, high), *padding]}

    def indices_of(self, image_ids: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Indices (k,) of those of `image_ids` that are on the map, ascending."""
        wanted = np.asarray(image_ids, dtype=np.int64)
        if not (wanted.size and len(self)):
            return np.empty(0, dtype=np.int64)
        order, ascending = self._by_id
        places = np.searchsorted(ascending, wanted).clip(max=len(self) - 1)
        mask = np.zeros(len(self), dtype=bool)
        mask[order[places[ascending[places] == wanted]]] = True
        return np.flatnonzero(mask)

    @cached_property
    def _by_id(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Indices of the points in the order of their ids, and the ids in that order."""
        order = np.argsort(self.image_ids, kind="stable")
        return order, self.image_ids[order]


def pack_ids(image_ids: npt.NDArray[np.int64]) -> bytes:
    """Ids in few bytes: less than one each where they ascend, as a stored map's do.

    The difference to the id before (of the first: to 0) is written as a zigzag number in base 128,
    low group first, the high bit set on all groups but the last (LEB128); then zlib.

    Args:
        image_ids: int64 (N,), in [0, 2**53).
    """
    steps = np.diff(image_ids, prepend=np.int64(0))
    zigzag = ((steps << 1) ^ (steps >> 63)).astype(np.uint64)
    shifts = np.arange(0, 56, 7, dtype=np.uint64)
    # (N, groups): no more groups than the largest step needs.
    groups = int((int(zigzag.max(initial=0)) >> shifts.astype(object) > 0).sum()) or 1
    parts = zigzag[:, None] >> shifts[:groups]
    written = parts > 0
    written[:, 0] = True
    continued = np.zeros_like(written)
    continued[:, :-1] = written[:, 1:]
    values = (parts & np.uint64(0x7F)).astype(np.uint8) | (continued.astype(np.uint8) << 7)
    return zlib.compress(values[written].tobytes(), level=6)
