"""One picture in detail, with the boxes that a detector found in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any, Literal, cast

import streamlit as st

from components.assets import module_source, style_source
from core.i18n import current_language
from core.i18n import texts as catalogue_texts

_KINDS = ("previous", "next", "close")


@dataclass(frozen=True)
class ViewerBox:
    """A box over a picture.

    Attributes:
        label: what is in it.
        confidence: in [0, 1], None when it was drawn by hand.
        box: x0, y0, x1, y1 as shares of the upright picture's width and height.
    """

    label: str
    confidence: float | None
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class ViewerImage:
    """A picture to look at: its address, its upright size in pixels, and its boxes.

    Attributes:
        note: what is to be known of how it is shown, in a few words.
    """

    id: int
    url: str
    width: int
    height: int
    name: str
    boxes: Sequence[ViewerBox] = ()
    note: str = ""


@dataclass(frozen=True)
class ViewerEvent:
    """A person wants the neighbouring picture, or to leave this one (`image_id`)."""

    kind: Literal["previous", "next", "close"]
    image_id: int


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component(
        "datag_viewer", js=module_source("viewer"), css=style_source("viewer")
    )


def viewer(
    image: ViewerImage,
    *,
    key: str,
    position: str = "",
    height: int = 640,
    view: str | None = None,
    texts: Mapping[str, str] | None = None,
) -> ViewerEvent | None:
    """Show a picture to zoom and pan; give what was asked for since the last run.

    Args:
        image: boxes that reach beyond the picture are cut, empty ones left out.
        key: Streamlit's key of the widget.
        position: where the picture stands among others, such as "3 of 120".
        height: of the component, CSS px.
        view: what the browser keeps whether boxes show under; `key` by default.
        texts: the component's own texts, `viewer.*` of the visitor's language by default.
    """
    result = _component()(
        key=key,
        data={
            "view": key if view is None else view,
            "id": image.id,
            "url": image.url,
            "width": image.width,
            "height": image.height,
            "name": image.name,
            "note": image.note,
            "boxes": [box for box in map(_box_data, image.boxes) if box],
            "position": position,
            "view_height": height,
            "texts": dict(texts) if texts is not None else catalogue_texts("viewer"),
            "language": current_language(),
        },
        on_event_change=lambda: None,
    )
    return _event(result.event, image.id)


def _box_data(box: ViewerBox) -> dict[str, Any] | None:
    """A box for the browser, inside the picture; None for one without area."""
    if not all(isfinite(share) for share in box.box):
        return None
    x0, y0, x1, y1 = (min(max(0.0, float(share)), 1.0) for share in box.box)
    if x1 <= x0 or y1 <= y0:
        return None
    return {"label": box.label, "confidence": box.confidence, "box": [x0, y0, x1, y1]}


def _event(payload: object, image_id: int) -> ViewerEvent | None:
    """Check what the browser sent; None for anything malformed or about another picture."""
    if not isinstance(payload, Mapping) or payload.get("id") != image_id:
        return None
    kind = payload.get("kind")
    if kind not in _KINDS:
        return None
    return ViewerEvent(cast(Literal["previous", "next", "close"], kind), image_id)
