"""Where points are on the screen and which a lasso holds, worked out with numpy alone."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

Polygon = list[tuple[int, int]]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def project(points: npt.NDArray[np.float32], camera: dict[str, Any]) -> tuple[Floats, Bools]:
    """Screen positions (N, 2) in CSS px and whether each point is drawn, from the camera alone."""
    width, height = camera["w"], camera["h"]
    target = np.array(camera["target"])
    if camera["dim"] == 2:
        offset = (points.astype(np.float64) - target[:2]) / camera["dist"] * height / 2
        screen = np.c_[width / 2 + offset[:, 0], height / 2 - offset[:, 1]]
        return screen, np.ones(len(points), dtype=bool)
    eye = np.array(camera["eye"])
    forward = (target - eye) / np.linalg.norm(target - eye)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    seen = points.astype(np.float64) - eye
    depth = seen @ forward
    scale = height / 2 / math.tan(camera["fov"] / 2) / depth
    screen = np.c_[
        width / 2 + seen @ right * scale, height / 2 - seen @ np.cross(right, forward) * scale
    ]
    return screen, (depth > camera["near"]) & (depth < camera["far"])


def inside(screen: Floats, polygon: npt.ArrayLike) -> Bools:
    """Even-odd rule for each of (N, 2) positions."""
    corners = np.asarray(polygon, dtype=np.float64)
    crossings = np.zeros(len(screen), dtype=int)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if ay == by:
            continue
        spans = (ay > screen[:, 1]) != (by > screen[:, 1])
        at = ax + (screen[:, 1] - ay) * (bx - ax) / (by - ay)
        crossings += spans & (screen[:, 0] < at)
    return crossings % 2 == 1


def blob_shape(x: float, y: float, radius: float) -> Polygon:
    """A wobbly closed line around (x, y), page coordinates."""
    angles = np.linspace(0, 2 * math.pi, 24, endpoint=False)
    radii = radius * (1 + 0.3 * np.sin(3 * angles))
    return [
        (round(x + r * math.cos(a)), round(y + r * math.sin(a)))
        for a, r in zip(angles, radii, strict=True)
    ]
