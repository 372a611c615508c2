"""A table of images whose fields are written like in a spreadsheet, a page of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal

import streamlit as st

from components.assets import base_path, module_source
from core.curation.cells import MAX_CELLS, Cell
from core.i18n import current_language
from core.i18n import texts as catalogue_texts

_MAX_TEXT = 20_000  # characters; what is too long for a field is refused with a message elsewhere
_MAX_TOKEN = 64


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: what events call it.
        kind: of its values, as types of fields have it; `text` where nothing is declared.
        editable: whether its cells may be written.
        sortable: whether its title sorts by it.
    """

    name: str
    title: str
    kind: str = "text"
    unit: str = ""
    choices: Sequence[str] = ()
    editable: bool = False
    sortable: bool = True


@dataclass(frozen=True)
class Row:
    """An image with the text of each column."""

    id: int
    values: Sequence[str]


@dataclass(frozen=True)
class Problem:
    """Why a cell was not saved; `row` names its image."""

    id: int
    field: str
    row: str
    message: str


@dataclass(frozen=True)
class Answer:
    """What became of the last save that arrived."""

    token: str
    saved: bool
    problems: Sequence[Problem] = ()


@dataclass(frozen=True)
class Sort:
    """The column that the rows are sorted by."""

    column: str
    descending: bool


@dataclass(frozen=True)
class Rows:
    """A page of rows: the `page`-th of `pages`, counted from 0, beginning with row `first` of
    `total`."""

    rows: Sequence[Row]
    page: int
    pages: int
    first: int
    total: int


@dataclass(frozen=True)
class Save:
    """A person wants these cells to be saved; one that arrives again has the same token."""

    token: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Turn:
    """A person wants another page of rows."""

    page: int


@dataclass(frozen=True)
class Open:
    """A person wants to see an image."""

    image_id: int


Event = Save | Turn | Open | Sort


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component(
        "datag_metadata_table",
        js=module_source("metadata_table", ("shared/buttons.css", "style.css")),
    )


def metadata_table(
    columns: Sequence[Column],
    rows: Rows,
    *,
    key: str,
    sort: Sort | None,
    answer: Answer | None,
    on_event: Callable[[Event], None],
    height: int = 640,
    view: str | None = None,
) -> None:
    """Show a page of the table.

    Args:
        columns: the first one names the image.
        key: Streamlit's key of the widget.
        on_event: called before the script runs, so that what it does is shown at once.
        height: CSS px.
        view: what the browser keeps unsaved cells under; `key` by default.
    """

    def heard() -> None:
        event = read_event(st.session_state[key].get("event"))
        if event is not None:
            on_event(event)

    _component()(
        key=key,
        data={
            "view": key if view is None else view,
            "columns": [{**asdict(each), "choices": list(each.choices)} for each in columns],
            "rows": [{"id": row.id, "values": list(row.values)} for row in rows.rows],
            "page": rows.page,
            "pages": rows.pages,
            "first": rows.first,
            "total": rows.total,
            "sort": None if sort is None else asdict(sort),
            "answer": None if answer is None else asdict(answer),
            "thumbnails": f"{base_path()}/api/images/{{id}}/thumbnail",
            "view_height": height,
            "texts": catalogue_texts("metadata_table"),
            "language": current_language(),
        },
        on_event_change=heard,
    )


def read_event(payload: object) -> Event | None:
    """Check what the browser sent; None for anything malformed."""
    if not isinstance(payload, Mapping):
        return None
    try:
        return _READERS[payload["kind"]](payload)
    except (LookupError, TypeError, ValueError):
        return None


def _number(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError("not a number")
    return value


def _text(value: Any, most: int = _MAX_TEXT) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ValueError("not a text")
    return value


def _read_sort(payload: Mapping[str, Any]) -> Sort:
    return Sort(_text(payload["column"]), payload["descending"] is True)


def _read_save(payload: Mapping[str, Any]) -> Save:
    listed = payload["cells"]
    # One more than is allowed, so that who sends too many is told.
    if not isinstance(listed, list) or len(listed) > MAX_CELLS + 1:
        raise ValueError("not a list of cells")
    cells = tuple(
        Cell(_number(id_), _text(field), _text(text), _text(seen))
        for id_, field, text, seen in listed
    )
    return Save(_text(payload["token"], _MAX_TOKEN), cells)


_READERS: dict[Literal["save", "page", "open", "sort"], Callable[[Mapping[str, Any]], Event]] = {
    "save": _read_save,
    "page": lambda payload: Turn(_number(payload["page"])),
    "open": lambda payload: Open(_number(payload["id"])),
    "sort": _read_sort,
}
