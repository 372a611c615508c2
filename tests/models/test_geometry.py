"""Images of any size reach the network's size, and boxes find their way back."""

import numpy as np
import pytest
from PIL import Image

from models.geometry import Frame, letterbox, stretch


def test_stretch_keeps_the_border() -> None:
    picture = np.zeros((400, 100, 3), np.uint8)
    picture[:, :4] = 255
    prepared = stretch(Image.fromarray(picture), (50, 50))
    assert prepared.pixels.shape == (50, 50, 3)
    assert prepared.pixels[:, 0].min() > 200
    assert prepared.pixels[:, 10:].max() == 0
    assert prepared.frame == Frame(0, 0, 50, 50)


def test_shrinking_averages_instead_of_skipping() -> None:
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 200
    pixels = stretch(Image.fromarray(stripes), (32, 32)).pixels
    assert abs(pixels.astype(int) - 100).max() <= 2


def test_letterbox_centres_a_wide_image_between_grey_bars() -> None:
    prepared = letterbox(Image.new("RGB", (200, 100), "white"), (64, 64), 114, centred=True)
    assert prepared.frame == Frame(0, 16, 64, 32)
    assert (prepared.pixels[:16] == 114).all()
    assert (prepared.pixels[16:48] == 255).all()
    assert (prepared.pixels[48:] == 114).all()


def test_letterbox_puts_a_tall_image_into_the_corner() -> None:
    prepared = letterbox(Image.new("RGB", (10, 40), "white"), (64, 64), 127, centred=False)
    assert prepared.frame == Frame(0, 0, 16, 64)
    assert (prepared.pixels[:, :16] == 255).all()
    assert (prepared.pixels[:, 16:] == 127).all()


def test_boxes_become_shares_of_the_image_and_are_clipped_to_it() -> None:
    boxes = np.array([[0, 16, 64, 48], [16, 24, 32, 40], [-5, 0, 70, 64]], np.float32)
    expected = [[0, 0, 1, 1], [0.25, 0.25, 0.5, 0.75], [0, 0, 1, 1]]
    np.testing.assert_allclose(Frame(0, 16, 64, 32).shares(boxes), expected)


@pytest.mark.parametrize("size", [(1, 1), (0, 0), (30000, 200), (200, 30000), (3, 2)])
def test_any_size_works(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size)
    for prepared in (stretch(image, (96, 128)), letterbox(image, (96, 128), 114, centred=True)):
        assert prepared.pixels.shape == (96, 128, 3)
        assert prepared.pixels.dtype == np.uint8
        assert prepared.frame.width >= 1
        assert prepared.frame.height >= 1


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK", "1", "LA"])
def test_other_modes_become_rgb(mode: str) -> None:
    white = Image.new("RGB", (20, 10), "white").convert(mode)
    assert (stretch(white, (8, 8)).pixels == 255).all()
