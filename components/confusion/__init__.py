"""A confusion matrix to click on: a cell leads to its images."""

from collections.abc import Callable
from html import escape
from unicodedata import east_asian_width

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import streamlit as st

from components.context import open_project, plain, viewer
from components.workspace import workspace
from core.curation.selections import save_selection
from core.database import now, reading
from core.errors import UserError
from core.evaluation.classification import confusion
from core.evaluation.truth import NOTHING, Labels
from core.i18n import t
from core.projects.tables import Project
from core.search import QueryError, find, quoted

_MOST = 30  # classes in one picture; the table below a matrix has them all
# CSS px: a cell's side where there are many and few classes, and what a letter of a name takes.
_CELL, _LARGE_CELL, _ROOM, _LETTER = 34, 90, 450, 7
_LONGEST = 26  # letters of a name beside the matrix; the whole one shows over its cells
_GRID = "rgba(128, 128, 128, 0.3)"


def show_confusion(
    project: Project,
    labels: Labels,
    rows: str,
    columns: str,
    key: str,
    asked: Callable[[str, str], str],
) -> None:
    """Draw the matrix of two classes an image, or a box, and what was clicked in it.

    Args:
        rows: title of the rows' axis.
        columns: title of the columns' axis.
        asked: a query that probably finds the images of a cell, from its row's and column's class.
    """
    matrix = confusion(labels.rows, labels.columns, len(labels.names))
    often = np.argsort(-(matrix.sum(axis=0) + matrix.sum(axis=1)), kind="stable")[:_MOST]
    shown = np.sort(often)
    if len(labels.names) > len(shown):
        st.caption(t("evaluation.most", shown=len(shown), n=f"{len(labels.names):,}"))
    names = [labels.names[index] for index in shown]
    figure = _figure(matrix[np.ix_(shown, shown)], [_shown(name) for name in names], rows, columns)
    event = st.plotly_chart(
        figure,
        width="content",
        key=f"{key}_matrix",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
    )
    points = event["selection"]["points"]
    if not points:
        st.caption(t("evaluation.click"))
        return
    row, column = (int(value) for value in points[0]["customdata"][:2])
    chosen = (labels.rows == shown[row]) & (labels.columns == shown[column])
    query = asked(names[row], names[column])
    # Of boxes, an image may be there several times.
    title = f"{_shown(names[row])} → {_shown(names[column])}"
    _lead_on(project, np.unique(labels.image_ids[chosen]), title, key, query)


def _shown(name: str) -> str:
    return t("evaluation.nothing") if name == NOTHING else name


def chart_text(text: str) -> str:
    """A text that Plotly shows as it is; names may hold markup."""
    return escape(text, quote=False)


def _width(name: str) -> int:
    """Roughly, in CSS px; letters of East Asia are twice as wide as others."""
    letters = name[:_LONGEST]
    return _LETTER * (len(letters) + sum(east_asian_width(letter) in "WF" for letter in letters))


def _short(name: str) -> str:
    return chart_text(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…")


def _figure(matrix: npt.NDArray[np.int64], names: list[str], rows: str, columns: str) -> go.Figure:
    """Shares of each row as colour, counts as text; markers over it take the clicks.

    The cells are squares of a known side, so that a marker covers the whole of its cell.
    """
    n = len(names)
    side = min(max(_ROOM // n, _CELL), _LARGE_CELL)
    beside = max(map(_width, names)) + 50
    below = round(0.75 * beside) + 15  # names at 45 degrees
    shares = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    cells = [(row, column) for row in range(n) for column in range(n) if matrix[row, column]]
    lines = {"tickvals": [k - 0.5 for k in range(n + 1)], "showgrid": True, "gridcolor": _GRID}
    ticks = {
        "tickvals": list(range(n)),
        "ticktext": [_short(name) for name in names],
        "minor": lines,
        "showgrid": False,
        "zeroline": False,
    }
    figure = go.Figure(
        [
            go.Heatmap(
                # Empty cells stay clear, so that the picture suits both themes.
                z=np.where(matrix > 0, shares, np.nan),
                colorscale=[[0, "#9ecae1"], [1, "#08306b"]],
                zmin=0,
                zmax=100,
                colorbar={
                    "title": t("evaluation.of_row"),
                    "ticksuffix": " %",
                    "thickness": 14,
                    "lenmode": "pixels",
                    "len": min(n * side, 260),
                },
                hoverinfo="skip",
            ),
            go.Scatter(
                x=[column for _, column in cells],
                y=[row for row, _ in cells],
                customdata=cells,
                text=[f"{matrix[cell]:,}" for cell in cells],
                textfont={"color": ["white" if shares[cell] > 35 else "black" for cell in cells]},
                hovertext=[
                    chart_text(f"{names[r]} → {names[c]}: {matrix[r, c]:,}") for r, c in cells
                ],
                hovertemplate="%{hovertext}<extra></extra>",
                mode="markers+text",
                marker={"symbol": "square", "size": side, "color": "rgba(0, 0, 0, 0)"},
                showlegend=False,
            ),
        ]
    )
    figure.update_layout(
        width=n * side + beside + 120,
        height=n * side + below + 30,
        margin={"l": beside, "r": 120, "t": 30, "b": below, "autoexpand": False},
        xaxis={**ticks, "title": chart_text(columns), "range": [-0.5, n - 0.5], "tickangle": -45},
        yaxis={**ticks, "title": chart_text(rows), "range": [n - 0.5, -0.5]},
    )
    return figure


def _lead_on(
    project: Project, image_ids: npt.NDArray[np.int64], title: str, key: str, query: str
) -> None:
    label = t("evaluation.see", n=f"{len(image_ids):,}", cell=plain(title))
    if st.button(label, key=f"{key}_see", type="primary", icon=":material/photo_library:"):
        show_images(project, image_ids, title, query)


def show_images(project: Project, image_ids: npt.NDArray[np.int64], title: str, query: str) -> None:
    """Show images on the images page: by a query where it finds exactly them, which stays true when
    something changes, else kept under a name."""
    assert project.id is not None
    if not _finds(project, query, image_ids):
        saved = _kept(project.id, image_ids, title)
        if saved is None:
            return
        query = f"in:{quoted(saved)}"
    workspace(project.id).query = query
    open_project(project.id, "images.py", q=query)


def _finds(project: Project, query: str, image_ids: npt.NDArray[np.int64]) -> bool:
    try:
        with reading() as session:
            found = find(session, viewer(), project, query, "id")
    except QueryError:  # a class may have a name that no query can hold
        return False
    return np.array_equal(found, np.sort(image_ids))


def _kept(project_id: int, image_ids: npt.NDArray[np.int64], title: str) -> str | None:
    """The name under which images are kept; None where they cannot be, and the page says why."""
    name = f"{title[:70]} {now().astimezone():%H:%M:%S}"
    try:
        return save_selection(viewer(), project_id, name, image_ids, {"kind": "confusion"}).name
    except UserError as error:
        st.error(plain(error))
        return None
