"""How the map page names the fields of images and their values, and colours points by them."""

from components.map import MapColours, categorical, continuous
from core.curation.field_columns import ATTRIBUTE, CORRECT, FieldColumn
from core.i18n import t

#: Fields that are numbers of groups: the text that names one, and what is added to its number.
_GROUPS = {"duplicate_group": ("map_page.group", 0), "project_cluster": ("map_page.cluster", 1)}


def field_label(field: str) -> str:
    """What people call a field: a translated word, or the name they gave it."""
    if field.startswith(ATTRIBUTE):
        return field.removeprefix(ATTRIBUTE)
    return t(f"map_page.fields.{field}")


def field_colours(field: str, column: FieldColumn) -> MapColours:
    """The colour of each image by a field."""
    title = field_label(field)
    if column.kind == "text":
        return categorical([text and value_label(field, text) for text in column.texts], title)
    dates = column.kind == "date"
    return continuous(column.numbers, unit=column.unit, title=title, dates=dates)


def value_label(field: str, text: str) -> str:
    """What people call a value: groups have numbers and a verdict is a word of ours."""
    if field in _GROUPS:
        key, first = _GROUPS[field]
        return t(key, n=int(text) + first)
    return t(f"map_page.{text}") if field == CORRECT else text
