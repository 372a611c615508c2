"""What people decide: tags, attributes, saved selections."""

import core.curation.tag_inverses  # noqa: F401 - registers how tag events are undone
from core.curation.attributes import set_attribute, set_attributes, set_values
from core.curation.fields import declare_field, declared_fields, field_report, forget_field
from core.curation.merging import colour_tag, merge_tags
from core.curation.notes import set_note
from core.curation.scope import among
from core.curation.selections import (
    Selection,
    delete_selection,
    save_selection,
    selection_ids,
    selections,
)
from core.curation.tags import (
    add_tag,
    create_tag,
    delete_tag,
    image_tags,
    remove_tag,
    rename_tag,
    tags,
)

__all__ = [
    "Selection",
    "add_tag",
    "among",
    "colour_tag",
    "create_tag",
    "declare_field",
    "declared_fields",
    "delete_selection",
    "delete_tag",
    "field_report",
    "forget_field",
    "image_tags",
    "merge_tags",
    "remove_tag",
    "rename_tag",
    "save_selection",
    "selection_ids",
    "selections",
    "set_attribute",
    "set_attributes",
    "set_note",
    "set_values",
    "tags",
]
