"""What is known of the opened image: findings, tags, facts, metadata, history."""

import html

import numpy as np
import pandas as pd
import streamlit as st

from components.amounts import file_size
from components.context import open_project, plain, viewer
from components.detail.boxes import drawn_boxes
from components.detail.editor import metadata_editor
from components.detail.note import note_field
from components.detail.picture import tones_text
from components.detail.truth import true_class
from components.moments import exact, show_moment
from components.tagging import tag_bar
from core.analysis.boxes import image_boxes, image_prediction, other_predictions
from core.analysis.standing import why_unseen
from core.analysis.tables import Box, Prediction
from core.database import reading
from core.history import image_events
from core.i18n import t
from core.ingest.batches import load_batch
from core.media.images import load_image
from core.media.tables import Image
from core.models.cards import model_name
from core.projects.tables import Project

_SECTIONS = ("details", "metadata", "history")


def details(project: Project, image_id: int) -> None:
    """Draw the panel of an image.

    Raises:
        NotFound: there is none, or the viewer may not see it.
    """
    with reading() as session:
        image = load_image(session, viewer(), image_id)
    st.markdown(f"**{plain(image.name.rsplit('/', 1)[-1])}**")
    section = st.segmented_control(
        t("detail.section"),
        _SECTIONS,
        required=True,
        default=_SECTIONS[0],
        format_func=lambda name: t(f"detail.sections.{name}"),
        key=f"detail_section:{project.id}",
        label_visibility="collapsed",
        width="stretch",
    )
    if section == "metadata":
        metadata_editor(project, image)
    elif section == "history":
        _draw_history(image_id)
    else:
        prediction = _draw_findings(project, image)
        drawn_boxes(image_id)
        true_class(project, image_id, prediction)
        tag_bar(project, np.array([image_id], dtype=np.int64), key=f"tags:{image_id}")
        note_field(image)
        _draw_facts(image)


def _draw_findings(project: Project, image: Image) -> Prediction | None:
    assert image.id is not None
    with reading() as session:
        prediction = image_prediction(session, viewer(), image.id)
        boxes = image_boxes(session, viewer(), image.id)
        name = model_name(session, project.model_key)
        others = [
            (model_name(session, found.model_key), found)
            for found in other_predictions(session, viewer(), image.id)
        ]
    if prediction is None:
        _draw_unseen(project, image)
    else:
        st.markdown(_finding(prediction))
    st.caption(t("detail.by_model", model=plain(name)))
    for key, other in others:
        st.caption(f"{plain(key)}: {_finding(other).removeprefix('### ')}")
    if boxes:
        st.dataframe(
            _box_table(boxes, image),
            hide_index=True,
            height="auto" if len(boxes) < 6 else 210,
            column_config={
                "confidence": st.column_config.ProgressColumn(
                    t("detail.confidence"), format="%.0f %%", min_value=0, max_value=100
                ),
                "label": st.column_config.TextColumn(t("detail.box", n=f"{len(boxes):,}")),
                "size": st.column_config.TextColumn(t("detail.box_size")),
            },
        )
    return prediction


def _draw_unseen(project: Project, image: Image) -> None:
    """Why the model says nothing of an image, and the way to what mends it."""
    with reading() as session:
        found = why_unseen(session, viewer(), image)
    reason = "" if found.reason is None else t(found.reason[0], **found.reason[1])
    said = plain(t(found.key, reason=reason))
    if found.waits:
        st.info(said, icon=":material/hourglass:")
        return
    st.warning(said, icon=":material/model_training:")
    if st.button(t("detail.to_upload"), key="to_upload", icon=":material/upload:"):
        open_project(project.id or 0, "upload.py")


def _finding(prediction: Prediction) -> str:
    if prediction.error is not None:
        return t("detail.analysis_failed", reason=plain(t(prediction.error)))
    if prediction.label is None or prediction.confidence is None:
        return t("detail.nothing_found")
    return f"### {plain(prediction.label)} · {prediction.confidence:.0%}"


def _box_table(boxes: list[Box], image: Image) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "label": box.label,
                "confidence": box.confidence * 100,
                "size": f"{(box.x1 - box.x0) * image.width:.0f} × "
                f"{(box.y1 - box.y0) * image.height:.0f}",
            }
            for box in boxes
        ]
    )


def _draw_facts(image: Image) -> None:
    with reading() as session:
        batch = load_batch(session, viewer(), image.batch_id)
    captured = image.captured_at.strftime("%Y-%m-%d %H:%M:%S") if image.captured_at else None
    facts: dict[str, str | None] = {
        "path": image.name,
        "size": t("detail.pixels", width=f"{image.width:,}", height=f"{image.height:,}"),
        "file": f"{image.format}, {file_size(image.byte_size)}",
        "values": tones_text(image),
        "captured": captured,
        "camera": image.camera,
        "batch": batch.name,
        "uploaded": exact(image.uploaded_at),
    }
    shown = "".join(
        f'<dt style="margin:0;padding:0;opacity:0.7">{t(f"detail.facts.{name}")}</dt>'
        f'<dd style="margin:0;overflow-wrap:anywhere">{html.escape(value)}</dd>'
        for name, value in facts.items()
        if value
    )
    columns = (
        "display:grid;grid-template-columns:max-content 1fr;gap:0.3rem 1rem;padding:0;margin:0"
    )
    st.html(f'<dl style="{columns}">{shown}</dl>')
    if image.exif:
        with st.expander(t("detail.exif", n=len(image.exif))):
            st.dataframe(
                pd.DataFrame([(name, str(value)) for name, value in sorted(image.exif.items())]),
                hide_index=True,
                column_config={
                    "0": st.column_config.TextColumn(t("detail.field")),
                    "1": st.column_config.TextColumn(t("detail.value")),
                },
            )


def _draw_history(image_id: int) -> None:
    with reading() as session:
        entries = image_events(session, viewer(), image_id)
        image = load_image(session, viewer(), image_id)
        batch = load_batch(session, viewer(), image.batch_id)
    lines = [(f"{plain(entry.sentence)} · {plain(entry.user)}", entry.at) for entry in entries]
    # The batch has its event once it is complete.
    if not any(entry.kind == "batch.ingested" for entry in entries):
        lines.append((t("detail.uploaded_in", batch=plain(batch.name)), image.uploaded_at))
    for line, moment in lines:
        with st.container(gap=None):
            st.markdown(line)
            show_moment(moment)
