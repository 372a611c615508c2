"""What a model said of the images it was tried on, as one grid."""

from collections import Counter
from html import escape
from typing import Any

import streamlit as st

from components.assets import base_path
from core.curation.palette import PALETTE
from core.i18n import t

_SIDE = 180  # CSS px
_MOST = 4  # classes named below a picture
_DRAWN = 50  # boxes of a picture, the surest


def show_pictures(trial: dict[str, Any]) -> None:
    """Draw the images, of a detector with its boxes, each class in a colour of its own."""
    answers = list(zip(trial["images"], trial["answers"], strict=True))
    boxes = [box["label"] for _, answer in answers for box in answer["detections"]]
    often = [label for label, _ in Counter(boxes).most_common()]
    colours = {label: PALETTE[index % len(PALETTE)] for index, label in enumerate(often)}
    pictures = "".join(_picture(image_id, answer, colours) for image_id, answer in answers)
    columns = "grid-template-columns:repeat(auto-fill,minmax(170px,1fr))"
    st.html(f'<div style="display:grid;gap:14px 12px;{columns}">{pictures}</div>')


def _picture(image_id: int, answer: dict[str, Any], colours: dict[str, str]) -> str:
    surest = sorted(answer["detections"], key=lambda box: -box["confidence"])[:_DRAWN]
    boxes = "".join(_box(box, colours[box["label"]]) for box in surest)
    return (
        f'<div><div style="height:{_SIDE}px;display:flex;align-items:flex-end">'
        '<div style="position:relative;max-width:100%">'
        f'<img src="{base_path()}/api/images/{int(image_id)}/thumbnail" alt="" '
        f'style="display:block;max-width:100%;max-height:{_SIDE}px;border-radius:4px">{boxes}</div></div>'
        '<div style="margin-top:4px;font-size:0.875rem;overflow-wrap:anywhere">'
        f"{_said(answer, colours)}</div></div>"
    )


def _box(box: dict[str, Any], colour: str) -> str:
    x0, y0, x1, y1 = (min(max(float(value), 0.0), 1.0) for value in box["box"])
    place = f"left:{x0:.2%};top:{y0:.2%};width:{x1 - x0:.2%};height:{y1 - y0:.2%}"
    title = escape(f"{box['label']} {box['confidence']:.0%}")
    return (
        f'<div title="{title}" style="position:absolute;box-sizing:border-box;{place};'
        f"border:2px solid {colour};border-radius:2px;"
        'box-shadow:0 0 0 1px rgba(255,255,255,0.6)"></div>'
    )


def _said(answer: dict[str, Any], colours: dict[str, str]) -> str:
    if answer["label"] is None:
        return escape(t("own_models.nothing"))
    first = answer.get("first") or ()  # a trial of an earlier DATAG has none
    if first:
        fainter = [1.0, *([0.7] * (len(first) - 1))]
        return "".join(
            f'<div style="opacity:{opacity}">{escape(f"{label} · {share:.0%}")}</div>'
            for (label, share), opacity in zip(first, fainter, strict=True)
        )
    if not answer["detections"]:
        return escape(f"{answer['label']} · {answer['confidence']:.0%}")
    counted = Counter(box["label"] for box in answer["detections"]).most_common()
    parts = []
    for label, n in counted[:_MOST]:
        surest = max(b["confidence"] for b in answer["detections"] if b["label"] == label)
        times = f" × {n}" if n > 1 else ""
        dot = f'<span style="color:{colours[label]}">■</span>'
        parts.append(f"{dot} {escape(label)}{times} · {surest:.0%}")
    if len(counted) > _MOST:
        parts.append(escape(t("own_models.more_classes", n=len(counted) - _MOST)))
    return "<br>".join(parts)
