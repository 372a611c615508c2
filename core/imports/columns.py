"""Which column of a table means what, and what its rows say of images."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.curation.attributes import MAX_TEXT, is_attribute_name
from core.curation.names import fold
from core.imports.box_rows import BoxColumns, BoxRows, listed_boxes
from core.imports.cells import is_vector, tags_of, text_of_cell, typed, vector_of, whole
from core.imports.facts import Fact, NotUnderstood, Problem, Value, Vector

_NAME = (
    "name", "file", "filename", "file_name", "path", "filepath", "file_path", "image",
    "image_path", "image_name", "img", "파일", "파일명", "파일이름", "이미지", "이미지명",
)  # fmt: skip
_LABEL = (
    "truth", "ground_truth", "label", "class", "class_name", "category", "target",
    "정답", "라벨", "클래스", "분류",
)  # fmt: skip
_TAGS = ("tags", "tag", "태그")
_CORNERS = (
    ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("x0", "y0", "x1", "y1"),
    ("x1", "y1", "x2", "y2"),
    ("left", "top", "right", "bottom"),
)
_SIZES = (
    ("bbox_x", "bbox_y", "bbox_width", "bbox_height"),
    ("x", "y", "w", "h"),
    ("bbox_left", "bbox_top", "bbox_width", "bbox_height"),
)
#: Columns of DATAG's own tables that say what is known already.
_OWN = (
    "batch", "format", "width", "height", "bytes", "uploaded_at", "captured_at", "camera",
    "content_hash", "prediction", "confidence", "boxes", "tag_list", "x", "y", "z", "outlier",
)  # fmt: skip
_IMAGE_ENDING = re.compile(r"\.(jpe?g|jfif|png|bmp|gif|tiff?|webp|avif|hei[cf]|jp2|p[gp]m)$", re.I)
#: What pandas calls the numbers that it puts in front of rows.
_ROW_NUMBERS = re.compile(r"Unnamed: \d+|__index_level_\d+__")
_PICTURE_SIZE = (("width", "height"), ("image_width", "image_height"), ("img_width", "img_height"))
_OWN_VECTOR = re.compile(r"f\d{4,}")
_LOOKED_AT = 200  # rows from which a column of names is told by its values


@dataclass(frozen=True)
class _Roles:
    """Names of columns by what they mean."""

    name: str
    image_id: str | None
    label: str | None
    tags: str | None
    boxes: BoxColumns | None
    #: Of DATAG's own tables: lists of boxes.
    true_boxes: str | None
    #: One column of lists, or of numbers as many as a vector has.
    vector: tuple[str, ...]
    #: Further columns of lists of numbers.
    other_vectors: tuple[str, ...]
    attributes: tuple[str, ...]


def facts_of(columns: Mapping[str, Sequence[Any]]) -> tuple[list[Fact], list[Problem]]:
    """What the rows of a table say.

    A column with file names is needed (`name`, `file`, `path` and the like, or any whose values
    are file names). `label`, `class` or `truth` are the image's class, or with corners (`xmin`,
    `ymin`, `xmax`, `ymax` or `x`, `y`, `w`, `h`) a box's; `tags` are separated by `;`; a column of
    lists of numbers is a feature vector; every other column is metadata.

    Args:
        columns: values by column, all of one length. Text is read as number or truth value where
            all of a column's values can be.

    Raises:
        NotUnderstood: no column holds names, or a table of boxes has no class.
    """
    roles = _roles(columns)
    problems: list[Problem] = []
    read = _attributes(columns, roles, problems)
    drawn = BoxRows(columns, roles.boxes, problems) if roles.boxes else None
    facts: list[Fact] = []
    for row, cell in enumerate(columns[roles.name]):
        here = Problem(text_of_cell(cell), str(row + 2), "")
        if not here.name:
            continue
        label = text_of_cell(columns[roles.label][row]) if roles.label else ""
        boxes = None
        if drawn is not None:
            boxes, label = drawn.read(row, label, here, problems)
        elif roles.true_boxes is not None:
            boxes = listed_boxes(columns[roles.true_boxes][row], here, problems)
        facts.append(
            Fact(
                here.name,
                here.place,
                image_id=whole(columns[roles.image_id][row]) if roles.image_id else None,
                attributes=_row_attributes(read, row, here, problems),
                tags=tags_of(columns[roles.tags][row]) if roles.tags else (),
                label=label or None,
                boxes=boxes,
                vector=_row_vector([columns[each][row] for each in roles.vector], here, problems),
            )
        )
    return facts, problems


def _attributes(
    columns: Mapping[str, Sequence[Any]], roles: _Roles, problems: list[Problem]
) -> dict[str, list[Value]]:
    """The columns of metadata by the names of their fields."""
    read: dict[str, list[Value]] = {}
    for column in roles.attributes:
        name, values = attribute_name(column), typed(columns[column])
        if name is None:
            reason = "field_name"
        elif roles.boxes is not None and _is_of_boxes(columns[roles.name], values):
            reason = "of_boxes"
        else:
            read[name] = values
            continue
        problems.append(Problem("", column, f"imports.problem.{reason}", {"field": column}))
    for column in roles.other_vectors:
        problems.append(Problem("", column, "imports.problem.second_vector", {"field": column}))
    return read


def _row_attributes(
    read: Mapping[str, list[Value]], row: int, here: Problem, problems: list[Problem]
) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, values in read.items():
        value = values[row]
        if isinstance(value, str) and len(value) > MAX_TEXT:
            limit: dict[str, object] = {"field": name, "most": MAX_TEXT}
            problems.append(replace(here, reason="imports.problem.long_text", params=limit))
        elif value is not None:
            found[name] = value
    return found


def _row_vector(cells: list[Any], here: Problem, problems: list[Problem]) -> Vector | None:
    """The feature vector in one cell, or whose numbers are one a cell."""
    if not any(_is_given(cell) for cell in cells):
        return None
    vector = vector_of(cells[0] if len(cells) == 1 else cells)
    if vector is None:
        problems.append(replace(here, reason="imports.problem.not_finite"))
    return vector


def _is_given(cell: Any) -> bool:
    return not isinstance(cell, str | float | None) or bool(text_of_cell(cell))


def _roles(columns: Mapping[str, Sequence[Any]]) -> _Roles:
    by_fold = {re.sub(r"[\s-]+", "_", fold(column)): column for column in columns}

    def first(names: Iterable[str]) -> str | None:
        return next((by_fold[name] for name in names if name in by_fold), None)

    name = first(_NAME) or _column_of_names(columns)
    if name is None and "image_id" in by_fold:
        # Not DATAG's own number, but names of which the ending was left out.
        texts = [text_of_cell(value) for value in columns[by_fold["image_id"]][:_LOOKED_AT]]
        name = by_fold["image_id"] if any(whole(text) is None for text in texts) else None
    if any(is_picture_name(column) for column in columns):
        raise NotUnderstood("imports.refused.no_header")
    if name is None:
        listed = ", ".join(list(columns)[:20])
        raise NotUnderstood("imports.refused.no_names", columns=listed)
    own = "content_hash" in by_fold
    label, tags = first(_LABEL), first(_TAGS)
    boxes = None if own else _box_columns(by_fold)
    if boxes is not None and label is None:
        raise NotUnderstood("imports.refused.no_box_label")
    lists = [c for c in columns if is_vector(columns[c])]
    vector = tuple(lists[:1]) or tuple(sorted(c for c in columns if _OWN_VECTOR.fullmatch(c)))
    taken = {name, label, tags, *lists, *vector, by_fold.get("image_id")}
    taken |= {*boxes.corners, *(boxes.size or ())} if boxes is not None else set()
    taken |= {by_fold[each] for each in (*_OWN, "true_boxes") if own and each in by_fold}
    return _Roles(
        name, by_fold.get("image_id"), label, tags, boxes,
        by_fold.get("true_boxes") if own else None, vector, tuple(lists[1:]),
        tuple(c for c in columns if c not in taken and not _counts_rows(c, columns[c])),
    )  # fmt: skip


def _box_columns(by_fold: Mapping[str, str]) -> BoxColumns | None:
    for group, sized in ((_CORNERS, False), (_SIZES, True)):
        for four in group:
            if all(each in by_fold for each in four):
                x0, y0, x1, y1 = (by_fold[each] for each in four)
                size = next((both for both in _PICTURE_SIZE if by_fold.keys() >= {*both}), None)
                found = (by_fold[size[0]], by_fold[size[1]]) if size is not None else None
                return BoxColumns((x0, y0, x1, y1), sized, found)
    return None


def is_picture_name(text: str) -> bool:
    """Whether a text ends as a picture's name does."""
    return _IMAGE_ENDING.search(text) is not None


def _counts_rows(column: str, values: Sequence[Any]) -> bool:
    """Whether a column without a name only numbers the rows."""
    return _ROW_NUMBERS.fullmatch(column) is not None and all(
        whole(value) is not None for value in values
    )


def _is_of_boxes(names: Sequence[Any], values: Sequence[Value]) -> bool:
    """Whether a column of a table of boxes says something else of each box of an image."""
    seen: dict[str, Value] = {}
    return any(
        value is not None and seen.setdefault(text_of_cell(name), value) != value
        for name, value in zip(names, values, strict=True)
    )


def _column_of_names(columns: Mapping[str, Sequence[Any]]) -> str | None:
    """The first column most of whose values end as pictures do."""
    for column, values in columns.items():
        looked_at = [v for v in values[:_LOOKED_AT] if isinstance(v, str) and v]
        named = sum(map(is_picture_name, looked_at))
        if looked_at and named > len(looked_at) / 2:
            return column
    return None


def attribute_name(column: str) -> str | None:
    """A column's name as an attribute may be called; None: nothing is left of it."""
    name = column.strip().removeprefix("meta.")
    if not is_attribute_name(name):
        name = re.sub(r"[^\w -]+", "_", name).strip(" _-")[:64].strip()
    return name if is_attribute_name(name) else None
