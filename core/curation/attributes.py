"""Attributes: what people write down about an image, field by field."""

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from itertools import groupby
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.curation.field_types import FieldType, fit, shown, written
from core.curation.field_types import Value as Value
from core.curation.names import is_printable
from core.curation.scope import Ids, touchable, visible_project
from core.curation.tables import MetadataField
from core.database import writing
from core.errors import NotFound, Outdated, UserError
from core.history import Change, inverse_of, record, unpack_ids
from core.history.tables import Event
from core.media.tables import Image

MAX_TEXT = 2000
MAX_FIELDS = 200
_NAME = re.compile(r"\w(?:[\w -]{0,62}[\w-])?")
_SUMMARY = 200


def is_attribute_name(name: str) -> bool:
    """Whether an attribute may be called so: 1 to 64 letters, digits, `_`, `-` and spaces."""
    return _NAME.fullmatch(name) is not None


def set_attributes(
    viewer: Viewer,
    image_id: int,
    values: Mapping[str, Value],
    seen: Mapping[str, Value] | None = None,
) -> Event | None:
    """Set fields of one image; None takes a field away. Returns None when nothing changed.

    `seen` holds the attributes as the editor saw them. Raises UserError for an unfit name or
    value, or one that does not fit the field's type, Outdated when someone else changed one of
    these fields since, NotFound for an unknown image.
    """
    wanted = {checked_field(name): checked_value(name, value) for name, value in values.items()}
    with writing() as session:
        query = sa.select(Image).where(col(Image.id) == image_id, visible_images(viewer))
        image = session.execute(query.with_for_update()).scalar_one_or_none()
        if image is None:
            raise NotFound("curation.no_image", id=image_id)
        present = image.attributes
        wanted = fitting(types_of(session, image.project_id), present, wanted)
        for name in wanted if seen is not None else ():
            if not same(present.get(name), (seen or {}).get(name)):
                raise Outdated("curation.attribute_changed", field=name, value=present.get(name))
        changes = {
            name: {"before": [[old, 1]], "after": [[new, 1]]}
            for name, new in wanted.items()
            if not same(old := present.get(name), new)
        }
        if not changes:
            return None
        write_attributes(session, {image_id: _changed(present, wanted)})
        details = {"fields": _summary({name: wanted[name] for name in changes}), "changes": changes}
        return record(session, viewer, image.project_id, "attributes.set", details, [image_id])


def set_attribute(
    viewer: Viewer, project_id: int, field: str, value: Value, image_ids: Ids
) -> Event | None:
    """Set one field of many images; None takes it away. Returns None when nothing changed.

    Raises UserError for an unfit name or value, or one that does not fit the field's type.
    """
    name, new = checked_field(field), checked_value(field, value)
    with writing() as session:
        visible_project(session, viewer, project_id)
        new = fit(types_of(session, project_id).get(name), name, new)
        present = read_attributes(session, touchable(viewer, project_id, image_ids))
        old = {
            id_: attributes.get(name)
            for id_, attributes in present.items()
            if not same(attributes.get(name), new)
        }
        if not old:
            return None
        write_attributes(session, {id_: _changed(present[id_], {name: new}) for id_ in old})
        change = {"before": _runs(list(old.values())), "after": [[new, len(old)]]}
        details = {"fields": _summary({name: new}), "changes": {name: change}}
        return record(session, viewer, project_id, "attributes.set", details, list(old))


def set_values(
    viewer: Viewer,
    project_id: int,
    values: Mapping[int, Mapping[str, Value]],
    *,
    session: Session | None = None,
) -> Event | None:
    """Set fields of many images, each to its own values, as one change; None takes a field away.

    `values` holds the fields to set by image id; images of other projects are left out. Returns
    None when nothing changed. Raises UserError for an unfit name or value, or one that does not fit
    its field's type.

    Args:
        session: of `writing()`, where this belongs to a larger change.
    """
    names = {name: checked_field(name) for name in {n for each in values.values() for n in each}}
    with writing() if session is None else nullcontext(session) as session:
        visible_project(session, viewer, project_id)
        types = types_of(session, project_id)
        present = read_attributes(session, touchable(viewer, project_id, values))
        changed: dict[int, dict[str, Value]] = {}
        for id_, attributes in present.items():
            wanted = {names[n]: checked_value(n, value) for n, value in values[id_].items()}
            wanted = fitting(types, attributes, wanted)
            if any(not same(attributes.get(n), value) for n, value in wanted.items()):
                changed[id_] = _changed(attributes, wanted)
        if not changed:
            return None
        changes = differences(present, changed, sorted(set(names.values())))
        write_attributes(session, changed)
        details = {"fields": shortened(", ".join(changes)), "changes": changes}
        return record(session, viewer, project_id, "attributes.set", details, list(changed))


@inverse_of("attributes.set")
def unset_values(session: Session, viewer: Viewer, event: Event) -> Change:
    """Put back the values that an event's `changes` tell of."""
    image_ids = unpack_ids(event.image_ids)
    condition = touchable(viewer, event.project_id, image_ids, binned=True)
    present = read_attributes(session, condition)
    stands = np.isin(image_ids, list(present))
    restored: dict[int, dict[str, Value]] = {}
    refused: dict[int, UserError] = {}
    for name, change in event.details["changes"].items():
        before, after = (_kept(change[when], stands) for when in ("before", "after"))
        for (id_, attributes), old, new in zip(present.items(), before, after, strict=True):
            value = attributes.get(name)
            if same(value, new) and not same(new, old):
                restored[id_] = _changed(restored.get(id_, attributes), {name: old})
            elif not same(value, new) and not same(new, old):
                refused[id_] = UserError("curation.attribute_changed", field=name, value=value)
    if not restored:
        raise next(iter(refused.values()), UserError("curation.nothing_to_undo"))
    # In the order in which the event keeps its images.
    restored = dict(sorted(restored.items()))
    changes = differences(present, restored, sorted(event.details["changes"]))
    write_attributes(session, restored)
    details = {"fields": ", ".join(changes), "changes": changes}
    return Change("attributes.set", details, list(restored), left=len(refused))


def differences(
    before: Mapping[int, dict[str, Value]], after: Mapping[int, dict[str, Value]], names: list[str]
) -> dict[str, Any]:
    """What an event keeps of these fields of the images in `after`, those left out that stay."""
    changes: dict[str, Any] = {}
    for name in names:
        old = [before[id_].get(name) for id_ in after]
        new = [attributes.get(name) for attributes in after.values()]
        if any(not same(one, other) for one, other in zip(old, new, strict=True)):
            changes[name] = {"before": _runs(old), "after": _runs(new)}
    return changes


def types_of(session: Session, project_id: int) -> dict[str, FieldType]:
    """The declared types of a project's fields by name, in alphabetical order."""
    query = select(MetadataField).where(MetadataField.project_id == project_id)
    rows = session.exec(query.order_by(col(MetadataField.name)))
    return {
        row.name: FieldType(row.kind, row.unit, tuple(row.choices))  # type: ignore[arg-type]
        for row in rows
    }


def fitting(
    types: Mapping[str, FieldType], present: Mapping[str, Value], wanted: Mapping[str, Value]
) -> dict[str, Value]:
    """Wanted values in the form of their fields' types; what is there already may stay.

    Raises UserError for a value that does not fit.
    """
    return {
        name: value if same(present.get(name), value) else fit(types.get(name), name, value)
        for name, value in wanted.items()
    }


def meant(type_: FieldType | None, field: str, now: Value, text: str) -> Value:
    """What a person means who writes this text where `now` stands; None: nothing.

    Raises UserError for a value that no field can hold, or that does not fit the type.
    """
    text = text.strip()
    if type_ is None and text and isinstance(now, str):
        # A text stays one, and a truth value too, where nothing says otherwise.
        return checked_value(field, text)
    if type_ is None and text and isinstance(now, bool):
        with suppress(UserError):
            return fit(FieldType("boolean"), field, text)
    return checked_value(field, written(type_, field, text))


def checked_field(name: str) -> str:
    """A field's name as it is stored. Raises UserError for an unfit one."""
    stored = unicodedata.normalize("NFC", name.strip())
    if not is_attribute_name(stored):
        raise UserError("curation.attribute_name", field=name)
    return stored


def checked_value(name: str, value: Value) -> Value:
    """A value as it is stored. Raises UserError for one that no field can hold."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise UserError("curation.attribute_too_long", field=name, n=len(value), most=MAX_TEXT)
        if not is_printable(re.sub(r"[\r\n\t]", "", value)):
            raise UserError("curation.attribute_unprintable", field=name)
        return unicodedata.normalize("NFC", value)
    fits = value is None or (
        isinstance(value, bool | int | float) and math.isfinite(value) and abs(value) < 2**63
    )
    if not fits:
        raise UserError("curation.attribute_value", field=name)
    return value


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal: 1 and 1.0 are one number, true is none."""
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _changed(attributes: dict[str, Value], values: Mapping[str, Value]) -> dict[str, Value]:
    merged: dict[str, Value] = {**attributes, **values}
    kept: dict[str, Value] = {name: value for name, value in merged.items() if value is not None}
    if len(kept) > MAX_FIELDS and len(kept) > len(attributes):
        raise UserError("curation.too_many_attributes", n=len(kept), most=MAX_FIELDS)
    return kept


def read_attributes(
    session: Session, condition: sa.ColumnElement[bool]
) -> dict[int, dict[str, Value]]:
    """Attributes by image id in ascending order, locked against other writers."""
    query = sa.select(col(Image.id), col(Image.attributes)).where(condition)
    rows = session.execute(query.order_by(col(Image.id)).with_for_update())
    found: dict[int, dict[str, Value]] = {}
    for image_id, attributes in rows:
        found[image_id] = attributes
    return found


def write_attributes(session: Session, attributes: Mapping[int, dict[str, Value]]) -> None:
    """Make these the attributes of their images."""
    if not attributes:
        return
    table = Image.__table__  # type: ignore[attr-defined]
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        # A statement an image would take five times as long as one statement over two lists.
        ids = sa.literal(list(attributes), ARRAY(sa.BigInteger))
        texts = sa.literal([json.dumps(value) for value in attributes.values()], ARRAY(sa.Text))
        new = sa.func.unnest(ids, texts).table_valued("id", "text", name="new").render_derived()
        update = sa.update(table).where(table.c.id == new.c.id)
        connection.execute(update.values(attributes=sa.cast(new.c.text, sa.JSON)))
        return
    rows = [{"image": id_, "new": value} for id_, value in attributes.items()]
    update = sa.update(table).where(table.c.id == sa.bindparam("image"))
    connection.execute(update.values(attributes=sa.bindparam("new")), rows)


def _runs(values: list[Value]) -> list[list[Any]]:
    """Run-length encoding: [[value, count], ...]."""
    runs = groupby(values, key=lambda value: (type(value), value))
    return [[value, len(list(group))] for (_type, value), group in runs]


def _kept(runs: list[list[Any]], stands: np.ndarray) -> list[Value]:
    """Decoded runs without those of images that are gone."""
    values = [value for value, count in runs for _ in range(count)]
    return [value for value, here in zip(values, stands, strict=True) if here]


def _summary(values: Mapping[str, Value]) -> str:
    return shortened(
        ", ".join(
            f"{name} = {'–' if value is None else shown(value)}" for name, value in values.items()
        )
    )


def shortened(shown: str) -> str:
    """A text that is no longer than an event's sentence may hold."""
    return shown if len(shown) <= _SUMMARY else f"{shown[: _SUMMARY - 1]}…"
