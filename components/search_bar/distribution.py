"""How often each value of a field occurs in what a query finds, as a chart to click."""

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from components.search_bar.results import Counts, narrow, search_of
from components.workspace import workspace
from core.i18n import t
from core.projects.tables import Project
from core.search import Not, Operator, Term

_FIELDS = ("pred", "tag", "box", "batch", "by", "in", "camera", "format")
_CLICKS = ("add", "exclude")
_MOST = 12  # bars
_BAR_HEIGHT = 26  # CSS px
_LABEL = 24  # characters


def distribution(project: Project) -> None:
    """Draw the values of a chosen field with their number of images in the result.

    A click on a bar narrows the query to its value, or to all images without it.
    """
    assert project.id is not None
    search = search_of(project.id)
    present = [name for name in _FIELDS if search.counts(project, name)]
    if not present:
        return
    name = st.selectbox(
        t("search_bar.distribution"),
        present,
        format_func=lambda field: t(f"search_bar.fields.{field}"),
        key=f"distribution:{project.id}",
    )
    takes = st.segmented_control(
        t("search_bar.click"),
        _CLICKS,
        required=True,
        default=_CLICKS[0],
        format_func=lambda click: t(f"search_bar.clicks.{click}"),
        key=f"facet_click:{project.id}",
        label_visibility="collapsed",
    )
    counted = search.facet(project, name)
    shown = counted[:_MOST]
    # A fresh chart after each click: a bar that stays chosen could not be clicked again.
    key = f"bars:{project.id}:{name}:{workspace(project.id).query}"

    def clicked() -> None:
        for point in st.session_state[key].selection.points:
            value = shown[point["point_index"]][0]
            term = Term(name, Operator.IS, (value,))
            narrow(project.id or 0, Not(term) if takes == "exclude" else term)

    st.plotly_chart(
        bars(shown),
        key=key,
        on_select=clicked,
        selection_mode="points",
        config={"displayModeBar": False},
        alt=t("search_bar.chart_alt", field=t(f"search_bar.fields.{name}")),
    )
    rest = len(counted) - len(shown)
    st.caption(t("search_bar.chart_rest" if rest else "search_bar.chart_help", n=f"{rest:,}"))


def bars(counts: Counts) -> Any:
    """A horizontal bar for each value, the first on top, its number of images beside it."""
    labels = [_label(value) for value, _ in counts]
    numbers = [number for _, number in counts]
    figure = go.Figure(
        go.Bar(
            x=numbers,
            y=list(range(len(counts))),
            orientation="h",
            text=[f"{number:,}" for number in numbers],
            textposition="outside",
            cliponaxis=False,
            hovertext=[f"{_escaped(value)}: {number:,}" for value, number in counts],
            hoverinfo="text",
        )
    )
    figure.update_layout(
        height=_BAR_HEIGHT * len(counts) + 50,
        margin={"l": 0, "r": 44, "t": 4, "b": 36},
        bargap=0.25,
        dragmode=False,
        xaxis={"title": t("search_bar.chart_axis"), "fixedrange": True, "rangemode": "tozero"},
        yaxis={
            "tickmode": "array",
            "tickvals": list(range(len(counts))),
            "ticktext": labels,
            "autorange": "reversed",
            "fixedrange": True,
            "automargin": True,
        },
    )
    return figure


def _label(value: str) -> str:
    return _escaped(value if len(value) <= _LABEL else f"{value[: _LABEL - 1]}…")


def _escaped(value: str) -> str:
    """Plotly reads some HTML in its texts."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
