"""A button that downloads from an address: the browser streams the file to disk, of any size."""

from functools import cache
from typing import Any

import streamlit as st

from components.assets import module_source


@cache
def _component() -> Any:
    return st.components.v2.component("datag_download", js=module_source("download_link"))


def download_link(label: str, url: str, *, key: str) -> None:
    """Show the button.

    Args:
        url: an address of this app that answers with an attachment.
        key: Streamlit's key of the component.
    """
    _component()(key=key, data={"label": label, "url": url})
