"""How to write a query: every field with an example to try."""

import streamlit as st

from components.context import plain
from components.search_bar.results import narrow
from core.i18n import t
from core.search import fields, parse


def guide(project_id: int) -> None:
    """Draw the list of fields; a click on an example adds it to the query."""
    with st.container(border=True, height=320, key="search_guide"):
        st.markdown(t("search_bar.combining"))
        st.caption(t("search_bar.try_examples"))
        for field in fields():
            with st.container(
                horizontal=True, vertical_alignment="center", wrap=False, gap="small"
            ):
                st.button(
                    plain(field.example),
                    key=f"example:{field.name}",
                    width=250,
                    on_click=_try,
                    args=(project_id, field.example),
                )
                st.markdown(plain(field.explanation), width="stretch")


def _try(project_id: int, example: str) -> None:
    added = parse(example)
    if added is not None:
        narrow(project_id, added)
