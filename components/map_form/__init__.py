"""The form that makes a new map: which images, which method, how many dimensions."""

from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from components.context import plain, viewer
from components.project_models import choose_used_model
from components.workspace import Workspace
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.maps.methods import METHODS, MIN_IMAGES, Parameter
from core.maps.run import begin_map
from core.media.images import project_image_ids
from core.projects.tables import Project
from core.search import find

Ids = npt.NDArray[np.int64]


def map_form(project: Project, work: Workspace) -> int | None:
    """Show the form; the id of the new map when one was begun in this run."""
    sources = _sources(project, work)
    # What was chosen last is most likely what the map is to show.
    source = st.radio(
        t("map_form.images"),
        list(sources),
        index=len(sources) - 1,
        format_func=lambda key: _source_label(key, sources[key], work),
        key=f"map_source_{len(sources)}",
    )
    image_ids = sources[source]
    if len(image_ids) < MIN_IMAGES:
        st.warning(plain(t("maps.too_few", n=len(image_ids))))
        return None
    left, right = st.columns(2)
    with left:
        method = st.segmented_control(
            t("map_form.method"),
            list(METHODS),
            default="umap",
            required=True,
            format_func=lambda key: t(METHODS[key].name_key),
            key="map_method",
        )
    with right:
        dimensions = st.segmented_control(
            t("map_form.dimensions"),
            [3, 2],
            default=3,
            required=True,
            format_func=lambda n: f"{n}D",
            key="map_dimensions",
        )
    st.caption(t(METHODS[method].help_key))
    model_key = choose_used_model(project, t("map_form.model"), key="map_model", vectors=True)
    params, seed, name = _details(method, len(image_ids))
    if not st.button(t("map_form.start"), type="primary", icon=":material/scatter_plot:"):
        return None
    return _begin(
        project,
        image_ids,
        _provenance(source, work),
        method,
        dimensions,
        params,
        seed,
        name,
        model_key,
    )


def _sources(project: Project, work: Workspace) -> dict[str, Ids]:
    """The sets of images that there are to map, by their kind."""
    assert project.id is not None
    with reading() as session:
        sources = {"all": project_image_ids(session, viewer(), project.id)}
        if work.query:
            sources["query"] = find(session, viewer(), project, work.query)
    if len(work.selected):
        sources["selection"] = work.selected
    return sources


def _source_label(key: str, image_ids: Ids, work: Workspace) -> str:
    label = t(f"map_form.sources.{key}", query=plain(work.query))
    return f"{label} ({len(image_ids):,})"


def _provenance(source: str, work: Workspace) -> dict[str, Any]:
    if source == "query":
        return {"kind": "query", "query": work.query}
    if source == "selection":
        return {"kind": "selection", "of": work.selection.provenance}
    return {"kind": "all"}


def _details(method: str, n: int) -> tuple[dict[str, float], int, str]:
    """Parameters, seed and name, folded away: the defaults are good."""
    with st.expander(t("map_form.details")):
        params = {p.key: _number(p, n) for p in METHODS[method].parameters}
        seed = st.number_input(
            t("map_form.seed"), 0, 2**32 - 1, 0, help=t("map_form.seed_help"), key="map_seed"
        )
        name = st.text_input(
            t("map_form.name"), placeholder=t("map_form.name_hint"), max_chars=100, key="map_name"
        )
    return params, int(seed), name


def _number(parameter: Parameter, n: int) -> float:
    kind = parameter.kind
    return st.number_input(
        t(parameter.name_key),
        kind(parameter.minimum),
        kind(max(parameter.maximum_for(n), parameter.minimum)),
        kind(parameter.default_for(n)),
        kind(parameter.step),
        help=t(parameter.help_key),
        key=f"map_{parameter.method}_{parameter.key}",
    )


def _begin(
    project: Project,
    image_ids: Ids,
    source: dict[str, Any],
    method: str,
    dimensions: int,
    params: dict[str, float],
    seed: int,
    name: str,
    model_key: str,
) -> int | None:
    assert project.id is not None
    try:
        new, _job = begin_map(
            viewer(),
            project.id,
            image_ids,
            source,
            method,
            dimensions,
            params,
            seed,
            name or None,
            model_key,
        )
    except UserError as error:
        st.error(plain(error))
        return None
    return new.id
