"""Faults that the pixels show: the scores of cleanvision, from the thumbnail's pixels.

Every score is in [0, 1], 1 is an image without the fault. The definitions and thresholds are those
of cleanvision 0.3 (https://github.com/cleanlab/cleanvision), which takes the whole picture; here it
is the thumbnail, which every image has anyway. Low contrast is not among cleanvision's faults: it
is what scikit-image calls so, the share of the brightness range that the image spans.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: An image whose score is lower has the fault.
THRESHOLDS = {
    "blurry": 0.29,
    "dark": 0.32,
    "light": 0.05,
    "low_contrast": 0.05,
    "low_information": 0.3,
    "odd_aspect_ratio": 0.35,
    "odd_size": 0.5,
    "grayscale": 0.5,
}
_EDGE_SIDE = 64
_SAMPLED_SIDE = 64  # brightness and entropy are statistics of at most about so many rows
_PERCENTILES = np.array([1.0, 5.0, 99.0])
_IQR_FACTOR = 3.0


@dataclass(frozen=True)
class Scores:
    """The scores of one image and its perceptual hash, as the table `image_quality` has them."""

    phash: int
    blurry: float
    dark: float
    light: float
    low_contrast: float
    low_information: float
    odd_aspect_ratio: float
    grayscale: float


def measure(pixels: NDArray[np.uint8]) -> Scores:
    """Score an upright picture of (height, width, 3) uint8, RGB, of the size of a thumbnail.

    The loops behind it are compiled at the first call on a machine, see `compile_loops`.
    """
    from core.analysis.pixel_statistics import statistics  # it loads a compiler

    height, width = pixels.shape[:2]
    every = max(1, max(height, width) // _SAMPLED_SIDE)
    brightness, bits, coloured, edges, levels, phash = statistics(
        np.ascontiguousarray(pixels), every, _EDGE_SIDE, _PERCENTILES
    )
    low, dark, high = brightness.tolist()
    strength, unevenness = (1 - math.exp(-0.01 * deviation) for deviation in (edges, levels))
    return Scores(
        phash=phash,
        blurry=min(1.0, strength + (unevenness if unevenness > 0.18 else 0.0)),
        dark=high,
        light=1 - dark,
        low_contrast=high - low,
        low_information=min(1.0, 0.1 * bits),
        odd_aspect_ratio=min(width / height, height / width),
        grayscale=float(coloured),
    )


def compile_loops() -> None:
    """Have ready what `measure` needs; takes seconds, once on a machine."""
    measure(np.zeros((2, 2, 3), np.uint8))


def odd_size_scores(widths: NDArray[np.int64], heights: NDArray[np.int64]) -> NDArray[np.float64]:
    """How usual each image's size is among these images, in [0, 1]; below 0.5 it is odd.

    The size is the side of a square of the same area; usual is what lies within three
    interquartile ranges of the middle half.

    Args:
        widths: (N,) pixels.
        heights: (N,) pixels.
    """
    side = np.sqrt(widths.astype(float) * heights)
    if len(side) == 0:
        return side
    first, third = np.percentile(side, (25, 75))
    spread = _IQR_FACTOR * (third - first)
    low, high = first - spread, third + spread
    middle = (low + high) / 2
    distance = np.abs(side - middle)
    if high == low:  # most have one size: any other is odd
        return np.where(distance == 0, 1.0, np.minimum(0.49, 1 - distance / middle).clip(0))
    scores: NDArray[np.float64] = 1 - np.clip(distance / (high - low), 0, 1)
    return scores
