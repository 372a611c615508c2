"""What a map keeps in the page's address, so that a reload or a link shows it as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class MapLink:
    """The page's address as far as a map writes it, and what a map that is new starts from.

    The browser writes the address: camera and hidden classes change without a run of the page.

    Args:
        camera_as: the parameter that holds the camera; absent while all points are fitted.
        hidden_as: the parameter that holds the hidden classes of the present colouring.
        camera: azimuth, elevation, target x, y, z and distance to start from, all finite.
        hidden: hashes of the classes that are hidden at first, as `hidden_as` has them.
        parameters: what the page itself keeps there; an empty one is taken out.
    """

    camera_as: str
    hidden_as: str
    camera: tuple[float, ...] | None = None
    hidden: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """As the browser side takes it."""
        return {
            "camera_as": self.camera_as,
            "hidden_as": self.hidden_as,
            "camera": None if self.camera is None else list(self.camera),
            "hidden": list(self.hidden),
            "parameters": dict(self.parameters),
        }
