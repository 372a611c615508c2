"""A viewer of four pictures, the third of them lost, and what Python heard from it."""

from __future__ import annotations

import json

import streamlit as st

from components.viewer import ViewerBox, ViewerImage, viewer
from core.i18n import use_language

COUNT = 4

st.set_page_config(layout="wide")
use_language(st.query_params.get("language", "en"))
state = st.session_state
state.setdefault("number", 1)
state.setdefault("kinds", [])
boxes = [
    ViewerBox("scratch", 0.87, (0.1, 0.2, 0.4, 0.5)),
    ViewerBox("<img src=x onerror='window.hacked=1'>", 0.31, (0.55, 0.6, 1.4, 0.9)),
    ViewerBox("얼룩", None, (0.6, 0.0, 0.8, 0.2)),
]
image = ViewerImage(
    id=state.number,
    url=f"/test/pictures/{state.number}",
    width=1200,
    height=800,
    name=f"panel-{state.number}.png",
    boxes=boxes if state.number == 1 else [],
)
event = viewer(image, key="viewer", position=f"{state.number} / {COUNT}", height=560)
if event is not None:
    state.kinds.append(event.kind)
    step = {"next": 1, "previous": -1, "close": 0}[event.kind]
    state.number = min(max(1, state.number + step), COUNT)
    st.rerun()
st.html(f"<pre id='heard'>{json.dumps(state.kinds)}</pre>")
