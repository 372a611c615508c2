"""TIFF files written by hand, of every kind that Pillow cannot write."""

import struct
from collections.abc import Sequence

import numpy as np

Tags = Sequence[tuple[int, int, Sequence[int]]]

_CODES = {1: "B", 2: "B", 3: "H", 4: "I", 16: "Q"}
_FORMATS = {"u": 1, "i": 2, "f": 3}


def tiff(
    *pages: np.ndarray,
    order: str = "<",
    big: bool = False,
    planar: int = 1,
    photometric: int | None = None,
    more: Tags = (),
    more_of: dict[int, Tags] | None = None,
) -> bytes:
    """An uncompressed TIFF, a strip for each page (or plane).

    Args:
        order: `<` little or `>` big endian.
        big: a BigTIFF.
        planar: 2 writes channels one after the other.
        more: further tags (number, type, values) of every page; `more_of`: of one page, from 0.
    """
    head, wide, code = (16, 8, "Q") if big else (8, 4, "I")
    out = bytearray(head)
    link = 8 if big else 4
    for number, values in enumerate(pages):
        channels = 1 if values.ndim == 2 else values.shape[2]
        planes = [values] if planar == 1 else [values[..., c] for c in range(channels)]
        strips = [plane.astype(plane.dtype.newbyteorder(order)).tobytes() for plane in planes]
        starts = []
        for strip in strips:
            starts.append(len(out))
            out += strip
        out += bytes(-len(out) % 8)
        if photometric is None:
            photometric = 2 if channels >= 3 else 1
        tags = {
            256: (4, [values.shape[1]]), 257: (4, [values.shape[0]]),
            258: (3, [values.dtype.itemsize * 8] * channels), 259: (3, [1]),
            262: (3, [photometric]),
            273: (4, starts), 277: (3, [channels]), 278: (4, [values.shape[0]]),
            279: (4, [len(strip) for strip in strips]), 284: (3, [planar]),
            339: (3, [_FORMATS[values.dtype.kind]] * channels),
        }  # fmt: skip
        tags.update({t: (type_, v) for t, type_, v in [*more, *(more_of or {}).get(number, ())]})
        out[link : link + wide] = struct.pack(order + code, len(out))
        counter, entry = ("Q", 20) if big else ("H", 12)
        directory = struct.pack(order + counter, len(tags))
        behind = len(out) + len(directory) + entry * len(tags) + wide
        extra = b""
        for tag, (type_, v) in sorted(tags.items()):
            data = struct.pack(f"{order}{len(v)}{_CODES[type_]}", *v)
            field = data.ljust(wide, b"\0")
            if len(data) > wide:
                field = struct.pack(order + code, behind + len(extra))
                extra += data
            directory += struct.pack(f"{order}HH{code}", tag, type_, len(v)) + field
        link = len(out) + len(directory)
        out += directory + bytes(wide) + extra
        out += bytes(-len(out) % 8)
    start = b"II" if order == "<" else b"MM"
    version = struct.pack(order + "HHH", 43, 8, 0) if big else struct.pack(order + "H", 42)
    out[: len(start + version)] = start + version
    return bytes(out)
