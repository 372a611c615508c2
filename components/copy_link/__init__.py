"""A button that copies the address of the page as it is now, with what views keep in it."""

from functools import cache
from typing import Any

import streamlit as st

from components.assets import module_source
from core.i18n import texts


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component("datag_copy_link", js=module_source("copy_link"))


def copy_link(*, key: str) -> None:
    """Show the button.

    Args:
        key: Streamlit's key of the component.
    """
    _component()(key=key, data={"texts": texts("copy_link")})
