"""An uploader, and what Python heard from it."""

from __future__ import annotations

import json

import streamlit as st

from components.uploader import uploader
from core.i18n import use_language

st.set_page_config(layout="wide")


def upload() -> None:
    use_language(st.query_params.get("language", "en"))
    heard = st.session_state.setdefault("heard", [])
    st.button("Rerun")
    event = uploader(key="uploader", view="uploader-7", project_id=7)
    if event is not None:
        heard.append([event.kind, event.upload, event.batch])
    st.html(f"<pre id='heard'>{json.dumps(heard)}</pre>")


def other() -> None:
    st.write("Another page")


st.navigation(
    [st.Page(upload, title="Upload"), st.Page(other, title="Other", url_path="other")]
).run()
