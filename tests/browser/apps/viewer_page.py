"""A viewer of four pictures, the third of them lost, and what Python heard from it.

`?edit=1` allows drawing; what is drawn is kept and told.
"""

from __future__ import annotations

import json

import streamlit as st

from components.viewer import Answer, BoxEdit, Editing, ViewerBox, ViewerImage, viewer
from core.i18n import use_language

COUNT = 4

st.set_page_config(layout="wide")
use_language(st.query_params.get("language", "en"))
state = st.session_state
state.setdefault("number", 1)
state.setdefault("kinds", [])
state.setdefault("drawn", {})
state.setdefault("edits", 0)
state.setdefault("answer", None)
boxes = [
    ViewerBox("scratch", 0.87, (0.1, 0.2, 0.4, 0.5)),
    ViewerBox("<img src=x onerror='window.hacked=1'>", 0.31, (0.55, 0.6, 1.4, 0.9)),
    ViewerBox("얼룩", 0.12, (0.6, 0.0, 0.8, 0.2)),
]


def edited(edit: BoxEdit) -> None:
    """Refuse what someone is not up to date for, and a class that nobody may use."""
    if state.answer is not None and state.answer.token == edit.token:
        return  # sent once more, by a page that had to wait for the answer
    labels = {box[0] for box in edit.boxes or ()}
    saved = edit.seen == state.drawn.get(edit.image_id) and "refused" not in labels
    if saved:
        state.drawn[edit.image_id] = edit.boxes
        state.edits += 1
    state.answer = Answer(edit.token, saved)


if st.button("Someone else draws"):
    state.drawn[state.number] = (("theirs", 0.0, 0.0, 0.5, 0.5),)
editing = Editing(["dent", "scratch", "scrap", "얼룩"], edited, state.answer)
event = viewer(
    ViewerImage(
        id=state.number,
        url=f"/test/pictures/{state.number}",
        width=1200,
        height=800,
        name=f"panel-{state.number}.png",
        boxes=boxes if state.number == 1 else [],
        drawn=state.drawn.get(state.number),
    ),
    key="viewer",
    position=f"{state.number} / {COUNT}",
    height=560,
    editing=editing if "edit" in st.query_params else None,
)
if event is not None:
    state.kinds.append(event.kind)
    step = {"next": 1, "previous": -1, "close": 0}[event.kind]
    state.number = min(max(1, state.number + step), COUNT)
    st.rerun()
st.html(f"<pre id='heard'>{json.dumps(state.kinds)}</pre>")
told = {
    "picture": state.number,
    "edits": state.edits,
    "drawn": state.drawn.get(state.number),
}
st.html(f"<pre id='told'>{json.dumps(told, ensure_ascii=False)}</pre>")
