"""What is known of the opened image: findings, tags, facts, metadata, history."""

import html
from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from components.amounts import file_size
from components.context import plain, viewer
from components.detail.boxes import drawn_boxes
from components.detail.metadata import KINDS, changes, from_rows, to_rows
from components.detail.note import note_field
from components.detail.picture import tones_text
from components.detail.saving import Edit, save, show_problem
from components.detail.truth import true_class
from components.moments import exact, show_moment
from components.tagging import tag_bar
from components.workspace import workspace
from core.analysis.boxes import image_boxes, image_prediction, other_predictions
from core.analysis.tables import Box, Prediction
from core.curation.attributes import Value, set_attributes
from core.database import reading
from core.errors import UserError
from core.history import image_events
from core.i18n import t
from core.ingest.batches import load_batch
from core.media.images import load_image
from core.media.tables import Image
from core.models.cards import model_name
from core.projects.tables import Project

Attributes = Mapping[str, Value]

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
        _draw_metadata(project, image)
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


def _finding(prediction: Prediction | None) -> str:
    if prediction is None:
        return t("detail.not_analysed")
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


def _draw_metadata(project: Project, image: Image) -> None:
    assert project.id is not None and image.id is not None
    seen, round_ = _seen(project.id, image)
    st.caption(t("detail.metadata_help"))
    edited = st.data_editor(
        pd.DataFrame(to_rows(seen), columns=["field", "kind", "value"], dtype="string"),
        key=f"metadata:{round_}",
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "field": st.column_config.TextColumn(t("detail.field")),
            "kind": st.column_config.SelectboxColumn(
                t("detail.kind"),
                options=list(KINDS),
                default=KINDS[0],
                format_func=lambda kind: t(f"detail.kinds.{kind}"),
                width="small",
            ),
            "value": st.column_config.TextColumn(t("detail.value")),
        },
    )
    try:
        wanted = changes(seen, from_rows(edited.to_dict("records")))
    except UserError as error:
        st.error(plain(error))
        return
    unchanged = not wanted
    with st.container(horizontal=True):
        saving = st.button(
            t("detail.save"), type="primary", disabled=unchanged, key="save_metadata"
        )
        discard = st.button(t("detail.discard"), disabled=unchanged, key="discard_metadata")
    if discard:
        workspace(project.id).changed()
    if discard or (saving and _save_metadata(image, seen, wanted)):
        st.rerun()
    show_problem(image.id, "metadata")


def _save_metadata(image: Image, seen: Attributes, wanted: Attributes) -> bool:
    image_id = image.id or 0

    def write(seen: Attributes) -> None:
        set_attributes(viewer(), image_id, wanted, seen)

    def present() -> Attributes:
        with reading() as session:
            now = load_image(session, viewer(), image_id).attributes
        return {field: now.get(field) for field in wanted}

    def shown(values: Attributes) -> str:
        return ", ".join(f"{f} = {'–' if v is None else v}" for f, v in values.items())

    edit = Edit(image.project_id, image_id, "metadata", seen, wanted, write, present, shown)
    return save(edit)


def _seen(project_id: int, image: Image) -> tuple[Attributes, str]:
    """The attributes as they were when the editor opened, and a name for this opening.

    A save is checked against them, so that it never undoes what someone else saved meanwhile.
    """
    opening = f"{image.id}:{workspace(project_id).data_version}"
    kept = st.session_state.get("metadata_seen")
    if kept is None or kept[0] != opening:
        kept = (opening, dict(image.attributes))
        st.session_state.metadata_seen = kept
    return kept[1], opening


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
