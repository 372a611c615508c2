"""Selections on their way between a component's browser side and Python.

A selection over `n` items in display order travels as one JSON object, whichever is shorter of

    {"enc": "bits", "n": n, "b64": ...}   ceil(n / 8) bytes, bit i of byte j is item 8 j + i
    {"enc": "u32",  "n": n, "b64": ...}   the selected indices, little-endian unsigned 32 bit

`components/shared/selection.js` is the browser's half.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


def decode_selection(payload: object, n: int) -> Indices | None:
    """Read a selection that came from a browser.

    Args:
        payload: whatever arrived; nothing about it is trusted.
        n: number of items that the view shows now.

    Returns:
        int64 (k,), the selected indices, ascending and each once; None when the payload is not
        a well-formed selection over exactly `n` items. Never raises.
    """
    if not isinstance(payload, Mapping):
        return None
    claimed, text = payload.get("n"), payload.get("b64")
    if isinstance(claimed, bool) or not isinstance(claimed, int) or claimed != n:
        return None
    raw = _base64_bytes(text, at_most=4 * n)
    if raw is None:
        return None
    if payload.get("enc") == "bits":
        return _from_bits(raw, n)
    if payload.get("enc") == "u32":
        return _from_u32(raw, n)
    return None


def pack_bits(indices: npt.ArrayLike, n: int) -> bytes:
    """Pack selected indices (k,), each in [0, n), into ceil(n / 8) bytes, low bit first.

    Raises:
        IndexError: an index is outside [0, n).
    """
    chosen = np.asarray(indices, dtype=np.int64)
    if chosen.size and (chosen.min() < 0 or chosen.max() >= n):
        raise IndexError(f"selection index outside 0..{n - 1}")
    mask = np.zeros(n, dtype=bool)
    mask[chosen] = True
    return np.packbits(mask, bitorder="little").tobytes()


def _base64_bytes(text: object, at_most: int) -> bytes | None:
    """Strict base64 of at most `at_most` bytes; the length is checked before decoding."""
    if not isinstance(text, str) or len(text) > 4 * ((at_most + 2) // 3):
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _from_bits(raw: bytes, n: int) -> Indices | None:
    if len(raw) != (n + 7) // 8:
        return None
    bits = np.unpackbits(np.frombuffer(raw, dtype=np.uint8), bitorder="little")
    if bits[n:].any():
        return None
    return np.flatnonzero(bits[:n]).astype(np.int64)


def _from_u32(raw: bytes, n: int) -> Indices | None:
    if len(raw) % 4 or len(raw) > 4 * n:
        return None
    indices = np.unique(np.frombuffer(raw, dtype="<u4")).astype(np.int64)
    if indices.size and indices[-1] >= n:
        return None
    return indices
