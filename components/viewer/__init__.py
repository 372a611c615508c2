"""One picture in detail, with the boxes that a detector found in it and those that people drew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any, Literal, cast

import streamlit as st

from components.assets import module_source
from core.annotations import MAX_BOXES, Drawn, clipped
from core.i18n import current_language
from core.i18n import texts as catalogue_texts

_KINDS = ("previous", "next", "close")
_MAX_LABEL = 1000  # characters; what is too long for a class is refused with a message elsewhere
_MAX_TOKEN = 64

#: The boxes that people drew; None: nobody said which there are.
Boxes = Sequence[Drawn] | None


@dataclass(frozen=True)
class ViewerBox:
    """A box that a model found.

    Attributes:
        label: what is in it.
        confidence: in [0, 1].
        box: x0, y0, x1, y1 as shares of the upright picture's width and height.
    """

    label: str
    confidence: float
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
    drawn: Boxes = None
    note: str = ""


@dataclass(frozen=True)
class ViewerEvent:
    """A person wants the neighbouring picture, or to leave this one (`image_id`)."""

    kind: Literal["previous", "next", "close"]
    image_id: int


@dataclass(frozen=True)
class BoxEdit:
    """A person wants these to be the boxes of a picture.

    Attributes:
        seen: those that the picture had on the person's screen.
        token: names this edit; one that arrives again is the same edit.
    """

    image_id: int
    boxes: tuple[Drawn, ...] | None
    seen: tuple[Drawn, ...] | None
    token: str


@dataclass(frozen=True)
class Answer:
    """What became of the last edit that arrived: saved, or refused and said why elsewhere."""

    token: str
    saved: bool


@dataclass(frozen=True)
class Editing:
    """Boxes may be drawn and changed.

    Attributes:
        classes: offered for a box's class; others may be typed.
        on_edit: called before the script runs; what it makes of the boxes comes with `drawn`.
        answer: None as long as no edit has arrived.
    """

    classes: Sequence[str]
    on_edit: Callable[[BoxEdit], None]
    answer: Answer | None = None


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component(
        "datag_viewer",
        js=module_source("viewer", ("shared/buttons.css", "style.css")),
    )


def viewer(
    image: ViewerImage,
    *,
    key: str,
    position: str = "",
    height: int = 640,
    view: str | None = None,
    editing: Editing | None = None,
    asked: Callable[[ViewerEvent], None] | None = None,
    texts: Mapping[str, str] | None = None,
) -> ViewerEvent | None:
    """Show a picture to zoom and pan; give what was asked for since the last run.

    Args:
        image: boxes that reach beyond the picture are cut, empty ones left out.
        key: Streamlit's key of the widget.
        position: where the picture stands among others, such as "3 of 120".
        height: of the component, CSS px.
        view: what the browser keeps whether boxes show under; `key` by default.
        editing: None where boxes are only looked at.
        asked: called with what was asked for before the page runs, so that a run which is cut
            short by another one does not lose it.
        texts: the component's own texts, `viewer.*` of the visitor's language by default.
    """

    def heard() -> None:
        payload = st.session_state[key].get("event")
        edit, event = _edit(payload, image.id), _event(payload, image.id)
        if editing is not None and edit is not None:
            editing.on_edit(edit)
        if asked is not None and event is not None:
            asked(event)

    answer = editing.answer if editing is not None else None
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
            "drawn": _drawn_data(image.drawn),
            "editable": editing is not None,
            "classes": list(editing.classes) if editing is not None else [],
            "answer": {"token": answer.token, "saved": answer.saved} if answer else None,
            "position": position,
            "view_height": height,
            "texts": dict(texts) if texts is not None else catalogue_texts("viewer"),
            "language": current_language(),
        },
        on_event_change=heard,
    )
    return _event(result.event, image.id)


def _box_data(box: ViewerBox) -> dict[str, Any] | None:
    """A box for the browser, inside the picture; None for one without area."""
    inside = clipped((box.label, *box.box))
    if inside is None:
        return None
    return {"label": box.label, "confidence": box.confidence, "box": list(inside[1:])}


def _drawn_data(boxes: Boxes) -> list[dict[str, Any]] | None:
    return None if boxes is None else [{"label": box[0], "box": list(box[1:])} for box in boxes]


def _event(payload: object, image_id: int) -> ViewerEvent | None:
    """Check what the browser sent; None for anything malformed or about another picture."""
    if not isinstance(payload, Mapping) or payload.get("id") != image_id:
        return None
    kind = payload.get("kind")
    if kind not in _KINDS:
        return None
    return ViewerEvent(cast(Literal["previous", "next", "close"], kind), image_id)


def _edit(payload: object, image_id: int) -> BoxEdit | None:
    """Check what the browser sent; None for anything malformed or about another picture."""
    if not isinstance(payload, Mapping) or payload.get("id") != image_id:
        return None
    token = payload.get("token")
    if payload.get("kind") != "boxes" or not isinstance(token, str) or len(token) > _MAX_TOKEN:
        return None
    try:
        boxes, seen = _read_boxes(payload["boxes"]), _read_boxes(payload["seen"])
    except (LookupError, TypeError, ValueError, OverflowError):
        return None
    return BoxEdit(image_id, boxes, seen, token)


def _read_boxes(payload: Any) -> tuple[Drawn, ...] | None:
    """The boxes that the browser sent; raises LookupError, TypeError or ValueError."""
    if payload is None:
        return None
    if not isinstance(payload, list) or len(payload) > MAX_BOXES + 1:
        raise ValueError("not a list of boxes")
    return tuple(map(_read_box, payload))


def _read_box(payload: Any) -> Drawn:
    label, corners = payload["label"], payload["box"]
    numbers = [float(share) for share in corners if isinstance(share, int | float)]
    fits = isinstance(label, str) and len(label) <= _MAX_LABEL and len(numbers) == len(corners) == 4
    if not fits or not all(map(isfinite, numbers)):
        raise ValueError("not a box")
    x0, y0, x1, y1 = numbers
    return label, x0, y0, x1, y1
