"""The boxes of the opened image: what people draw is saved beside what the model found."""

from collections import Counter

import streamlit as st

from components.context import plain, viewer
from components.detail.saving import Edit, save, unsaved
from components.moments import ago
from components.viewer import Answer, BoxEdit, Boxes, Editing
from components.workspace import workspace
from core.annotations import edit_boxes, image_annotation, image_drawn, offered_classes
from core.database import reading
from core.i18n import t
from core.projects.tables import Project

_SHOWN = 4  # classes that a summary names


def box_editing(project: Project, image_id: int) -> Editing:
    """How the picture's boxes are changed; each change is saved at once as one event.

    The page around the picture is not run for it, so that drawing is not held up; see
    `tell_others`.
    """
    key = f"boxes_answer:{image_id}"
    with reading() as session:
        classes = offered_classes(session, viewer(), project)

    def edited(edit: BoxEdit) -> None:
        answer: Answer | None = st.session_state.get(key)
        if answer is None or answer.token != edit.token:
            st.session_state[key] = Answer(edit.token, _save(project, edit))

    return Editing(classes, edited, st.session_state.get(key))


def _save(project: Project, edit: BoxEdit) -> bool:
    """Save an edit; False where its editor must begin again from what there is now."""
    image_id = edit.image_id

    def write(seen: Boxes) -> object:
        return edit_boxes(viewer(), image_id, edit.boxes, seen)

    def present() -> Boxes:
        with reading() as session:
            return image_drawn(session, viewer(), image_id)

    saving: Edit[Boxes] = Edit(
        project.id or 0,
        image_id,
        "boxes",
        edit.seen,
        edit.boxes,
        write,
        present,
        summary,
        shown_elsewhere=False,
    )
    save(saving)
    st.session_state[_edited_key(project.id or 0)] = True
    return unsaved(image_id, "boxes") is None


def tell_others(project_id: int) -> None:
    """What shows many images asks anew, if boxes were changed since this was called last."""
    if st.session_state.pop(_edited_key(project_id), False):
        workspace(project_id).changed()


def _edited_key(project_id: int) -> str:
    return f"boxes_edited:{project_id}"


def drawn_boxes(image_id: int) -> None:
    """Say which boxes people drew in an image, and when; nothing where nobody did."""
    with reading() as session:
        said = image_annotation(session, viewer(), image_id)
        drawn = image_drawn(session, viewer(), image_id)
    if said is not None and drawn is not None:
        said_boxes = t("detail.true_boxes", boxes=plain(summary(drawn)))
        st.markdown(f":material/select: {said_boxes}")
        if said.label is None:
            st.caption(t(f"detail.said_by.{said.source}", when=ago(said.updated_at)))


def summary(boxes: Boxes) -> str:
    """Boxes in one line: how many of which class."""
    if boxes is None:
        return t("detail.boxes_unsaid")
    if not boxes:
        return t("detail.boxes_none")
    counts = Counter(box[0] for box in boxes).most_common()
    named = ", ".join(f"{label} × {n:,}" for label, n in counts[:_SHOWN])
    more = ", …" if len(counts) > _SHOWN else ""
    if len(boxes) == 1:
        return t("detail.boxes_one", labels=boxes[0][0])
    return t("detail.boxes_some", n=f"{len(boxes):,}", labels=named + more)
