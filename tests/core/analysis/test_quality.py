"""Quality scores against cleanvision's definitions written with Pillow, and known pictures."""

import numpy as np
import PIL.Image
import pytest
from PIL import ImageFilter, ImageStat
from sklearn.datasets import load_sample_images

from core.analysis.pixel_statistics import phash
from core.analysis.quality import measure, odd_size_scores

PHOTOS = load_sample_images().images


def flat(level: int, size: tuple[int, int] = (96, 128)) -> np.ndarray:
    return np.full((*size, 3), level, np.uint8)


def by_pillow(pixels: np.ndarray) -> dict[str, float]:
    """The scores by the definitions of cleanvision 0.3, on the whole picture, with Pillow."""
    image = PIL.Image.fromarray(pixels)
    red, green, blue = (pixels[..., c].astype(float) for c in range(3))
    brightness = np.sqrt(0.241 * red**2 + 0.691 * green**2 + 0.068 * blue**2) / 255
    ratio = max(image.size) / 64
    size = (max(int(image.width // ratio), 1), max(int(image.height // ratio), 1))
    grey = (image.resize(size) if ratio > 1 else image).convert("L")
    edges = np.sqrt(ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES)).var[0])
    levels = 1 - np.exp(-0.01 * np.std(grey.histogram()))
    return {
        "dark": float(np.percentile(brightness, 99)),
        "light": 1 - float(np.percentile(brightness, 5)),
        "low_information": min(1.0, 0.1 * image.entropy()),
        "blurry": min(1.0, 1 - np.exp(-0.01 * edges) + (levels if levels > 0.18 else 0)),
    }


@pytest.mark.parametrize("photo", PHOTOS)
@pytest.mark.parametrize("gain", [0.2, 0.6, 1.0, 1.8])
def test_scores_are_cleanvisions(photo: np.ndarray, gain: float) -> None:
    pixels = np.clip(photo[:256, :256] * gain, 0, 255).astype(np.uint8)
    scores = measure(np.ascontiguousarray(pixels))
    for name, expected in by_pillow(pixels).items():
        assert getattr(scores, name) == pytest.approx(expected, abs=0.03), name


def test_flat_pictures_have_nothing_in_them() -> None:
    black, white, grey = measure(flat(0)), measure(flat(255)), measure(flat(100))
    assert (black.dark, black.light) == (0, 1)
    assert (white.dark, white.light) == pytest.approx((1, 0), abs=1e-6)
    # One level a channel: three of the histogram's bins, log2(3) bits.
    assert grey.low_information == pytest.approx(0.158496, abs=1e-6)
    assert grey.low_contrast == pytest.approx(0, abs=1e-6)
    assert grey.grayscale == 0
    assert grey.odd_aspect_ratio == 96 / 128


def test_colour_is_no_grey_and_a_strip_is_odd() -> None:
    pixels = flat(50, (10, 200))
    pixels[..., 0] = 80
    scores = measure(pixels)
    assert scores.grayscale == 1
    assert scores.odd_aspect_ratio == 0.05


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (2, 2), (300, 2), (3, 64)])
def test_scores_of_any_size_are_between_zero_and_one(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8)
    scores = measure(pixels)
    values = [v for name, v in vars(scores).items() if name != "phash"]
    assert all(0 <= value <= 1 for value in values)
    assert -(2**63) <= scores.phash < 2**63


def distance(a: int, b: int) -> int:
    return ((a ^ b) & (2**64 - 1)).bit_count()


def test_the_hash_of_a_changed_photo_is_near_and_of_another_far() -> None:
    first, second = (np.asarray(PIL.Image.fromarray(p).convert("L")) for p in PHOTOS)
    small = np.asarray(PIL.Image.fromarray(first).resize((200, 133)))
    brighter = np.clip(first * 1.2 + 5, 0, 255).astype(np.uint8)
    own = phash(first)
    assert distance(own, phash(small)) <= 6
    assert distance(own, phash(brighter)) <= 10
    assert distance(own, phash(second)) >= 20


def test_the_odd_size_is_the_one_out_of_line() -> None:
    sides = np.array([100] * 20 + [110] * 20 + [1000])
    scores = odd_size_scores(sides, sides)
    assert (scores[:40] > 0.5).all()
    assert scores[40] < 0.5
    same = odd_size_scores(np.array([64] * 9 + [65]), np.array([64] * 10))
    assert (same[:9] == 1).all()
    assert same[9] < 0.5
    assert len(odd_size_scores(np.array([]), np.array([]))) == 0
