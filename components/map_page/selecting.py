"""How a lasso, a bar or a query changes the selection that every view shares."""

import numpy as np
import numpy.typing as npt

from components.map import MapEvent, Mode

Ids = npt.NDArray[np.int64]


def combined(selected: Ids, found: Ids, mode: Mode) -> Ids:
    """The selection after `found` was asked for in a mode.

    Args:
        selected: int64 (k,), what was selected before.
        found: int64 (j,), each once.

    Returns:
        int64, in the order of `found` where that is all of it, else of `selected` with what is
        added at the end.
    """
    if mode == "add":
        return np.concatenate([selected, found[~np.isin(found, selected)]])
    if mode == "remove":
        return selected[~np.isin(selected, found)]
    if mode == "intersect":
        return selected[np.isin(selected, found)]
    return found


def after_map(selected: Ids, event: MapEvent, on_map: Ids) -> Ids:
    """The selection after an event of one map, which knows of its own images alone.

    What is selected and not on this map stays when something is added, taken away or gone back
    to, or an image is opened; a new shape, a cut and Esc leave nothing of it.

    Args:
        selected: int64 (k,), what was selected before.
        on_map: int64 (N,), the images of the event's map.
    """
    if event.op in ("replace", "intersect", "clear"):
        return event.image_ids
    elsewhere = selected[~np.isin(selected, on_map)]
    return np.union1d(elsewhere, event.image_ids)


def same(first: Ids, second: Ids) -> bool:
    """Whether two selections are of the same images."""
    return len(first) == len(second) and bool(np.array_equal(np.sort(first), np.sort(second)))
