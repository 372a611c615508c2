"""From an image of any size to a network's input, and back for boxes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# BILINEAR of Pillow averages over all source pixels when it shrinks; the gap lets it first reduce
# by a whole factor, which is several times faster and not visible.
_FILTER = Image.Resampling.BILINEAR
_REDUCING_GAP = 3.0


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


def stretch(image: Image.Image, size: tuple[int, int]) -> Prepared:
    """Resize the whole image to `size` (height, width), whatever its proportions.

    Nothing is cropped, unlike the usual evaluation of ImageNet classifiers: a defect at the border
    must reach the network.
    """
    height, width = size
    return Prepared(_resize(image, width, height), Frame(0, 0, width, height))


def letterbox(image: Image.Image, size: tuple[int, int], fill: int, centred: bool) -> Prepared:
    """Resize the image to fit into `size` (height, width), keeping its proportions.

    Args:
        fill: grey level of the rest.
        centred: the image lies in the middle, otherwise in the upper left corner.
    """
    height, width = size
    scale = min(width / max(image.width, 1), height / max(image.height, 1))
    inner_width = min(width, max(1, round(image.width * scale)))
    inner_height = min(height, max(1, round(image.height * scale)))
    left = (width - inner_width) // 2 if centred else 0
    top = (height - inner_height) // 2 if centred else 0
    pixels = np.full((height, width, 3), fill, np.uint8)
    inner = _resize(image, inner_width, inner_height)
    pixels[top : top + inner_height, left : left + inner_width] = inner
    return Prepared(pixels, Frame(left, top, inner_width, inner_height))


def _resize(image: Image.Image, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3) uint8; an image without pixels becomes black."""
    if 0 in image.size:
        return np.zeros((height, width, 3), np.uint8)
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    return np.asarray(rgb.resize((width, height), _FILTER, reducing_gap=_REDUCING_GAP))
