"""JPEG files of the sizes that cameras make, generated from two photos."""

import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import PIL.Image
from numpy.typing import NDArray

#: Width and height of the sizes that are measured, by the ending of their keys.
SIZES = {"300": (300, 300), "1mp": (1155, 866), "12mp": (4000, 3000)}
_QUALITY = 85
_SHIFTS = 64  # the noise is cut from one larger field at so many places along each axis


def generated(n: int, size: tuple[int, int], seed: int = 0) -> Iterator[bytes]:
    """`n` JPEGs of crops of scikit-learn's two photos with a camera's noise, all different.

    Crop, brightness and noise differ; the same arguments give the same files.
    """
    from sklearn.datasets import load_sample_images

    photos = load_sample_images().images
    width, height = size
    noise = _noise(size)

    def jpeg(index: int) -> bytes:
        rng = np.random.default_rng([seed, index])
        photo = photos[index % len(photos)]
        side = int(rng.integers(120, 420))
        top, left = rng.integers(0, photo.shape[0] - side), rng.integers(0, photo.shape[1] - side)
        crop = PIL.Image.fromarray(photo[top : top + side, left : left + side])
        levels = np.clip(np.arange(256) * rng.uniform(0.6, 1.3), 0, 255).astype(np.uint8)
        pixels = levels[np.asarray(crop.resize(size, PIL.Image.Resampling.BILINEAR))]
        y, x = rng.integers(0, _SHIFTS, 2)
        return _encoded(pixels, noise[y : y + height, x : x + width])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(jpeg, range(n))


def marked(jpeg: bytes, comment: str) -> bytes:
    """The same picture in another file: with a comment right after the start of the image."""
    text = comment.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def _noise(size: tuple[int, int]) -> NDArray[np.int8]:
    """Normal noise of standard deviation 5, (height, width, 1), larger by the shifts."""
    width, height = size
    rng = np.random.default_rng(0)
    field = rng.standard_normal((height + _SHIFTS, width + _SHIFTS, 1), np.float32)
    return np.clip(np.rint(5 * field), -127, 127).astype(np.int8)


def _encoded(pixels: NDArray[np.uint8], noise: NDArray[np.int8]) -> bytes:
    noisy = np.clip(pixels.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    PIL.Image.fromarray(noisy).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
