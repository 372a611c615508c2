"""What undo needs of many images, small: arrays and tables of distinct values, compressed."""

import io
import json
import zlib
from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

import numpy as np

Value = TypeVar("Value", bound=Hashable)


def pack_parts(**parts: Any) -> bytes:
    """Arrays, of any type but uint8, and values that JSON can hold, as compressed bytes."""
    arrays = {
        name: part
        if isinstance(part, np.ndarray)
        else np.frombuffer(json.dumps(part).encode(), dtype=np.uint8)
        for name, part in parts.items()
    }
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return zlib.compress(buffer.getvalue(), level=1)


def unpack_parts(packed: bytes) -> dict[str, Any]:
    """Inverse of `pack_parts`; tuples come back as lists."""
    with np.load(io.BytesIO(zlib.decompress(packed)), allow_pickle=False) as arrays:
        return {
            name: json.loads(array.tobytes()) if array.dtype == np.uint8 else array
            for name, array in arrays.items()
        }


def coded(values: Sequence[Value]) -> tuple[list[Value], np.ndarray]:
    """The distinct values in the order they come, and int32 (N,): which one each value is."""
    numbers: dict[Value, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return list(numbers), np.array(codes, dtype=np.int32)


def decoded(distinct: Sequence[Value], codes: np.ndarray) -> list[Value]:
    """Inverse of `coded`."""
    return [distinct[code] for code in codes.tolist()]
