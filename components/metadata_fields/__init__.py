"""The dialog in which the types of a project's metadata fields are declared."""

import streamlit as st

from components.changes import say
from components.context import plain, viewer
from components.workspace import workspace
from core.curation.field_types import KINDS, FieldType, Kind, shown
from core.curation.fields import (
    FieldReport,
    declare_field,
    declared_fields,
    field_report,
    forget_field,
)
from core.database import reading
from core.errors import UserError
from core.history.tables import Event
from core.i18n import t
from core.projects.tables import Project
from core.search import attributes

_LISTED = 8  # values that do not fit, named


def manage_fields(project: Project) -> None:
    """Open the dialog. Whatever is done in it can be undone beside the gallery."""

    @st.dialog(t("fields.manage"), width="medium")
    def dialog() -> None:
        with reading() as session:
            types = declared_fields(session, viewer(), project)
            known = dict(attributes(session, viewer(), project))
        names = list(dict.fromkeys([*known, *types]))
        st.caption(t("fields.help"))

        def label(name: str) -> str:
            kind = t(f"detail.kinds.{types[name].kind}") if name in types else t("fields.free")
            return f"{name} · {kind} ({known.get(name, 0):,})"

        name = st.selectbox(
            t("detail.field"),
            names,
            index=None,
            format_func=label,
            key=f"field_of:{project.id}",
            placeholder=t("fields.placeholder"),
            accept_new_options=True,
        )
        if name is not None:
            _draw_field(project, name, types.get(name))

    dialog()


def _draw_field(project: Project, name: str, type_: FieldType | None) -> None:
    wanted = _draw_type(project, name, type_)
    try:
        with reading() as session:
            report = field_report(session, viewer(), project, name, wanted)
    except UserError as error:
        st.error(plain(error))
        return
    if wanted != type_:
        _draw_report(report)
    with st.container(horizontal=True):
        declare = st.button(
            t("fields.accept"), type="primary", disabled=wanted == type_, key="declare_field"
        )
        forget = type_ is not None and st.button(
            t("fields.forget"), help=t("fields.forget_help"), key="forget_field"
        )
    if declare:
        _done(project, declare_field(viewer(), project.id or 0, name, wanted))
    if forget:
        _done(project, forget_field(viewer(), project.id or 0, name))


def _draw_type(project: Project, name: str, type_: FieldType | None) -> FieldType:
    key = f"field_type:{project.id}:{name}"
    present = type_ or FieldType("text")
    kind: Kind = st.segmented_control(
        t("detail.kind"),
        KINDS,
        default=present.kind,
        required=True,
        format_func=lambda each: t(f"detail.kinds.{each}"),
        key=f"{key}:kind",
    )
    unit, choices = "", ""
    if kind == "number":
        unit = st.text_input(
            t("fields.unit"), present.unit, placeholder="mm", max_chars=20, key=f"{key}:unit"
        )
    if kind == "choice":
        choices = st.text_area(
            t("fields.choices"), "\n".join(present.choices), height=140, key=f"{key}:choices"
        )
    listed = tuple(line.strip() for line in choices.splitlines() if line.strip())
    return FieldType(kind, unit.strip(), listed)


def _draw_report(report: FieldReport) -> None:
    """What the type means for the values that are there, before it is accepted."""
    if not report.total:
        st.info(t("fields.unused"))
        return
    unfit = sum(n for _value, n in report.unfit)
    fine = report.total - unfit - report.converted
    st.markdown(t("fields.fits", n=f"{fine:,}", converted=f"{report.converted:,}"))
    if unfit:
        lines = [f"- {plain(shown(value))} ({n:,})" for value, n in report.unfit[:_LISTED]]
        more = len(report.unfit) - len(lines)
        if more > 0:
            lines.append(f"- {t('fields.more', n=f'{more:,}')}")
        st.warning("\n".join([t("fields.unfit", n=f"{unfit:,}"), "", *lines]))


def _done(project: Project, event: Event | None) -> None:
    if event is not None:
        say(project.id or 0, event)
    workspace(project.id or 0).changed()
    st.rerun()
