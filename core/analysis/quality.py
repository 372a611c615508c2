"""Faults that the pixels show: the scores of cleanvision, from the thumbnail's pixels.

Every score is in [0, 1], 1 is an image without the fault. The definitions and thresholds are those
of cleanvision 0.3 (https://github.com/cleanlab/cleanvision), which takes the whole picture; here it
is the thumbnail, which every image has anyway. Low contrast is not among cleanvision's faults: it
is what scikit-image calls so, the share of the brightness range that the image spans.
"""

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
_BLUR_SIDE = 64
_SAMPLED_SIDE = 64  # brightness and entropy are statistics of at most about so many rows
_HASH_SIDE = 32
_EDGES = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], np.float32)
_BRIGHTNESS = np.array([[0.241, 0.691, 0.068]], np.float32)
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
    """Score an upright picture of (height, width, 3) uint8, RGB, of the size of a thumbnail."""
    import cv2

    height, width = pixels.shape[:2]
    every = max(1, max(height, width) // _SAMPLED_SIDE)
    sampled = np.ascontiguousarray(pixels[::every, ::every])
    percentiles = _brightness_percentiles(sampled, (1, 5, 99))
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    return Scores(
        phash=perceptual_hash(grey),
        blurry=_blurry(grey),
        dark=percentiles[2],
        light=1 - percentiles[1],
        low_contrast=percentiles[2] - percentiles[0],
        low_information=min(1.0, 0.1 * _entropy(sampled)),
        odd_aspect_ratio=min(width / height, height / width),
        # The sample shows colour at once in most pictures that have any.
        grayscale=float(_has_colour(sampled) or _has_colour(pixels)),
    )


def perceptual_hash(grey: NDArray[np.uint8]) -> int:
    """The 64-bit pHash of a grey picture (height, width) as a signed number.

    The 8 x 8 lowest frequencies of the cosine transform at 32 x 32, each above their median or not.
    """
    import cv2

    small = cv2.resize(grey, (_HASH_SIDE, _HASH_SIDE), interpolation=cv2.INTER_AREA)
    lowest = cv2.dct(small.astype(np.float32))[:8, :8]
    bits = np.packbits((lowest > np.median(lowest)).ravel())
    return int.from_bytes(bits.tobytes(), "big", signed=True)


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


def _brightness_percentiles(pixels: NDArray[np.uint8], which: tuple[int, ...]) -> list[float]:
    """Percentiles of the perceived brightness, sqrt(0.241 R² + 0.691 G² + 0.068 B²) / 255."""
    squares = pixels.reshape(-1, 3).astype(np.float32)
    squares *= squares
    # The root keeps the order, so it is needed of the percentiles' neighbours only.
    ordered = np.sort(squares @ _BRIGHTNESS[0])
    places = np.array(which) / 100 * (len(ordered) - 1)
    below = np.floor(places).astype(int)
    above = np.ceil(places).astype(int)
    low, high = np.sqrt(ordered[below]) / 255, np.sqrt(ordered[above]) / 255
    return [float(min(x, 1.0)) for x in low + (high - low) * (places - below)]


def _has_colour(pixels: NDArray[np.uint8]) -> bool:
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return bool((red != green).any() or (green != blue).any())


def _entropy(pixels: NDArray[np.uint8]) -> float:
    """Bits of the histogram over all three channels' levels, as Pillow's `Image.entropy`."""
    counts = np.concatenate([np.bincount(pixels[..., c].ravel(), minlength=256) for c in range(3)])
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum())


def _blurry(grey: NDArray[np.uint8]) -> float:
    """How strong the edges are at 64 pixels a side, and how uneven the levels are."""
    import cv2

    height, width = grey.shape
    ratio = max(height, width) / _BLUR_SIDE
    if ratio > 1:
        size = (max(int(width // ratio), 1), max(int(height // ratio), 1))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
    edges = cv2.filter2D(grey, -1, _EDGES)
    if min(grey.shape) > 2:  # Pillow's filter leaves the outermost pixels as they are
        edges[[0, -1]], edges[:, [0, -1]] = grey[[0, -1]], grey[:, [0, -1]]
    strength = 1 - np.exp(-0.01 * float(edges.std()))
    unevenness = 1 - np.exp(-0.01 * float(np.bincount(grey.ravel(), minlength=256).std()))
    return float(min(1.0, strength + (unevenness if unevenness > 0.18 else 0.0)))
