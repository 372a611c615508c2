"""A confusion matrix to click on: a cell leads to its images."""

from collections.abc import Callable

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
from core.evaluation.truth import Labels
from core.i18n import t
from core.projects.tables import Project
from core.search import QueryError, find, quoted

_MOST = 30  # classes in one picture; the table below a matrix has them all
_CELL, _MARGIN = 34, 190  # CSS px


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
    figure = _figure(matrix[np.ix_(shown, shown)], names, rows, columns)
    event = st.plotly_chart(
        figure,
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
    _lead_on(
        project, np.unique(labels.image_ids[chosen]), f"{names[row]} → {names[column]}", key, query
    )


def _figure(matrix: npt.NDArray[np.int64], names: list[str], rows: str, columns: str) -> go.Figure:
    """Shares of each row as colour, counts as text; markers over it take the clicks."""
    n = len(names)
    totals = np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    cells = [(row, column) for row in range(n) for column in range(n) if matrix[row, column]]
    ticks = {"tickvals": list(range(n)), "ticktext": names, "showgrid": False, "zeroline": False}
    figure = go.Figure(
        [
            go.Heatmap(
                # Empty cells stay clear, so that the picture suits both themes.
                z=np.where(matrix > 0, 100 * matrix / totals, np.nan),
                text=np.where(matrix > 0, matrix, ""),
                texttemplate="%{text}",
                colorscale=[[0, "#9ecae1"], [1, "#08306b"]],
                zmin=0,
                zmax=100,
                colorbar={"title": t("evaluation.of_row"), "ticksuffix": " %"},
                hoverinfo="skip",
            ),
            go.Scatter(
                x=[column for _, column in cells],
                y=[row for row, _ in cells],
                customdata=cells,
                text=[f"{names[r]} → {names[c]}: {matrix[r, c]:,}" for r, c in cells],
                hovertemplate="%{text}<extra></extra>",
                mode="markers",
                marker={"symbol": "square", "size": _CELL - 4, "color": "rgba(0, 0, 0, 0)"},
                showlegend=False,
            ),
        ]
    )
    figure.update_layout(
        height=max(320, n * _CELL + _MARGIN),
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis={**ticks, "title": columns, "range": [-0.5, n - 0.5]},
        yaxis={**ticks, "title": rows, "range": [n - 0.5, -0.5]},
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
