"""How the map page names colourings, fields and their values, and colours points by them."""

from collections.abc import Mapping

from components.map import MapColours, categorical, continuous
from core.curation.field_columns import ATTRIBUTE, CORRECT, FieldColumn
from core.i18n import t

#: Before the name of a field, to tell it from a colouring of the map's own.
FIELD = "field:"
#: Numbers of groups: the text that names one, and what is added to its number.
_GROUPS = {
    "field:duplicate_group": ("map_page.group", 0),
    "field:project_cluster": ("map_page.cluster", 1),
    "cluster": ("map_page.cluster", 1),
}
#: Whose values are words of ours.
_WORDS = (FIELD + CORRECT, "added")


def column_label(name: str) -> str:
    """What people call a colouring or a field: a translated word, or the name they gave it."""
    if not name.startswith(FIELD):
        return t(f"map_page.colours.{name}")
    field = name.removeprefix(FIELD)
    if field.startswith(ATTRIBUTE):
        return field.removeprefix(ATTRIBUTE)
    return t(f"map_page.fields.{field}")


def column_colours(
    name: str, column: FieldColumn, own: Mapping[str, str] | None = None
) -> MapColours:
    """The colour of each image by a colouring or a field.

    Args:
        own: `#rrggbb` by value, for values with a colour of their own.
    """
    title = column_label(name)
    if column.kind == "text":
        return categorical([text and value_label(name, text) for text in column.texts], title, own)
    dates = column.kind == "date"
    return continuous(column.numbers, unit=column.unit, title=title, dates=dates)


def value_label(name: str, text: str) -> str:
    """What people call a value: groups have numbers and a verdict is a word of ours."""
    if name in _GROUPS:
        key, first = _GROUPS[name]
        return t(key, n=int(text) + first)
    return t(f"map_page.{text}") if name in _WORDS else text
