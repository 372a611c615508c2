"""A query field, what Python heard from it, and how often the page ran."""

from __future__ import annotations

import json

import streamlit as st

from components.query_box import query_box
from core.i18n import use_language
from core.search import QueryError, parse

st.set_page_config(layout="wide")
use_language(st.query_params.get("language", "en"))
state = st.session_state
state.setdefault("text", "")
state.setdefault("heard", [])
state.setdefault("version", 0)
state.runs = state.get("runs", 0) + 1


def submitted(text: str) -> None:
    state.heard.append(text)
    state.text = text


def write() -> None:
    state.text, state.version = "tag:stain AND NOT tag:scratch", state.version + 1


error = None
try:
    parse(state.text)
except QueryError as wrong:
    error = wrong
query_box(
    state.text,
    key="query:1",
    project_id=1,
    version=state.version,
    submitted=submitted,
    error=error,
    complete_url="/test/projects/{id}/complete",
)
st.button("write", on_click=write)
st.html(f"<pre id='heard'>{json.dumps([state.runs, *state.heard], ensure_ascii=False)}</pre>")
