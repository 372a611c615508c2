"""From an image of any size to a network's input, and back for boxes."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Two neighbours each way see every source pixel down to half the size, and all but a tenth of them
# at 0.44, where a picture of 500 pixels becomes 224. Below it too many would be passed over, and
# areas are averaged instead, which takes several times as long.
_LINEAR_DOWN_TO = 0.44

Picture = Image.Image | NDArray[np.uint8]


@dataclass(frozen=True)
class Frame:
    """Where the image lies inside the network's input, in input pixels."""

    left: int
    top: int
    width: int
    height: int

    def shares(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes as shares of the image, clipped to it.

        Args:
            boxes: (N, 4) float32, x0, y0, x1, y1 in input pixels.

        Returns:
            (N, 4) float32 in [0, 1].
        """
        origin = np.array([self.left, self.top] * 2, np.float32)
        extent = np.array([self.width, self.height] * 2, np.float32)
        shares: NDArray[np.float32] = np.clip((boxes - origin) / extent, 0.0, 1.0)
        return shares


@dataclass(frozen=True)
class Prepared:
    """An image at a network's input size.

    Attributes:
        pixels: (height, width, 3) uint8, RGB.
    """

    pixels: NDArray[np.uint8]
    frame: Frame


def stretch(image: Picture, size: tuple[int, int]) -> Prepared:
    """Resize the whole image to `size` (height, width), whatever its proportions.

    Nothing is cropped, unlike the usual evaluation of ImageNet classifiers: a defect at the border
    must reach the network.
    """
    height, width = size
    return Prepared(resize(_pixels(image), width, height), Frame(0, 0, width, height))


def letterbox(image: Picture, size: tuple[int, int], fill: int, centred: bool) -> Prepared:
    """Resize the image to fit into `size` (height, width), keeping its proportions.

    Args:
        fill: grey level of the rest.
        centred: the image lies in the middle, otherwise in the upper left corner.
    """
    height, width = size
    source = _pixels(image)
    source_height, source_width = source.shape[:2]
    scale = min(width / max(source_width, 1), height / max(source_height, 1))
    inner_width = min(width, max(1, round(source_width * scale)))
    inner_height = min(height, max(1, round(source_height * scale)))
    left = (width - inner_width) // 2 if centred else 0
    top = (height - inner_height) // 2 if centred else 0
    pixels = np.full((height, width, 3), fill, np.uint8)
    inner = resize(source, inner_width, inner_height)
    pixels[top : top + inner_height, left : left + inner_width] = inner
    return Prepared(pixels, Frame(left, top, inner_width, inner_height))


def resize(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 from (h, w, 3) uint8; an image without pixels becomes black."""
    cv2 = _opencv()
    old_height, old_width = pixels.shape[:2]
    if 0 in (old_height, old_width):
        return np.zeros((height, width, 3), np.uint8)
    if (old_width, old_height) == (width, height):
        return pixels
    shrink = min(width / old_width, height / old_height)
    method = cv2.INTER_AREA if shrink < _LINEAR_DOWN_TO else cv2.INTER_LINEAR
    resized: NDArray[np.uint8] = cv2.resize(pixels, (width, height), interpolation=method)
    return resized


@lru_cache
def _opencv() -> Any:
    """OpenCV, on first use: the web process draws few pictures and starts faster without."""
    import cv2

    # Pictures are resized in as many threads as there are cores; more would wait for each other.
    cv2.setNumThreads(1)
    return cv2


def _pixels(image: Picture) -> NDArray[np.uint8]:
    if isinstance(image, np.ndarray):
        return image
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
