"""The opened image, beside the map that it lies on."""

import numpy as np
import streamlit as st

from components.bin import delete_button
from components.changes import undo_bar
from components.context import plain
from components.detail import close, details, picture
from components.map_page.picked import among
from components.map_page.shown import Shown
from components.page_keys.on_map import opened_keys
from core.errors import NotFound
from core.i18n import t

_HEIGHT = 470  # CSS px, of the picture


def is_opened(shown: Shown) -> bool:
    """Whether the opened image, if there is one, lies on this map."""
    opened = shown.work.opened
    return opened is not None and bool(np.any(shown.loaded.image_ids == opened))


def show_opened(shown: Shown) -> None:
    """The opened image with the way to its neighbours in the selection, and what is known of it.

    Neighbours of an image that is not selected are all images of the map.
    """
    project, opened = shown.project, shown.work.opened
    assert opened is not None
    st.button(
        t("map_page.close"),
        icon=":material/arrow_back:",
        type="tertiary",
        key="map_close",
        on_click=close,
        args=(shown.id,),
    )
    try:
        picture(project, among(shown, opened), height=_HEIGHT)
        undo_bar(project, key="undo_map")
        details(project, opened)
        delete_button(project, np.array([opened]))
        opened_keys(project, opened)
    except NotFound as error:
        st.error(plain(error))
