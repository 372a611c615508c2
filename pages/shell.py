"""The frame around every page: navigation, the chosen project, the language."""

from pathlib import Path

import streamlit as st

from components.collector import spare_modules
from components.context import apply_language, current_project, plain
from core.i18n import LANGUAGES, t

_PAGES = {
    "upload": ":material/upload:",
    "images": ":material/photo_library:",
    "map": ":material/scatter_plot:",
    "evaluation": ":material/fact_check:",
    "models": ":material/neurology:",
    "history": ":material/history:",
}
# Streamlit leaves much room above and beside a page, which the map and the gallery can use, and
# writes "Press Enter to apply" into fields in English whatever the visitor's language.
_STYLE = """<style>
.stMainBlockContainer {padding: 4.25rem 2.5rem 2rem}
[data-testid="InputInstructions"] {display: none}
</style>"""


def _choose_language() -> None:
    st.session_state.language = st.session_state.language_choice
    st.query_params.pop("lang", None)


def _head(on_home: bool) -> None:
    """One line above every page: which project this is, and the language."""
    left, right = st.columns([8, 1], vertical_alignment="center")
    if project is not None and not on_home:
        name = f"**{plain(project.name)}**"
        notice = f" :gray[· {plain(t(project.notice))}]" if project.notice else ""
        left.markdown(name + notice)
    right.selectbox(
        t("shell.language"),
        list(LANGUAGES),
        index=list(LANGUAGES).index(st.session_state.language),
        format_func=LANGUAGES.__getitem__,
        key="language_choice",
        on_change=_choose_language,
        label_visibility="collapsed",
    )


spare_modules()
apply_language()
# An icon of our own: the browser would fetch a named one from the internet.
icon = Path(__file__).with_name("icon.svg")
st.set_page_config(page_title="DATAG", page_icon=icon, layout="wide")
st.html(_STYLE)
project = current_project()
home = st.Page("home.py", title=t("shell.home"), icon=":material/home:", default=True)
pages = [
    st.Page(f"{name}.py", title=t(f"shell.{name}"), icon=symbol) for name, symbol in _PAGES.items()
]
# Reached from the images.
bin_page = st.Page("bin.py", title=t("shell.bin"), icon=":material/delete:", visibility="hidden")
# Every page stays known, so that its address works; without a project it says where to get one.
page = st.navigation([home, *pages, bin_page], position="top")
_head(on_home=page == home)
page.run()
