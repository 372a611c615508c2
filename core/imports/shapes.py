"""The upright box around what was drawn otherwise: outlines, ellipses and turned rectangles."""

import math
from collections.abc import Iterable

#: x0, y0, x1, y1.
Corners = tuple[float, float, float, float]
Point = tuple[float, float]


def around(points: Iterable[Point]) -> Corners:
    """The box around an outline's points; raises ValueError where there are none."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def turned(corners: Corners, degrees: float, pivot: Point) -> Corners:
    """The box around a rectangle that was turned clockwise about `pivot`, in pixels."""
    x0, y0, x1, y1 = corners
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return around(
        (
            pivot[0] + (x - pivot[0]) * cos - (y - pivot[1]) * sin,
            pivot[1] + (x - pivot[0]) * sin + (y - pivot[1]) * cos,
        )
        for x in (x0, x1)
        for y in (y0, y1)
    )


def around_ellipse(centre: Point, radii: Point, degrees: float) -> Corners:
    """The box around an ellipse that was turned clockwise about its centre, in pixels."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    across = math.hypot(radii[0] * cos, radii[1] * sin)
    down = math.hypot(radii[0] * sin, radii[1] * cos)
    return centre[0] - across, centre[1] - down, centre[0] + across, centre[1] + down
