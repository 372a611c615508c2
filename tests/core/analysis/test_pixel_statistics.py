"""What is counted of a picture, against NumPy and OpenCV on photos and on made-up pictures."""

from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_sample_images

from core.analysis.pixel_statistics import area_resized, phash, statistics

PERCENTILES = np.array([0.0, 1.0, 5.0, 50.0, 99.0, 100.0])
_RNG = np.random.default_rng(7)


def _pictures() -> dict[str, NDArray[np.uint8]]:
    first, second = load_sample_images().images
    noise = _RNG.integers(0, 256, (97, 130, 3), dtype=np.uint8)
    grey = np.repeat(_RNG.integers(0, 256, (50, 41, 1), dtype=np.uint8), 3, axis=2)
    spot = grey.copy()
    spot[49, 40] = 1, 2, 3
    return {
        "photo": np.ascontiguousarray(first[:256, :256]),
        "wide photo": np.ascontiguousarray(second[:171, :256]),
        "noise": noise,
        "grey": grey,
        "one coloured pixel": spot,
        "flat": np.full((64, 64, 3), 77, np.uint8),
        "one pixel": np.array([[[9, 8, 7]]], np.uint8),
        "line": _RNG.integers(0, 256, (1, 256, 3), dtype=np.uint8),
    }


PICTURES = _pictures()


def by_numpy(pixels: NDArray[np.uint8], every: int, edge_side: int) -> tuple[Any, ...]:
    """The same by definition: percentiles, bits, colour, edges and levels."""
    sample = pixels[::every, ::every].reshape(-1, 3).astype(np.float64)
    brightness = np.sqrt(sample**2 @ [0.241, 0.691, 0.068]) / 255
    counts = np.stack([np.bincount(c, minlength=256) for c in sample.astype(int).T]).ravel()
    shares = counts[counts > 0] / counts.sum()
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    height, width = grey.shape
    ratio = max(height, width) / edge_side
    if ratio > 1:
        size = (max(int(width // ratio), 1), max(int(height // ratio), 1))
        grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA))
    edges = grey.copy()
    laplacian = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], np.float32)
    edges[1:-1, 1:-1] = cv2.filter2D(grey, -1, laplacian)[1:-1, 1:-1]
    return (
        np.percentile(brightness, PERCENTILES),
        -(shares * np.log2(shares)).sum(),
        bool((pixels != pixels[..., :1]).any()),
        edges.std(),
        np.bincount(grey.ravel(), minlength=256).std(),
    )


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("every", [1, 3])
def test_it_counts_what_numpy_counts(name: str, every: int) -> None:
    pixels = PICTURES[name]
    brightness, bits, coloured, edges, levels, _ = statistics(pixels, every, 64, PERCENTILES)
    expected = by_numpy(pixels, every, 64)
    assert brightness == pytest.approx(expected[0], abs=1e-6)
    assert bits == pytest.approx(expected[1], abs=1e-9)
    assert coloured == expected[2]
    # A rounding of OpenCV's averages may fall the other way, by one level.
    assert edges == pytest.approx(expected[3], abs=0.1)
    assert levels == pytest.approx(expected[4], rel=0.01)


@pytest.mark.parametrize("size", [(64, 64), (32, 32), (48, 64), (17, 5), (1, 1), (97, 130)])
def test_it_averages_areas_as_opencv_does(size: tuple[int, int]) -> None:
    grey = np.ascontiguousarray(PICTURES["noise"][..., 0])
    expected = cv2.resize(grey, size[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(area_resized(grey, *size).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("name", ["photo", "wide photo", "noise"])
def test_the_hash_is_the_sign_of_the_lowest_frequencies(name: str) -> None:
    grey = np.asarray(cv2.cvtColor(PICTURES[name], cv2.COLOR_RGB2GRAY))
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA)
    lowest = cv2.dct(small.astype(np.float64))[:8, :8]
    bits = np.packbits((lowest > np.median(lowest)).ravel())
    differing = phash(grey) ^ int.from_bytes(bits.tobytes(), "big", signed=True)
    # Frequencies next to the median may fall on either side of it.
    assert (differing & (2**64 - 1)).bit_count() <= 2
