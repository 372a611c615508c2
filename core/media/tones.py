"""From more than 8 bits a channel to the 8 that screens and models take."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: What becomes black and what becomes white, as percentiles of the picture's own values.
BLACK, WHITE = 0.1, 99.9
_SAMPLE = 1 << 20  # values that the percentiles are taken from; they lie evenly over the picture
_ROWS = 1 << 20  # values that are mapped at once


@dataclass(frozen=True)
class Tones:
    """How a picture's values became 8 bits: linearly from `low` (0) to `high` (255).

    Attributes:
        type: numpy's name of the values' type, such as `uint16`.
    """

    type: str
    low: float
    high: float

    def as_json(self) -> dict[str, Any]:
        """As a row keeps it."""
        return asdict(self)


def mapped(values: NDArray[Any]) -> tuple[NDArray[np.uint8], Tones]:
    """Linearly from the 0.1 to the 99.9 percentile of all values of all channels.

    Where these are the same, from the lowest to the highest; a picture of one value becomes black.
    What is no number becomes black, infinities black and white.

    Args:
        values: (height, width) or (height, width, channels), whole numbers or floats.
    """
    low, high = _ends(values)
    tones = Tones(str(values.dtype), low, high)
    if values.dtype.itemsize <= 2 and values.dtype.kind in "ui":
        return _by_table(values, low, high), tones
    pixels = np.empty(values.shape, np.uint8)
    rows = max(1, _ROWS // max(1, values[:1].size))
    for start in range(0, len(values), rows):
        pixels[start : start + rows] = _scaled(values[start : start + rows], low, high)
    return pixels, tones


def _ends(values: NDArray[Any]) -> tuple[float, float]:
    flat = values.reshape(-1)
    sample = flat[:: -(-flat.size // _SAMPLE)].astype(np.float64)
    sample = sample[np.isfinite(sample)]
    if not len(sample):
        return 0.0, 0.0
    # In shares of the largest: the difference of two float64 may be no float64.
    scale = np.abs(sample).max() or 1.0
    low, high = np.percentile(sample / scale, (BLACK, WHITE)) * scale
    if low == high:
        low, high = sample.min(), sample.max()
    return float(low), float(high)


def _scaled(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    scale = max(abs(low), abs(high)) or 1.0
    low, high = low / scale, high / scale
    with np.errstate(all="ignore"):
        shares = (values.astype(np.float64) / scale - low) / max(high - low, 1e-300)
    shares = np.clip(np.nan_to_num(shares, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
    return np.rint(shares * 255.0).astype(np.uint8)


def _by_table(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    every = np.arange(1 << values.dtype.itemsize * 8, dtype=np.int64)
    bounds = np.iinfo(values.dtype)
    table = _scaled(every + bounds.min, low, high)
    unsigned = values.view(values.dtype.str.replace("i", "u"))
    if bounds.min < 0:
        unsigned = unsigned ^ unsigned.dtype.type(-bounds.min)
    pixels: NDArray[np.uint8] = table[unsigned]
    return pixels
