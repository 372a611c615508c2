"""What the image shows, said by people: one image's class, and that of many at once."""

import streamlit as st

from components.context import plain, viewer
from components.detail.saving import Edit, follow, save, show_problem
from components.moments import ago
from components.workspace import Ids, workspace
from core.analysis.tables import Prediction
from core.annotations import image_annotation, offered_classes, set_label, set_labels
from core.curation.columns import prediction_columns
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.projects.tables import Project


def true_class(project: Project, image_id: int, prediction: Prediction | None) -> None:
    """Draw the field of an image's true class, and the button that says the model is right."""
    with reading() as session:
        said = image_annotation(session, viewer(), image_id)
        classes = offered_classes(session, viewer(), project)
    label = None if said is None else said.label
    key = f"truth:{image_id}"
    follow(image_id, "label", key, label)

    def chosen() -> None:
        _save(project, image_id, label, st.session_state[key])

    st.selectbox(
        t("detail.truth"),
        classes if label is None or label in classes else [label, *classes],
        index=None,
        key=key,
        placeholder=t("detail.truth_placeholder"),
        help=t("detail.truth_help"),
        accept_new_options=True,
        on_change=chosen,
    )
    if said is not None and label is not None:
        st.caption(t(f"detail.said_by.{said.source}", when=ago(said.updated_at)))
    found = None if prediction is None else prediction.label
    if found is not None and found != label:
        st.button(
            t("detail.model_right", label=plain(found)),
            icon=":material/check:",
            key=f"model_right:{image_id}",
            width="stretch",
            on_click=_save,
            args=(project, image_id, label, found),
        )
    show_problem(image_id, "label")


def _save(project: Project, image_id: int, seen: str | None, wanted: str | None) -> None:
    project_id = project.id or 0

    def write(seen: str | None) -> None:
        set_labels(viewer(), project_id, {image_id: wanted}, seen={image_id: seen})

    def present() -> str | None:
        with reading() as session:
            said = image_annotation(session, viewer(), image_id)
        return None if said is None else said.label

    def shown(label: str | None) -> str:
        return t("detail.truth_placeholder") if label is None else label

    save(Edit(project_id, image_id, "label", seen, wanted, write, present, shown))


def bulk_class(project: Project, image_ids: Ids) -> None:
    """Draw a popover that says of many images what they show, or takes that back.

    Args:
        image_ids: int64 (N,), at least one.
    """
    work = workspace(project.id or 0)
    with reading() as session:
        classes = offered_classes(session, viewer(), project)
    # Another key after a change: the popover closes.
    popover = st.popover(
        t("detail.bulk_class"),
        icon=":material/fact_check:",
        width="stretch",
        key=f"bulk_class:{work.data_version}",
    )
    n = f"{len(image_ids):,}"
    with popover:
        label = st.selectbox(
            t("detail.truth"),
            classes,
            index=None,
            key="bulk_label",
            placeholder=t("detail.bulk_class_placeholder"),
            accept_new_options=True,
        )
        clicked = [
            way
            for way in ("set", "confirm", "remove")
            if st.button(
                t(f"detail.bulk_class_{way}", n=n),
                type="primary" if way == "set" else "secondary",
                disabled=way == "set" and not label,
                help=t("detail.bulk_class_confirm_help") if way == "confirm" else None,
                key=f"bulk_class_{way}",
                width="stretch",
            )
        ]
        if not clicked:
            return
        try:
            if clicked == ["confirm"]:
                _confirm(project, image_ids)
            else:
                wanted = label if clicked == ["set"] else None
                set_label(viewer(), work.project_id, wanted, image_ids)
        except UserError as error:
            st.error(plain(error))
            return
    work.changed()
    st.rerun()


def _confirm(project: Project, image_ids: Ids) -> None:
    """Say that the model is right about these images; those that it names nothing in stay."""
    with reading() as session:
        found, _ = prediction_columns(session, viewer(), project, image_ids)
    labels = {
        image_id: label
        for image_id, label in zip(image_ids.tolist(), found, strict=True)
        if label is not None
    }
    set_labels(viewer(), project.id or 0, labels)
