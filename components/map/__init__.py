"""An interactive 2D or 3D map of images: rotate, pan, zoom, hover, lasso.

The points travel to the browser as binary over our own HTTP routes, by content address and once;
a selection comes back as a bit set or index list over the points. The browser side is WebGL2.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from components.assets import base_path, module_source, texts_url
from components.map.colours import MapColours, categorical, continuous, dimmed
from components.map.events import (
    MapEvent,
    Mode,
    read_event,
    read_mode,
    read_stamp,
    selected_now,
)
from components.map.link import MapLink
from components.map.points import MapPoints
from components.selection import pack_bits
from components.window_height import WindowHeight, height_data
from core.i18n import current_language

__all__ = [
    "MapColours",
    "MapEvent",
    "MapLink",
    "MapPoints",
    "Mode",
    "categorical",
    "continuous",
    "dimmed",
    "scatter_map",
    "selected_now",
]


@cache
def _component() -> Callable[..., Any]:
    names = ("style", "toolbar", "stage", "legend", "tooltip")
    styles = [f"{name}.css" for name in names]
    return st.components.v2.component("datag_map", js=module_source("map", styles))


def scatter_map(
    points: MapPoints,
    colours: MapColours,
    *,
    key: str,
    view: str,
    put: Callable[[bytes], str],
    selection: npt.ArrayLike | None = None,
    selection_version: str = "",
    height: int | WindowHeight = 560,
    empty: str = "",
    link: MapLink | None = None,
    thumbnail_url: str = "/api/images/{id}/thumbnail",
    summary_url: str = "/api/images/{id}/summary",
) -> MapEvent | None:
    """Draw a map and return what the visitor did on it since the last run.

    Args:
        points: where the images lie.
        colours: one code a point.
        key: Streamlit's key of the component.
        view: what the browser keeps camera, tool and hidden classes under, across pages.
        put: stores bytes and gives the address that serves them, the same for the same bytes.
        selection: image ids selected elsewhere; ids that are not on the map are left out.
        selection_version: the map takes `selection` over when this changes, and reports nothing.
        height: of the whole component, CSS px.
        empty: shown when there are no points; a general text if empty.
        link: what the map shares with the views around it.
        thumbnail_url, summary_url: templates of an image's addresses; `{id}` becomes its id.

    Returns:
        The last event, or None. Its `image_ids` are the full selection.

    Raises ValueError when `colours` has not one code a point.
    """
    if colours.codes.shape != (len(points),):
        raise ValueError(f"{len(points)} points but codes of shape {colours.codes.shape}")
    seen_key = f"_datag_map_seen_{key}"
    heard, mode_heard = _listeners(key, points, view, link)
    result = _component()(
        key=key,
        data={
            **_points_data(points, colours, put),
            "view": view,
            **height_data(height),
            "selection": _selection_data(points, selection, selection_version, put),
            "seen": st.session_state.get(seen_key),
            "link": None if link is None else link.data(),
            "thumbnail_url": base_path() + thumbnail_url,
            "summary_url": base_path() + summary_url,
            **_texts_data(empty),
        },
        on_event_change=heard,
        on_mode_change=mode_heard,
    )
    if result.event is None:
        return None
    # Told to the browser with the next run, when the event is answered.
    st.session_state[seen_key] = read_stamp(result.event)
    return read_event(result.event, points, view)


def _listeners(
    key: str, points: MapPoints, view: str, link: MapLink | None
) -> tuple[Callable[[], None], Callable[[], None]]:
    """What Streamlit calls before a run that an event or another mode has caused."""

    def event_changed() -> None:
        event = read_event(st.session_state[key].get("event"), points, view)
        if event is not None and link is not None:
            link.heard(event)

    def mode_changed() -> None:
        chosen = read_mode(st.session_state[key].get("mode"))
        if chosen is not None and link is not None:
            link.mode_heard(chosen)

    return event_changed, mode_changed


def _texts_data(empty: str) -> dict[str, str]:
    """The visitor's language, where the texts in it are, and what stands on an empty map."""
    url = texts_url("map_component")
    return {"language": current_language(), "texts_url": url, "empty": empty}


def _points_data(
    points: MapPoints, colours: MapColours, url_of: Callable[[bytes], str]
) -> dict[str, Any]:
    """The parts of the component's data that describe points and colours."""
    # The browser makes a scale's colours from those that its bar shows.
    own = colours.palette[0 if colours.scale is None else colours.scale["steps"] :]
    return {
        "dataset": points.dataset,
        "n": len(points),
        "dim": points.dimensions,
        "bounds": points.bounds,
        "points_url": url_of(points.packed),
        "codes_url": url_of(colours.codes.astype(np.uint8).tobytes()),
        "palette": base64.b64encode(bytes(sum(own, ()))).decode(),
        "legend": {
            "title": colours.title,
            "entries": list(colours.entries),
            "scale": colours.scale,
        },
    }


def _selection_data(
    points: MapPoints,
    selection: npt.ArrayLike | None,
    version: str,
    url_of: Callable[[bytes], str],
) -> dict[str, str | None]:
    """The selection's version, and its address as packed bits: None when none is on the map."""
    indices = points.indices_of([] if selection is None else selection)
    url = url_of(pack_bits(indices, len(points))) if indices.size else None
    return {"version": version, "url": url}
