"""One map or plotly's scatter3d, buttons that change it, and what Python has received."""

import plotly.graph_objects as go
import streamlit as st

from benchmarks.map_data import PLOTLY_POINTS, SIZES, WARM_UP, class_names, points, put
from components.collector import spare_modules
from components.map import MapPoints, categorical, continuous, scatter_map

spare_modules()  # as on every page of DATAG, for plotly too
state = st.session_state
state.setdefault("shown", "nothing")
state.setdefault("turn", 0)


def _show(what: str) -> None:
    state.shown = what
    state.colour = "class"
    state.turn += 1


def _recolour() -> None:
    state.colour = "number" if state.colour == "class" else "class"
    state.turn += 1


def _map(n: int) -> None:
    coordinates, ids, _cluster = points(n)
    if state.get("points_of") != n:
        state.points, state.points_of = MapPoints(coordinates, ids), n
    if state.colour == "class":
        colours = categorical(class_names(n), "Class")
    else:
        colours = continuous(coordinates[:, 0], unit="mm", title="Width")
    event = scatter_map(state.points, colours, key=f"map_{n}", view=f"map-{n}", put=put)
    st.code(f"{len(event.image_ids) if event else 0} of {n}")


def _plotly() -> None:
    coordinates, _ids, cluster = points(PLOTLY_POINTS)
    values = cluster if state.colour == "class" else coordinates[:, 0]
    x, y, z = coordinates.T
    marker = {"size": 3, "color": values}
    trace = go.Scatter3d(x=x, y=y, z=z, mode="markers", marker=marker, name=f"turn {state.turn}")
    st.plotly_chart(go.Figure(trace), key="plotly")


sizes = (WARM_UP, *SIZES)
columns = st.columns(len(sizes) + 3)
for column, size in zip(columns, sizes, strict=False):
    column.button(f"{size}", on_click=_show, args=(f"{size}",))
columns[-3].button("nothing", on_click=_show, args=("nothing",))
columns[-2].button("plotly", on_click=_show, args=("plotly",))
columns[-1].button("recolour", on_click=_recolour)
for size in SIZES:
    class_names(size)  # made before anything is measured
if state.shown == "plotly":
    _plotly()
elif state.shown != "nothing":
    _map(int(state.shown))
