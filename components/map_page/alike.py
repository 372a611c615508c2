"""More like this: the images whose features are most like those of the chosen ones."""

import numpy as np
import streamlit as st

from components.context import plain, viewer
from components.map_page.selecting import Ids, combined
from components.map_page.shown import Shown
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.maps.alike import alike

_AT_FIRST, _MOST = 50, 10_000
_NAMED = 20  # examples that the provenance names; more are only counted


def more_like_this(shown: Shown, target: Ids) -> None:
    """The button that selects what is most like these images, in their map's model's eyes.

    Args:
        target: int64 (k,), at least one.
    """
    with st.popover(t("map_page.alike"), icon=":material/join_inner:", width="stretch"):
        st.caption(t("map_page.alike_help", n=f"{len(target):,}"))
        # A form, so that the number that is being typed counts when the button is pressed.
        with st.form(f"map_alike_form:{shown.id}", border=False):
            number = st.number_input(
                t("map_page.alike_number"), 1, _MOST, _AT_FIRST, key=f"map_alike:{shown.id}"
            )
            if not st.form_submit_button(
                t("map_page.alike_find"), type="primary", key="map_alike_find"
            ):
                return
        try:
            select_alike(shown, target, int(number))
        except UserError as error:
            st.error(plain(error))
            return
    st.rerun(scope="fragment")


def select_alike(shown: Shown, target: Ids, number: int) -> None:
    """Select the images that are most like `target`, after these themselves.

    In the mode "add" and the others it does to the selection what a lasso around them would.

    Raises:
        UserError: none of the images has features of the map's model.
    """
    model_key = shown.loaded.map.model_key
    with reading() as session:
        found, _ = alike(session, viewer(), shown.project, target, number, model_key)
    mode = shown.state.mode
    chosen = np.concatenate([target, found]) if mode == "replace" else found
    shown.state.all_images = False
    shown.select(
        combined(shown.work.selected, chosen, mode),
        kind="alike",
        of=target[:_NAMED].tolist(),
        examples=len(target),
        number=number,
        model=model_key,
    )
