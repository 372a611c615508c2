"""What the visitor did on a map, read from what the browser sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from components.map.points import MapPoints
from components.selection import decode_selection

#: What a shape, a bar or a query does to the selection.
Mode = Literal["replace", "add", "remove", "intersect"]
Operation = Literal[Mode, "clear", "undo", "redo"]


@dataclass(frozen=True, eq=False)
class MapEvent:
    """One act of the visitor.

    Args:
        kind: "select" when the selection changed, "open" when a point asks to be shown large,
            "close" when the image that is shown large is to go.
        view: the view id of the map it happened on.
        image_ids: int64 (k,), ascending, the full selection after the event, for every kind.
        op: how the selection changed; None for the others.
        image_id: the image to open; None for the others.
    """

    kind: Literal["select", "open", "close"]
    view: str
    image_ids: npt.NDArray[np.int64]
    op: Operation | None = None
    image_id: int | None = None


def read_event(payload: object, points: MapPoints, view: str) -> MapEvent | None:
    """Read an event that came from a browser; nothing about it is trusted.

    Returns:
        None when the payload is malformed, or speaks of other points than `points`.
    """
    if not isinstance(payload, Mapping) or payload.get("dataset") != points.dataset:
        return None
    indices = decode_selection(payload.get("selection"), len(points))
    if indices is None:
        return None
    selected = np.sort(points.image_ids[indices])
    if payload.get("kind") == "select":
        return _selected(payload.get("op"), view, selected)
    if payload.get("kind") == "open":
        return _opened(payload.get("index"), points, view, selected)
    if payload.get("kind") == "close":
        return MapEvent("close", view, selected)
    return None


def selected_now(target: object, points: MapPoints) -> npt.NDArray[np.int64] | None:
    """What is selected on a map when a key of the whole page was pressed; nothing is trusted.

    Returns:
        int64 (k,), ascending; None when `target` is malformed, or speaks of other points.
    """
    if not isinstance(target, Mapping) or target.get("dataset") != points.dataset:
        return None
    indices = decode_selection(target.get("selection"), len(points))
    return None if indices is None else np.sort(points.image_ids[indices])


def read_mode(payload: object) -> Mode | None:
    """The mode that a browser says; None for anything else."""
    return next((known for known in get_args(Mode) if payload == known), None)


def read_stamp(payload: object) -> int | None:
    """The number by which the browser recognises the answer to its event; None if there is none."""
    stamp = payload.get("stamp") if isinstance(payload, Mapping) else None
    if isinstance(stamp, bool) or not isinstance(stamp, int) or not 0 <= stamp < 2**53:
        return None
    return stamp


def _selected(op: object, view: str, selected: npt.NDArray[np.int64]) -> MapEvent | None:
    for known in get_args(Operation):
        if op == known:
            return MapEvent("select", view, selected, op=known)
    return None


def _opened(
    index: object, points: MapPoints, view: str, selected: npt.NDArray[np.int64]
) -> MapEvent | None:
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < len(points):
        return None
    return MapEvent("open", view, selected, image_id=int(points.image_ids[index]))
