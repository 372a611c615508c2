"""Which column of a table means what, and what its rows say of images."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.curation.attributes import MAX_TEXT, is_attribute_name
from core.curation.names import fold
from core.imports.facts import BoxFact, Fact, NotUnderstood, Problem, Value, Vector, picture_size

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
_MOST_DIGITS = 18  # of whole numbers below 2^63
_MOST_SHARE = 1.5  # a table with a larger corner counts in pixels; shares are rounded at times
_OWN_VECTOR = re.compile(r"f\d{4,}")
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_TRUTH = {"true": True, "false": False}
_FORMULA = ("'=", "'+", "'-", "'@")
_LOOKED_AT = 200  # rows from which a column of names is told by its values


@dataclass(frozen=True)
class _Roles:
    """Names of columns by what they mean."""

    name: str
    image_id: str | None
    label: str | None
    tags: str | None
    corners: tuple[str, str, str, str] | None
    #: Whether the corners' last two columns are a width and a height.
    sized: bool
    #: Of a table of boxes: width and height of the picture.
    size: tuple[str, str] | None
    #: Of DATAG's own tables: lists of boxes.
    true_boxes: str | None
    vector: tuple[str, ...]
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
    pixels = _in_pixels(columns, roles)
    vectors = _vectors(columns, roles.vector)
    facts: list[Fact] = []
    for row, cell in enumerate(columns[roles.name]):
        here = Problem(_text(cell), str(row + 2), "")
        if not here.name:
            continue
        label = _text(columns[roles.label][row]) if roles.label else ""
        boxes = None
        if roles.corners is not None:
            boxes, label = _row_boxes(columns, roles, row, label, pixels, here, problems), ""
        elif roles.true_boxes is not None:
            boxes = _listed_boxes(columns[roles.true_boxes][row], here, problems)
        facts.append(
            Fact(
                here.name,
                here.place,
                image_id=_whole(columns[roles.image_id][row]) if roles.image_id else None,
                attributes=_row_attributes(read, row, here, problems),
                tags=_tags(columns[roles.tags][row]) if roles.tags else (),
                label=label or None,
                boxes=boxes,
                vector=None if vectors is None else vectors[row],
            )
        )
    return facts, problems


def _attributes(
    columns: Mapping[str, Sequence[Any]], roles: _Roles, problems: list[Problem]
) -> dict[str, list[Value]]:
    """The columns of metadata by the names of their fields."""
    read: dict[str, list[Value]] = {}
    for column in roles.attributes:
        name, values = attribute_name(column), _typed(columns[column])
        if name is None:
            reason = "field_name"
        elif roles.corners is not None and _is_of_boxes(columns[roles.name], values):
            reason = "of_boxes"
        else:
            read[name] = values
            continue
        problems.append(Problem("", column, f"imports.problem.{reason}", {"field": column}))
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


def _roles(columns: Mapping[str, Sequence[Any]]) -> _Roles:
    by_fold = {re.sub(r"[\s-]+", "_", fold(column)): column for column in columns}

    def first(names: Iterable[str]) -> str | None:
        return next((by_fold[name] for name in names if name in by_fold), None)

    name = first(_NAME) or _column_of_names(columns)
    if name is None and "image_id" in by_fold:
        # Not DATAG's own number, but names of which the ending was left out.
        texts = [_text(value) for value in columns[by_fold["image_id"]][:_LOOKED_AT]]
        name = by_fold["image_id"] if any(_whole(text) is None for text in texts) else None
    if any(is_picture_name(column) for column in columns):
        raise NotUnderstood("imports.refused.no_header")
    if name is None:
        listed = ", ".join(list(columns)[:20])
        raise NotUnderstood("imports.refused.no_names", columns=listed)
    own = "content_hash" in by_fold
    corners, sized = None, False
    for group, widths in ((_CORNERS, False), (_SIZES, True)):
        for four in group:
            if corners is None and not own and all(each in by_fold for each in four):
                x0, y0, x1, y1 = (by_fold[each] for each in four)
                corners, sized = (x0, y0, x1, y1), widths
    label, tags = first(_LABEL), first(_TAGS)
    if corners is not None and label is None:
        raise NotUnderstood("imports.refused.no_box_label")
    vector = tuple(c for c in columns if _is_vector(columns[c])) or tuple(
        sorted(c for c in columns if _OWN_VECTOR.fullmatch(c))
    )
    size = None
    for across, down in _PICTURE_SIZE if corners is not None else ():
        if size is None and across in by_fold and down in by_fold:
            size = by_fold[across], by_fold[down]
    taken = {name, label, tags, *(corners or ()), *(size or ()), *vector, by_fold.get("image_id")}
    taken |= {by_fold[each] for each in (*_OWN, "true_boxes") if own and each in by_fold}
    return _Roles(
        name, by_fold.get("image_id"), label, tags, corners, sized, size,
        by_fold.get("true_boxes") if own else None, vector,
        tuple(c for c in columns if c not in taken and not _counts_rows(c, columns[c])),
    )  # fmt: skip


def is_picture_name(text: str) -> bool:
    """Whether a text ends as a picture's name does."""
    return _IMAGE_ENDING.search(text) is not None


def _counts_rows(column: str, values: Sequence[Any]) -> bool:
    """Whether a column without a name only numbers the rows."""
    return _ROW_NUMBERS.fullmatch(column) is not None and all(
        _whole(value) is not None for value in values
    )


def _is_of_boxes(names: Sequence[Any], values: Sequence[Value]) -> bool:
    """Whether a column of a table of boxes says something else of each box of an image."""
    seen: dict[str, Value] = {}
    return any(
        value is not None and seen.setdefault(_text(name), value) != value
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


def _typed(values: Sequence[Any]) -> list[Value]:
    """A column's values: numbers or truth values where all of its texts are, else text."""
    texts = {_text(v) for v in values if isinstance(v, str)} - {""}
    if texts and all(text.lower() in _TRUTH for text in texts):
        return [_TRUTH[_text(v).lower()] if isinstance(v, str) and v.strip() else None
                for v in values]  # fmt: skip
    if texts and all(_NUMBER.fullmatch(text) and _fits(text) for text in texts):
        return [scalar(float(v) if _is_fraction(v) else int(v)) if _is_number(v) else scalar(v)
                for v in values]  # fmt: skip
    return [scalar(v) for v in values]


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _fits(text: str) -> bool:
    """Whether a number is one that an attribute keeps; longer ones are mostly no amounts."""
    return _is_fraction(text) or len(text.lstrip("+-")) <= _MOST_DIGITS


def _is_fraction(text: str) -> bool:
    return any(mark in text for mark in ".eE")


def scalar(value: Any) -> Value:
    """One value as an attribute keeps it; None where there is none or it cannot be kept."""
    if isinstance(value, str):
        return _text(value) or None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) < 2**63 else None
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _text(value: Any) -> str:
    """A cell's text; the apostrophe that keeps a spreadsheet from running it is taken off."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = str(value).strip()
    return text[1:] if text.startswith(_FORMULA) else text


def _whole(value: Any) -> int | None:
    text = _text(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _tags(value: Any) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(_text(each) for each in value if _text(each))
    # DATAG writes a `;` inside a name as `\;` and a backslash as `\\`.
    parts = re.findall(r"(?:[^;\\]|\\.)+", _text(value))
    tags = (re.sub(r"\\(.)", r"\1", part).strip() for part in parts)
    return tuple(tag for tag in tags if tag)


def _is_vector(values: Sequence[Any]) -> bool:
    first = next((v for v in values if v is not None), None)
    if isinstance(first, np.ndarray):
        return first.ndim == 1 and first.dtype.kind in "fiu"
    return (
        isinstance(first, list)
        and len(first) > 1
        and all(isinstance(n, int | float) and not isinstance(n, bool) for n in first)
    )


def _vectors(
    columns: Mapping[str, Sequence[Any]], names: tuple[str, ...]
) -> Sequence[Vector | None] | None:
    if not names:
        return None
    if len(names) > 1:
        stacked = [np.array(columns[n], dtype=object) for n in names]
        return [_vector(row.tolist()) for row in np.stack(stacked, axis=1)]
    return [_vector(value) for value in columns[names[0]]]


def _vector(value: Any) -> Vector | None:
    try:
        vector = np.asarray([] if value is None else value, dtype=np.float32)
    except (TypeError, ValueError):
        return None
    return vector if vector.ndim == 1 and len(vector) and np.isfinite(vector).all() else None


def _in_pixels(columns: Mapping[str, Sequence[Any]], roles: _Roles) -> bool:
    """Whether a table's corners are pixels, not shares; all of its rows are of one kind."""
    cells = (_text(cell) for column in roles.corners or () for cell in columns[column])
    return any(_number(cell) > _MOST_SHARE for cell in cells)


def _number(text: str) -> float:
    """NaN where there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def _row_boxes(
    columns: Mapping[str, Sequence[Any]],
    roles: _Roles,
    row: int,
    label: str,
    pixels: bool,
    here: Problem,
    problems: list[Problem],
) -> tuple[BoxFact, ...] | None:
    """The box of a row; a row with empty corners says that its image has none, a wrong one
    nothing."""
    assert roles.corners is not None
    cells = [_text(columns[column][row]) for column in roles.corners]
    if not any(cells):
        return ()
    x0, y0, x1, y1 = map(_number, cells)
    if any(map(math.isnan, (x0, y0, x1, y1))):
        problems.append(replace(here, reason="imports.problem.corners"))
        return None
    if not label:
        problems.append(replace(here, reason="imports.problem.no_label"))
        return None
    if roles.sized:
        x1, y1 = x0 + x1, y0 + y1
    size = picture_size(*(columns[each][row] for each in roles.size)) if roles.size else None
    return (BoxFact(label, x0, y0, x1, y1, pixels, size if pixels else None),)


def _listed_boxes(cell: Any, here: Problem, problems: list[Problem]) -> tuple[BoxFact, ...] | None:
    """The boxes of a cell of DATAG's own table; an empty cell says nothing."""
    text = _text(cell)
    if not text:
        return None
    try:
        return tuple(
            BoxFact(
                str(each["label"]),
                *(float(each["x0"]), float(each["y0"]), float(each["x1"]), float(each["y1"])),
            )
            for each in json.loads(text)
        )
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        problems.append(replace(here, reason="imports.problem.true_boxes"))
        return None
