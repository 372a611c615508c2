"""A gallery, and what Python heard from it."""

from __future__ import annotations

import json

import numpy as np
import streamlit as st

from components.gallery import gallery
from core.i18n import use_language
from tests.browser.apps.blobs import put
from tests.browser.apps.gallery_images import FIRST_ID

st.set_page_config(layout="wide")


def images() -> None:
    query = st.query_params
    use_language(query.get("language", "en"))
    count = int(query.get("n", 500))
    state = st.session_state
    state.setdefault("selection", np.empty(0, dtype=np.int64))
    for name in ("version", "runs", "selects", "data_version"):
        state.setdefault(name, 0)
    state.runs += 1
    left, middle, right = st.columns(3)
    if left.button("Rerun"):
        state.data_version += 1
    if middle.button("Every tenth"):
        state.selection = FIRST_ID + np.arange(0, count, 10)
        state.version += 1
    if right.button("Forget selection"):
        state.selection = np.empty(0, dtype=np.int64)
        state.version += 1
    ids = FIRST_ID + np.arange(count)
    if query.get("reverse"):
        ids = ids[::-1]
    event = gallery(
        ids,
        key="images",
        view="images",
        put=put,
        selection=state.selection,
        selection_version=str(state.version),
        data_version=str(state.data_version),
        height=600,
        empty="Nothing was found." if count == 0 else None,
    )
    if event is not None:
        state.selects += 1
        state.opened = event.image_id
        state.selection = event.image_ids
        # A page that shows the selection elsewhere too gives every change a version.
        state.version += 1
        st.rerun()
    heard = {
        "runs": state.runs,
        "selects": state.selects,
        "opened": state.get("opened"),
        "selected": (state.selection - FIRST_ID).tolist() if len(state.selection) < 5000 else None,
        "count": len(state.selection),
    }
    st.html(f"<pre id='heard'>{json.dumps(heard)}</pre>")


def other() -> None:
    st.write("Another page")


st.navigation(
    [st.Page(images, title="Images"), st.Page(other, title="Other", url_path="other")]
).run()
