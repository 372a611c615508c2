"""One map, the last event as JSON, and buttons that change what Python sends."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import streamlit as st

from components.map import MapPoints, categorical, continuous, scatter_map
from core.i18n import use_language
from tests.browser.apps.map_data import dataset, put

st.set_page_config(layout="wide")
state = st.session_state
state.setdefault("selection", np.array([], dtype=np.int64))
state.setdefault("version", 0)
state.setdefault("event", {})
state.setdefault("colour", "class")
state["runs"] = state.get("runs", 0) + 1


def map_page() -> None:
    n = int(st.query_params.get("n", "400"))
    dim = int(st.query_params.get("dim", "3"))
    use_language(st.query_params.get("lang", "en"))
    coordinates, ids, classes = dataset(n, dim)
    buttons = st.columns(4)
    if buttons[0].button("by class"):
        state.colour = "class"
    if buttons[1].button("by number"):
        state.colour = "number"
    if buttons[2].button("select from Python"):
        state.selection = np.sort(ids)[:10]
        state.version += 1
    buttons[3].button("rerun")
    numbers = np.where([c is None for c in classes], np.nan, coordinates[:, 0])
    event = scatter_map(
        MapPoints(coordinates, ids),
        categorical(classes, "Class")
        if state.colour == "class"
        else continuous(numbers, unit="mm", title="Width"),
        key="map",
        view="test-map",
        put=put,
        selection=state.selection,
        selection_version=str(state.version),
        height=520,
    )
    if event:
        state.selection = event.image_ids
        state.version += 1
        state.event = {
            "kind": event.kind,
            "op": event.op,
            "image_id": event.image_id,
            "view": event.view,
            "n": len(event.image_ids),
            "digest": hashlib.sha256(event.image_ids.astype("<i8").tobytes()).hexdigest(),
        }
        if len(event.image_ids) <= 10_000:
            state.event["ids"] = event.image_ids.tolist()
    st.code(json.dumps({"runs": state.runs, **state.event}))


def other_page() -> None:
    st.write("another page")


def second_map() -> None:
    coordinates, ids, classes = dataset(3_000, 2)
    points = MapPoints(coordinates, ids)
    scatter_map(points, categorical(classes, "Class"), key="second", view="second-map", put=put)


pages = [
    st.Page(map_page, title="Map", default=True),
    st.Page(other_page, title="Other"),
    st.Page(second_map, title="Second"),
]
st.navigation(pages).run()
