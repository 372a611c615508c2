"""The frame around every page: navigation, the chosen project, the language."""

from pathlib import Path

import streamlit as st

from components.context import apply_language, current_project, plain
from core.i18n import LANGUAGES, t

_PAGES = {
    "upload": ":material/upload:",
    "images": ":material/photo_library:",
    "map": ":material/scatter_plot:",
    "history": ":material/history:",
}


def _choose_language() -> None:
    st.session_state.language = st.session_state.language_choice
    st.query_params.pop("lang", None)


apply_language()
# An icon of our own: the browser would fetch a named one from the internet.
icon = Path(__file__).with_name("icon.svg")
st.set_page_config(page_title="DATAG", page_icon=icon, layout="wide")
# Streamlit leaves six lines free above a page, which the map and the gallery can use.
st.html("<style>.stMainBlockContainer {padding-top: 2.5rem; padding-bottom: 2rem}</style>")
project = current_project()
home = st.Page("home.py", title=t("shell.home"), icon=":material/home:", default=True)
pages = [
    st.Page(f"{name}.py", title=t(f"shell.{name}"), icon=symbol) for name, symbol in _PAGES.items()
]
# Every page stays known, so that its address works; without a project it says where to get one.
page = st.navigation({"": [home], plain(project.name) if project else t("shell.project"): pages})
with st.sidebar:
    st.segmented_control(
        t("shell.language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        default=st.session_state.language,
        key="language_choice",
        on_change=_choose_language,
        label_visibility="collapsed",
    )
page.run()
