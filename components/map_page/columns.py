"""The values of a map's images by any colouring or field, kept while nothing changes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

import numpy as np
import streamlit as st

from components.context import viewer
from components.map import MapColours
from components.map_page.fields import FIELD, column_colours
from core.curation.columns import prediction_columns, tag_column
from core.curation.distributions import Distribution, distribution
from core.curation.field_columns import (
    FieldColumn,
    field_column,
    field_names,
    number_values,
    text_values,
)
from core.curation.tags import tags
from core.database import reading
from core.i18n import current_language
from core.maps import LoadedMap
from core.projects.tables import Project

#: Colourings that are no fields of images by themselves, or stand out among them.
COLOURINGS = ("prediction", "tags", "confidence", "outlier")
_STORED = ("cluster", "neighbours")  # maps made before they were stored have none
_KEPT = 12

Made = TypeVar("Made")


def colourings(loaded: LoadedMap) -> tuple[str, ...]:
    """The colourings that a map has, without those by fields."""
    stored = () if loaded.clusters is None else _STORED
    return (*COLOURINGS, *stored, *(("added",) if loaded.added.any() else ()))


def first_colouring(project: Project) -> str:
    """What a map shows before anybody chose: people's tags where there are some."""
    with reading() as session:
        return "tags" if any(n for _, n in tags(session, viewer(), project)) else "prediction"


def fields_of(project: Project, data_version: int) -> list[str]:
    """The fields that images of the project have, `field:` before each."""

    def read() -> list[str]:
        with reading() as session:
            return [FIELD + name for name in field_names(session, viewer(), project)]

    return kept(("fields", project.id, data_version), read)


def map_column(project: Project, loaded: LoadedMap, name: str, data_version: int) -> FieldColumn:
    """The value of each of the map's images by a colouring of `colourings` or a `field:`.

    Raises:
        KeyError: there is no field of this name.
    """
    key = ("column", *_state(loaded, data_version), name)
    return kept(key, lambda: _column(project, loaded, name))


def map_colours(project: Project, loaded: LoadedMap, name: str, data_version: int) -> MapColours:
    """The colours of a map's points; see `map_column`."""
    column = map_column(project, loaded, name, data_version)
    key = ("colours", current_language(), *_state(loaded, data_version), name)
    return kept(key, lambda: column_colours(name, column, _own_colours(project, name)))


def _own_colours(project: Project, name: str) -> dict[str, str]:
    """The colours that people gave to tags, which the gallery's chips have too."""
    if name != "tags":
        return {}
    with reading() as session:
        return {tag.name: tag.colour for tag, _ in tags(session, viewer(), project)}


def map_bars(project: Project, loaded: LoadedMap, name: str, data_version: int) -> Distribution:
    """The bars of a map's images; see `map_column`."""
    column = map_column(project, loaded, name, data_version)
    return kept(("bars", *_state(loaded, data_version), name), lambda: distribution(column))


def kept(key: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` gives, made once for the visitor's latest few keys."""
    made: OrderedDict[Hashable, Made] = st.session_state.setdefault("map_kept", OrderedDict())
    if key not in made:
        made[key] = make()
    made.move_to_end(key)
    while len(made) > _KEPT:
        made.popitem(last=False)
    return made[key]


def _state(loaded: LoadedMap, data_version: int) -> tuple[Hashable, ...]:
    return loaded.map.id, len(loaded.image_ids), data_version


def _column(project: Project, loaded: LoadedMap, name: str) -> FieldColumn:
    if name == "outlier":
        return number_values(loaded.outlier_scores)
    if name == "neighbours" and loaded.neighbour_shares is not None:
        return number_values(loaded.neighbour_shares * 100, "%")
    if name == "added":
        return text_values(["added" if new else "before" for new in loaded.added.tolist()])
    if name == "cluster" and loaded.clusters is not None:
        return text_values([None if c < 0 else str(c) for c in loaded.clusters.tolist()])
    with reading() as session:
        if name == "tags":
            return text_values(tag_column(session, viewer(), project, loaded.image_ids))
        if name in ("prediction", "confidence"):
            labels, sure = prediction_columns(session, viewer(), project, loaded.image_ids)
            if name == "prediction":
                return text_values(labels)
            # Rounded, or 0.58 would be 57.99999999999999 %.
            return number_values(np.round(sure * 100, 9), "%")
        field = name.removeprefix(FIELD)
        return field_column(session, viewer(), project, field, loaded.image_ids)
