"""The bars of a field below the map: they count the selection and make one."""

import numpy as np
import streamlit as st

from components.histogram import Bars, Chart, histogram
from components.map import Mode
from components.map_page.columns import colourings, fields_of, map_bars
from components.map_page.fields import column_label, value_label
from components.map_page.selecting import combined
from components.map_page.shown import Shown
from core.curation.distributions import Distribution
from core.i18n import t

_NONE = ""
_HEIGHT = 170  # CSS px


def choose_bars(shown: Shown) -> None:
    """The choice of a field for the bars, or of none."""
    state = shown.state
    names = (_NONE, *_names(shown))
    if state.bars not in names:
        state.amiss("map_page.link_bars")
        state.bars = _NONE
    key = f"map_bars_field:{shown.id}"
    st.session_state[key] = state.bars

    def chosen() -> None:
        # Before the run: the map above writes it into the address.
        state.bars = st.session_state[key]

    st.selectbox(
        t("map_page.bars"),
        names,
        format_func=lambda name: column_label(name) if name else t("map_page.no_bars"),
        key=key,
        on_change=chosen,
        width=260,
        label_visibility="collapsed",
    )


def _names(shown: Shown) -> tuple[str, ...]:
    return (*colourings(shown.loaded), *fields_of(shown.project, shown.work.data_version))


def show_bars(shown: Shown) -> None:
    """The bars of the chosen field over the map's images; over the bright ones if others are dim.

    Nothing is drawn where none is chosen, or one that only the other map has.
    """
    state, work = shown.state, shown.work
    name = state.bars
    if name not in _names(shown):
        return
    found = map_bars(shown.project, shown.loaded, name, work.data_version)
    if not found.size:
        st.caption(t("map_page.no_values", field=column_label(name)))
        return
    bright = shown.bright

    def heard(bars: Bars, mode: Mode) -> None:
        inside = shown.loaded.image_ids[np.isin(found.bars, bars) & bright]
        state.all_images = False
        shown.select(
            combined(work.selected, inside, mode),
            kind="bars",
            map=shown.map_id,
            field=name,
            bars=_said(found, bars),
        )

    chosen = np.isin(shown.loaded.image_ids, work.selected) & bright
    title, labels = column_label(name), _labels(found, name)
    histogram(
        Chart(found.kind, title, found.counts(bright), labels, found.edges, found.unit),
        found.counts(chosen),
        key=f"map_bars:{shown.map_id}",
        view=f"map-bars-{shown.map_id}",
        heard=heard,
        height=_HEIGHT,
        mode=state.mode,
    )


def _labels(found: Distribution, name: str) -> tuple[str, ...]:
    labels = tuple(value_label(name, label) for label in found.labels)
    return (*labels, t("map_component.legend_other")) if found.others else labels


def _said(found: Distribution, bars: Bars) -> list[object]:
    """The bars in a form that can be read when they are drawn no more: labels, or both ends."""
    if found.kind == "text":
        return [found.labels[bar] if 0 <= bar < len(found.labels) else None for bar in bars]
    return [found.edges[bar : bar + 2].tolist() if bar >= 0 else None for bar in bars]
