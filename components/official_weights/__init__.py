"""Official weights to be fetched: the models page's second way to a model, beside a file."""

from urllib.parse import urlsplit

import streamlit as st

from components.context import plain, viewer
from core.i18n import t
from core.models.drafts import begin_fetch
from core.settings import settings
from models.official import OFFICIAL


def official_weights(project_id: int) -> None:
    """A list of official classifiers and the button that lets the worker fetch one."""
    with st.expander(t("own_models.official.title"), icon=":material/cloud_download:"):
        host = urlsplit(settings().official_weights_url).hostname or ""
        st.markdown(t("own_models.official.text", host=plain(host)))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                t("own_models.official.choose"),
                list(OFFICIAL),
                format_func=_option,
                key=f"official_{project_id}",
            )
            if st.button(t("own_models.official.fetch"), key=f"fetch_official_{project_id}"):
                begin_fetch(viewer(), project_id, chosen)
                st.rerun()


def _option(architecture: str) -> str:
    entry = OFFICIAL[architecture]
    return t(
        "own_models.official.option",
        name=entry.name,
        accuracy=f"{entry.accuracy:g}",
        size=f"{entry.megabytes:.0f}",
    )
