"""What a map shares with the page around it: mode, events, and the page's address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.map.events import MapEvent, Mode


@dataclass(frozen=True)
class MapLink:
    """A map among linked views.

    The browser writes the address: camera and hidden classes change without a run of the page.

    Args:
        heard: called with an event before the page runs, so that one run answers it everywhere.
        mode: what a shape does; the map takes it over when it is another than in the run before.
        mode_heard: called with the mode that the visitor has chosen, before the page runs.
        camera_as: the parameter that holds the camera; absent while all points are fitted.
        hidden_as: the parameter that holds the hidden classes of the present colouring.
        camera: azimuth, elevation, target x, y, z and distance that a map starts from when it is
            new to the browser, all finite; None: all points are fitted.
        hidden: hashes of the classes that are hidden at first, as `hidden_as` has them.
        parameters: what the page itself keeps in the address; an empty one is taken out.
        opened: the image that is shown large beside the map, where its point is marked.
    """

    heard: Callable[[MapEvent], None]
    mode: Mode
    mode_heard: Callable[[Mode], None]
    camera_as: str
    hidden_as: str
    camera: tuple[float, ...] | None = None
    hidden: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    opened: int | None = None

    def data(self) -> dict[str, Any]:
        """As the browser side takes it."""
        return {
            "mode": self.mode,
            "camera_as": self.camera_as,
            "hidden_as": self.hidden_as,
            "camera": None if self.camera is None else list(self.camera),
            "hidden": list(self.hidden),
            "parameters": dict(self.parameters),
            "opened": self.opened,
        }
