"""The images of a result as a table: fields chosen, sorted, written, and taken out as CSV."""

import io
from dataclasses import dataclass, field, replace

import numpy as np
import streamlit as st

from components.changes import say
from components.context import plain, viewer
from components.metadata_fields import manage_fields
from components.metadata_table import (
    Answer,
    Column,
    Event,
    Open,
    Problem,
    Row,
    Rows,
    Save,
    Sort,
    Turn,
    metadata_table,
)
from components.workspace import Ids, workspace
from core.curation.attributes import is_attribute_name
from core.curation.cells import CellProblem, save_cells, table_rows
from core.curation.field_types import FieldType
from core.curation.fields import declared_fields
from core.database import reading
from core.errors import UserError
from core.formats.grid import write_grid
from core.i18n import t
from core.media.images import load_images
from core.projects.tables import Project
from core.search import attributes, find
from core.search.ast import field_text

_PAGE = 200  # rows
_FIRST = 8  # fields shown at first
#: What stands before the fields, and the query's field that sorts by it.
_FIXED = {"name": "name", "label": "pred", "tags": "tag"}
_FIELD = "meta:"


@dataclass
class _Table:
    """One visitor's table in one project."""

    #: Fields shown; None: the first ones that there are.
    fields: list[str] | None = None
    #: Fields that were named here and have no value yet.
    new: list[str] = field(default_factory=list)
    sort: Sort | None = None
    page: int = 0
    answer: Answer | None = None
    #: What the pages count: the page is the first one again when it changes.
    counted: bytes = b""


def table_view(project: Project, result: Ids, *, height: int) -> None:
    """Draw the table of these images with the choice of its columns.

    Args:
        result: int64 (N,), image ids in the order of the search.
        height: CSS px.
    """
    assert project.id is not None
    table = _table(project.id)
    with reading() as session:
        known = dict(attributes(session, viewer(), project))
        types = declared_fields(session, viewer(), project)
    offered = list(dict.fromkeys([*types, *known, *table.new]))
    image_ids = _sorted(project, table.sort, result)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fields = _draw_choice(project, table, offered)
        if st.button(t("fields.manage"), icon=":material/rule:", key="manage_fields"):
            manage_fields(project)
        _draw_download(project, image_ids, fields)
    wrong = st.session_state.get(_problem_key(project))
    if wrong is not None:
        st.error(plain(t("curation.attribute_name", field=wrong)))

    def heard(event: Event) -> None:
        _act(project, table, event)

    metadata_table(
        _columns(fields, types),
        _rows(project, table, image_ids, fields),
        key=f"table:{project.id}",
        sort=table.sort,
        answer=table.answer,
        on_event=heard,
        height=height,
    )


def _table(project_id: int) -> _Table:
    table: _Table = st.session_state.setdefault(f"table_of:{project_id}", _Table())
    return table


def _draw_choice(project: Project, table: _Table, offered: list[str]) -> list[str]:
    """The fields that are shown, in the order they were chosen."""
    key = f"table_fields:{project.id}"
    chosen = offered[:_FIRST] if table.fields is None else table.fields
    if key not in st.session_state or st.session_state[key] != chosen:
        st.session_state[key] = chosen

    def changed() -> None:
        names = [name.strip() for name in st.session_state[key]]
        wrong = [name for name in names if not is_attribute_name(name)]
        st.session_state[_problem_key(project)] = wrong[0] if wrong else None
        table.fields = [name for name in dict.fromkeys(names) if name not in wrong]
        table.new = [name for name in table.fields if name not in offered or name in table.new]

    st.multiselect(
        t("table.fields"),
        list(dict.fromkeys([*offered, *chosen])),
        key=key,
        placeholder=t("table.fields_placeholder"),
        accept_new_options=True,
        on_change=changed,
    )
    return chosen


def _problem_key(project: Project) -> str:
    return f"table_fields_problem:{project.id}"


def _columns(fields: list[str], types: dict[str, FieldType]) -> list[Column]:
    fixed = [Column(name, t(f"table.{name}")) for name in _FIXED]
    own = []
    for name in fields:
        type_ = types.get(name, FieldType("text"))
        own.append(Column(name, name, type_.kind, type_.unit, type_.choices, editable=True))
    # A field may be called as a fixed column is.
    return [*fixed, *(replace(column, name=f"{_FIELD}{column.name}") for column in own)]


def _rows(project: Project, table: _Table, image_ids: Ids, fields: list[str]) -> Rows:
    counted = image_ids.tobytes()
    if counted != table.counted:
        table.counted, table.page = counted, 0
    pages = max(1, -(-len(image_ids) // _PAGE))
    table.page = min(table.page, pages - 1)
    first = table.page * _PAGE
    shown = image_ids[first : first + _PAGE].tolist()
    with reading() as session:
        found = table_rows(session, viewer(), shown, fields)
    rows = [
        Row(row["id"], [row["name"], _finding(row), row["tags"], *row["cells"]]) for row in found
    ]
    return Rows(rows, table.page, pages, first, len(image_ids))


def _finding(row: dict[str, object]) -> str:
    label, confidence = row["label"], row["confidence"]
    if label is None or not isinstance(confidence, float):
        return ""
    return f"{label} · {confidence:.0%}"


def _sorted(project: Project, sort: Sort | None, result: Ids) -> Ids:
    """The images by a column, those without a value last; by default in the search's order."""
    if sort is None:
        return result
    name = _FIXED.get(sort.column) or field_text(f"meta.{sort.column.removeprefix(_FIELD)}")
    direction = "desc" if sort.descending else "asc"
    with reading() as session:
        everything = find(session, viewer(), project, f"order by {name} {direction}")
    found: Ids = everything[np.isin(everything, result)]
    return found


def _draw_download(project: Project, image_ids: Ids, fields: list[str]) -> None:
    def table() -> bytes:
        content = io.BytesIO()
        with reading() as session:
            write_grid(session, viewer(), image_ids, fields, content)
        return content.getvalue()

    st.download_button(
        t("table.download"),
        table,
        file_name=f"{project.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        help=t("table.download_help"),
        on_click="ignore",
        key="download_table",
    )


def _act(project: Project, table: _Table, event: Event) -> None:
    if isinstance(event, Turn):
        table.page = event.page
    elif isinstance(event, Sort):
        if event.column in _FIXED or event.column.startswith(_FIELD):
            table.sort = event
    elif isinstance(event, Open):
        workspace(project.id or 0).opened = event.image_id
    elif table.answer is None or table.answer.token != event.token:
        table.answer = _save(project, event)


def _save(project: Project, save: Save) -> Answer:
    assert project.id is not None
    cells = [cell._replace(field=cell.field.removeprefix(_FIELD)) for cell in save.cells]
    try:
        event, problems = save_cells(viewer(), project.id, cells)
    except UserError as error:
        first = save.cells[0]
        return Answer(save.token, False, [Problem(first.image_id, first.field, "", str(error))])
    if problems:
        return Answer(save.token, False, _told(problems))
    if event is not None:
        say(project.id, event)
    workspace(project.id).changed()
    return Answer(save.token, True)


def _told(problems: list[CellProblem]) -> list[Problem]:
    """Problems with their images' names."""
    with reading() as session:
        images = load_images(session, viewer(), [problem.image_id for problem in problems])
    names = {image_id: image.name for image_id, image in images.items()}
    return [
        Problem(
            problem.image_id,
            f"{_FIELD}{problem.field}",
            names.get(problem.image_id, f"#{problem.image_id}"),
            str(problem.reason),
        )
        for problem in problems
    ]
