"""Bars of a field's values, drawn by plotly.js: brushing or clicking them selects.

Streamlit's own chart makes a new one whenever its figure changes, and so would blink with every
selection; this one is told the new counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from components.assets import module_source, plotly_url
from components.map import Mode
from components.map.events import read_mode
from core.i18n import current_language, texts

Bars = npt.NDArray[np.int64]


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component("datag_histogram", js=module_source("histogram"))


@dataclass(frozen=True, eq=False)
class Chart:
    """Bars as they are drawn.

    Args:
        kind: of the values; dates are seconds since 1970, UTC.
        title: what the values are, already translated.
        totals: int64 (B + 1,): images of each bar, those without a value last.
        labels: B labels of the bars of texts.
        edges: float64 (B + 1,), ascending: the ends of the bars of numbers and dates.
        unit: of the numbers.
    """

    kind: Literal["text", "number", "date"]
    title: str
    totals: npt.NDArray[np.int64]
    labels: tuple[str, ...] = ()
    edges: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    unit: str = ""

    def data(self) -> dict[str, Any]:
        """As the browser side takes it, with a hash by which its events say what they are of."""
        data = {
            "kind": self.kind,
            "title": self.title,
            "unit": self.unit,
            "labels": list(self.labels),
            "edges": self.edges.tolist(),
            "totals": self.totals.tolist(),
        }
        digest = hashlib.blake2b(json.dumps(data).encode(), digest_size=8).hexdigest()
        return {**data, "of": digest}


def histogram(
    chart: Chart,
    selected: npt.NDArray[np.int64],
    *,
    key: str,
    view: str,
    heard: Callable[[Bars, Mode], None],
    mode: Mode = "replace",
    height: int = 210,
) -> None:
    """Draw the bars.

    Args:
        selected: int64 (B + 1,): how many images of each bar are selected.
        key: Streamlit's key of the component.
        view: what the browser keeps the chart under.
        heard: called before the page runs with the bars, each in [-1, B), -1 for the images
            without a value, and what they shall do to the selection.
        mode: what a brush does unless a key is held.
        height: CSS px.
    """
    data = chart.data()

    def event_changed() -> None:
        event = read_event(st.session_state[key].get("event"), data["of"], len(chart.totals) - 1)
        if event is not None:
            heard(*event)

    _component()(
        key=key,
        data={
            **data,
            "view": view,
            "selected": selected.tolist(),
            "mode": mode,
            "height": height,
            "plotly_url": plotly_url(),
            "texts": texts("histogram"),
            "language": current_language(),
        },
        on_event_change=event_changed,
    )


def read_event(payload: object, of: str, size: int) -> tuple[Bars, Mode] | None:
    """Read what came from a browser; nothing about it is trusted.

    Args:
        of: what the browser must have drawn.
        size: B, the number of bars.

    Returns:
        int64 (k,) bars in [-1, B), ascending and each once, and the mode; None for anything
        malformed and for bars that are shown no more.
    """
    if not isinstance(payload, Mapping) or payload.get("of") != of:
        return None
    bars, mode = payload.get("bars"), read_mode(payload.get("mode"))
    if not isinstance(bars, list) or not 0 < len(bars) <= size + 1 or mode is None:
        return None
    if not all(type(bar) is int and -1 <= bar < size for bar in bars):
        return None
    return np.unique(np.array(bars, dtype=np.int64)), mode
