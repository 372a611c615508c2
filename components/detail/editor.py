"""The metadata of the opened image: a widget a field, saved when it is left."""

import streamlit as st

from components.context import plain, viewer
from components.detail.inputs import Input, draw, input_of
from components.detail.saving import Edit, follow, save, show_problem, unsaved
from core.curation.attributes import MAX_FIELDS, Value, checked_field, set_attributes
from core.curation.field_types import shown
from core.curation.fields import declared_fields
from core.database import reading
from core.errors import UserError
from core.i18n import t
from core.media.images import load_image
from core.media.tables import Image
from core.projects.tables import Project
from core.search import attributes


def metadata_editor(project: Project, image: Image) -> None:
    """Draw the image's fields and those that the project declares, and a way to add one."""
    assert image.id is not None
    with reading() as session:
        types = declared_fields(session, viewer(), project)
        known = dict(attributes(session, viewer(), project))
    added: list[str] = st.session_state.setdefault(_added_key(image.id), [])
    names = list(dict.fromkeys([*types, *sorted(image.attributes), *added]))
    st.caption(t("detail.metadata_help"))
    for name in names:
        _draw_field(image, input_of(name, types.get(name), image.attributes.get(name)))
    _draw_adding(image.id, [name for name in known if name not in names], names)


def _draw_field(image: Image, field: Input) -> None:
    image_id, thing = image.id or 0, f"metadata:{field.name}"
    # Another form is another widget: a text that did not fit becomes a number.
    key = f"{thing}:{field.form}:{image_id}"
    follow(image_id, thing, key, field.raw)

    def changed() -> None:
        _save(image, field, st.session_state[key])

    draw(field, key=key, on_change=changed)
    if field.problem is not None and unsaved(image_id, thing) is None:
        st.caption(f":orange[:material/warning: {plain(field.problem)}]")
    show_problem(image_id, thing)


def _save(image: Image, field: Input, raw: object) -> None:
    image_id = image.id or 0

    def write(seen: Value) -> None:
        value = field.read(raw)
        set_attributes(viewer(), image_id, {field.name: value}, {field.name: seen})

    def present() -> Value:
        with reading() as session:
            return load_image(session, viewer(), image_id).attributes.get(field.name)

    try:
        wanted: Value = field.read(raw)
    except UserError:
        # `save` says why, as for whatever else is refused.
        wanted = None
    thing = f"metadata:{field.name}"
    edit: Edit[Value] = Edit(
        image.project_id, image_id, thing, field.value, wanted, write, present, _shown,
        name=field.name,
    )  # fmt: skip
    save(edit)


def _shown(value: Value) -> str:
    return " ".join(shown(value).split()) or t("detail.no_value")


def _draw_adding(image_id: int, offered: list[str], present: list[str]) -> None:
    """A field that chooses a further field, or names a new one, which then stands above."""
    key = f"metadata_add:{image_id}"

    def added() -> None:
        chosen, st.session_state[key] = st.session_state[key], None
        st.session_state.pop(f"{key}:problem", None)
        if chosen is None:
            return
        try:
            name = checked_field(chosen)
        except UserError as error:
            st.session_state[f"{key}:problem"] = error
            return
        if name not in present:
            st.session_state[_added_key(image_id)] = [*st.session_state[_added_key(image_id)], name]

    if len(present) >= MAX_FIELDS:
        return
    st.selectbox(
        t("detail.add_field"),
        offered,
        index=None,
        key=key,
        placeholder=t("fields.placeholder"),
        accept_new_options=True,
        on_change=added,
    )
    if f"{key}:problem" in st.session_state:
        st.error(plain(st.session_state[f"{key}:problem"]))


def _added_key(image_id: int) -> str:
    return f"metadata_added:{image_id}"
