"""Types of a project's metadata fields: declared, changed and forgotten, with the ways back.

A type says what may be written from now on. Values that are there already and do not fit it stay as
they are; those that only need another form, such as the text `12.5` in a field of numbers, get it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer, visible_images
from core.curation.attributes import (
    checked_field,
    differences,
    read_attributes,
    same,
    shortened,
    types_of,
    unset_values,
    write_attributes,
)
from core.curation.field_types import FieldType, Value, checked_type, fit
from core.curation.scope import visible_project
from core.curation.tables import MetadataField
from core.database import writing
from core.errors import UserError
from core.history import Change, inverse_of, record
from core.history.tables import Event
from core.media.tables import Image
from core.projects.tables import Project


@dataclass(frozen=True)
class FieldReport:
    """What a type would mean for the values that images have.

    Attributes:
        total: images that have the field.
        converted: images whose value would get another form.
        unfit: values that do not fit, each with its number of images, the most frequent first.
    """

    total: int
    converted: int
    unfit: list[tuple[Value, int]]


def declared_fields(session: Session, viewer: Viewer, project: Project) -> dict[str, FieldType]:
    """The types of a project's fields by the fields' names, in alphabetical order.

    Raises NotFound when the viewer may not see the project.
    """
    return types_of(session, visible_project(session, viewer, project.id or 0).id or 0)


def field_report(
    session: Session, viewer: Viewer, project: Project, name: str, type_: FieldType
) -> FieldReport:
    """What declaring a type would do. Raises UserError for an unfit name or type."""
    name, type_ = checked_field(name), checked_type(type_)
    condition = sa.and_(col(Image.project_id) == project.id, visible_images(viewer))
    query = sa.select(col(Image.attributes)).where(condition)
    counts = Counter(
        (type(value), value)
        for attributes in session.execute(query).scalars()
        if (value := attributes.get(name)) is not None
    )
    converted, unfit = 0, []
    for (_type_of, value), n in counts.most_common():
        try:
            converted += 0 if same(fit(type_, name, value), value) else n
        except UserError:
            unfit.append((value, n))
    return FieldReport(sum(counts.values()), converted, unfit)


def declare_field(viewer: Viewer, project_id: int, name: str, type_: FieldType) -> Event | None:
    """Say what the values of a field are; None when that was said already.

    Values that fit get the type's form, in the bin too; the others stay as they are. Raises
    UserError for an unfit name or type.
    """
    name, type_ = checked_field(name), checked_type(type_)
    with writing() as session:
        visible_project(session, viewer, project_id)
        old = _stored(session, project_id, name)
        if old is not None and _type(old) == type_:
            return None
        present = read_attributes(session, col(Image.project_id) == project_id)
        changed = _in_form(present, name, type_)
        write_attributes(session, changed)
        change = _write(session, project_id, name, old, type_)
        details = {**change.details, "changes": differences(present, changed, [name])}
        return record(session, viewer, project_id, change.kind, details, list(changed))


def forget_field(viewer: Viewer, project_id: int, name: str) -> Event | None:
    """Let anything be written into a field again; its values stay. None: it had no type."""
    with writing() as session:
        visible_project(session, viewer, project_id)
        old = _stored(session, project_id, name)
        if old is None:
            return None
        change = _write(session, project_id, name, old, None)
        return record(session, viewer, project_id, change.kind, change.details)


@inverse_of("field.declared")
@inverse_of("field.forgotten")
def _undeclare(session: Session, viewer: Viewer, event: Event) -> Change:
    details = event.details
    name = details["field"]
    present = _stored(session, event.project_id, name)
    if (None if present is None else _type(present).as_json()) != details["new"]:
        raise UserError("fields.changed_since", field=name)
    values: Change | None = None
    if details["changes"]:
        values = unset_values(session, viewer, event)
    wanted = details["old"] and FieldType.from_json(details["old"])
    change = _write(session, event.project_id, name, present, wanted)
    if values is None:
        return change
    made = {**change.details, "changes": values.details["changes"]}
    return Change(change.kind, made, values.image_ids, left=values.left)


def _in_form(
    present: Mapping[int, dict[str, Value]], name: str, type_: FieldType
) -> dict[int, dict[str, Value]]:
    """The attributes of those images whose value of the field gets another form."""
    changed: dict[int, dict[str, Value]] = {}
    for image_id, attributes in present.items():
        try:
            value = fit(type_, name, attributes.get(name))
        except UserError:
            continue
        if not same(value, attributes.get(name)):
            changed[image_id] = {**attributes, name: value}
    return changed


def _stored(session: Session, project_id: int, name: str) -> MetadataField | None:
    return session.get(MetadataField, (project_id, name))


def _type(row: MetadataField) -> FieldType:
    return FieldType(row.kind, row.unit, tuple(row.choices))  # type: ignore[arg-type]


def _shown(type_: FieldType | None) -> str:
    """What a sentence says of a type beside the field's name."""
    said = "" if type_ is None else type_.unit or shortened(", ".join(type_.choices))
    return said and f" ({said})"


def _write(
    session: Session,
    project_id: int,
    name: str,
    old: MetadataField | None,
    type_: FieldType | None,
) -> Change:
    details: dict[str, Any] = {
        "field": name,
        "old": None if old is None else _type(old).as_json(),
        "new": None if type_ is None else type_.as_json(),
        "changes": {},
        "shown": _shown(type_),
    }
    if old is not None:
        session.delete(old)
        session.flush()
    if type_ is not None:
        session.add(MetadataField(project_id=project_id, name=name, **type_.as_json()))
        session.flush()
    return Change("field.declared" if type_ is not None else "field.forgotten", details, None)
