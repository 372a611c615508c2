"""What a visitor has set on the map page, and how a link to the page says it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from components.context import viewer
from components.map import Mode
from components.workspace import Workspace, workspace
from core.curation.links import kept_for_link, link_key
from core.database import reading
from core.errors import NotFound
from core.search import QueryError

# A query of more characters stays out of the address, which is to be short.
_LONGEST_QUERY = 300
_HIDDEN = re.compile(r"[0-9a-z]{1,7}(\.[0-9a-z]{1,7}){0,255}")
_LARGEST = 1e6
#: What the browser itself writes into the address, by the place of a map on the page.
BROWSER_PARAMETERS = (("cam", "hide"), ("cam2", "hide2"))


@dataclass(frozen=True)
class Start:
    """How a map is looked at when it is opened by a link."""

    #: Azimuth, elevation, target x, y, z, distance, as components/map/camera.js has them.
    camera: tuple[float, ...] | None = None
    #: Hashes of the hidden classes.
    hidden: tuple[str, ...] = ()


@dataclass
class MapState:
    """One visitor's settings of a project's map page, beside the selection in the workspace."""

    #: What the points are coloured by: one of the page's colourings, or `field:` and a field.
    colour: str = ""
    #: The field of the bars; empty: none are shown.
    bars: str = ""
    #: The map; None: the newest one.
    map_id: int | None = None
    #: The second map.
    beside: int | None = None
    #: What a shape, a bar or a query does to the selection.
    mode: Mode = "replace"
    #: The query whose images stay bright while all others are dimmed; empty: none are.
    focus: str = ""
    #: Whether the gallery goes on showing all images while some are selected.
    all_images: bool = False
    #: Views of a link, by map, until the browser has taken them over.
    starts: dict[int, Start] = field(default_factory=dict)
    #: The text in the query field, what is wrong with it, and what grows when it is set anew.
    query: str = ""
    query_error: QueryError | None = None
    query_version: int = 0
    #: How many images the last query that selects found, and how many of them are not on the map.
    asked: tuple[int, int] | None = None
    #: Whether a query dims all images but its own instead of selecting them.
    dims: bool = False
    #: Keys of texts about what of a link could not be followed.
    troubles: list[str] = field(default_factory=list)
    #: Version of the selection that is kept for links.
    kept_version: int = -1
    #: The place of the map that an image was opened on.
    opened_on: int = 0

    def amiss(self, key: str) -> None:
        """Something of the link could not be followed; said once."""
        if key not in self.troubles:
            self.troubles.append(key)


def map_state(project_id: int) -> MapState:
    """The visitor's settings; at first those of the page's address."""
    states: dict[int, MapState] = st.session_state.setdefault("map_states", {})
    if project_id not in states:
        state = states[project_id] = read_link(dict(st.query_params))
        # What dims the others stands in the query field, where it can be changed.
        state.query, state.dims = state.focus, bool(state.focus)
        _take_selection(project_id, states[project_id], st.query_params.get("sel", ""))
    return states[project_id]


def read_link(parameters: Mapping[str, str]) -> MapState:
    """The settings that a page's address asks for; nothing about it is trusted.

    What cannot be read is left out and told by `troubles`. Whether maps, colourings and fields of
    these names exist is not known here.
    """
    state = MapState(
        colour=parameters.get("colour", ""),
        bars=parameters.get("bars", ""),
        focus=parameters.get("focus", "")[:_LONGEST_QUERY],
        beside=_number(parameters.get("beside", "")),
    )
    for name, (camera, hidden) in zip(("map", "beside"), BROWSER_PARAMETERS, strict=True):
        map_id = _number(parameters.get(name, ""))
        if parameters.get(name) and map_id is None:
            state.amiss("map_page.link_map")
        start = Start(_camera(parameters.get(camera, "")), _hashes(parameters.get(hidden, "")))
        lost_camera = start.camera is None and parameters.get(camera)
        if lost_camera or (not start.hidden and parameters.get(hidden)):
            state.amiss("map_page.link_view")
        if map_id is not None and start != Start():
            state.starts[map_id] = start
    return state


def link_parameters(state: MapState, work: Workspace) -> dict[str, str]:
    """What the address says of the settings and the selection; an empty one is left out there."""
    parameters = {
        "colour": state.colour,
        "bars": state.bars,
        "focus": state.focus if len(state.focus) <= _LONGEST_QUERY else "",
        "beside": "" if state.beside is None else str(state.beside),
        "sel": link_key(work.selected),
    }
    if state.beside is None:
        parameters |= dict.fromkeys(BROWSER_PARAMETERS[1], "")
    return parameters


def _take_selection(project_id: int, state: MapState, key: str) -> None:
    if not key:
        return
    try:
        with reading() as session:
            found = kept_for_link(session, viewer(), project_id, key)
    except NotFound as error:
        state.amiss(error.key)
    else:
        workspace(project_id).select(found.image_ids, **found.provenance)


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None


def _camera(text: str) -> tuple[float, ...] | None:
    try:
        numbers = tuple(float(part) for part in text[:120].split("_"))
    except ValueError:
        return None
    sound = len(numbers) == 6 and all(math.isfinite(n) and abs(n) < _LARGEST for n in numbers)
    return numbers if sound and numbers[-1] > 0 else None


def _hashes(text: str) -> tuple[str, ...]:
    return tuple(text.split(".")) if _HIDDEN.fullmatch(text) else ()
