"""The keys of the map page."""

from collections.abc import Mapping

import numpy as np

from components import gallery
from components import map as map_component
from components.map import MapPoints
from components.page_keys import page_keys
from components.shortcuts import is_number
from components.workspace import Ids
from core.projects.tables import Project


def map_keys(project: Project, points: MapPoints, gallery_key: str, chosen: Ids) -> None:
    """Listen to the keys of a map and the gallery beside it.

    Args:
        points: of the map.
        gallery_key: Streamlit's key of the gallery.
        chosen: int64 (k,), what Python knows to be chosen; it counts where the browser says
            nothing.
    """

    def read(target: object) -> Ids | None:
        kind = target.get("kind") if isinstance(target, Mapping) else None
        if kind == "gallery":
            return gallery.selected_now(gallery_key, target)
        selected = map_component.selected_now(target, points) if kind == "map" else None
        # A second map beside this one has other points and the same selection.
        return chosen if selected is None else selected

    page_keys(project, key=_key(project), views=("map", "gallery"), chosen=read)


def opened_keys(project: Project, opened: int) -> None:
    """Listen to the keys of a map and the opened image beside it, which they are about."""

    def read(target: object) -> Ids | None:
        # The browser may be one picture further on than this run of the page.
        image_id = target.get("id") if isinstance(target, Mapping) else None
        return np.array([image_id if is_number(image_id) else opened], dtype=np.int64)

    page_keys(project, key=_key(project), views=("map", "viewer", "boxes"), chosen=read)


def _key(project: Project) -> str:
    return f"map_keys:{project.id}"
