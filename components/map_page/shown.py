"""What the map page shows: project, selection, settings, and the maps with their points."""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from components.context import viewer
from components.map import MapPoints
from components.map_page.columns import kept
from components.map_page.selecting import Ids, same
from components.map_page.state import MapState
from components.workspace import Workspace
from core.bin import last_change
from core.curation.links import keep_for_link
from core.database import reading
from core.errors import UserError
from core.maps import LoadedMap, load_map
from core.projects.tables import Project
from core.search import QueryError, find

_MAPS_KEPT = 3


@dataclass(frozen=True, eq=False)
class Shown:
    """One map on the page and what surrounds it."""

    project: Project
    work: Workspace
    state: MapState
    loaded: LoadedMap
    points: MapPoints

    @property
    def id(self) -> int:
        """The project's id."""
        assert self.project.id is not None
        return self.project.id

    @property
    def map_id(self) -> int:
        """The map's id."""
        assert self.loaded.map.id is not None
        return self.loaded.map.id

    @property
    def on_map(self) -> Ids:
        """The selected images that are on the map, in the selection's order."""
        selected = self.work.selected
        return selected[np.isin(selected, self.loaded.image_ids)]

    @property
    def bright(self) -> npt.NDArray[np.bool_]:
        """bool (N,): the points that are not dimmed."""
        focus = self.state.focus
        if not focus:
            return np.ones(len(self.points), dtype=np.bool_)
        key = ("focus", focus, self.map_id, len(self.points), self.work.data_version)
        return kept(key, lambda: np.isin(self.loaded.image_ids, self.found(focus)))

    def found(self, query: str) -> Ids:
        """What a query finds in the project. Raises QueryError."""
        with reading() as session:
            return find(session, viewer(), self.project, query)

    def select(self, image_ids: Ids, **provenance: object) -> None:
        """Choose these images in every view, unless they are chosen already."""
        if not same(image_ids, self.work.selected):
            self.work.select(image_ids, **provenance)


def show_map(project: Project, work: Workspace, state: MapState, map_id: int, count: int) -> Shown:
    """A map with its arrays, read once a visit and again when it has other images than before.

    Args:
        count: number of its images, which grows when some are added.

    Raises:
        NotFound: there is none, or the viewer may not see it.
    """
    maps: OrderedDict[int, tuple[object, LoadedMap, MapPoints]]
    maps = st.session_state.setdefault("maps_loaded", OrderedDict())
    with reading() as session:
        change = (count, last_change(session, project))
        if map_id not in maps or maps[map_id][0] != change:
            loaded = load_map(session, viewer(), map_id)
            maps[map_id] = (change, loaded, MapPoints(loaded.coordinates, loaded.image_ids))
    maps.move_to_end(map_id)
    while len(maps) > _MAPS_KEPT:
        maps.popitem(last=False)
    _, loaded, points = maps[map_id]
    return Shown(project, work, state, loaded, points)


def drop_wrong_focus(shown: Shown) -> None:
    """Forget a link's query that cannot be read."""
    try:
        _ = shown.bright
    except QueryError:
        shown.state.focus = ""
        shown.state.amiss("map_page.link_focus")


def keep_selection(shown: Shown) -> None:
    """Keep the selection for the page's address; at the end of a run, which it shall not delay."""
    work, state = shown.work, shown.state
    if state.kept_version == work.version:
        return
    try:
        keep_for_link(viewer(), shown.id, work.selected, work.selection.provenance)
    except UserError:
        return  # the project is gone; the next run of the page says so
    state.kept_version = work.version
