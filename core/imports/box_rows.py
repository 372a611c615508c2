"""Tables of boxes, of which each row has the corners of one."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.imports.cells import number_of, text_of_cell
from core.imports.facts import BoxFact, Problem, picture_size
from core.imports.shapes import Corners

_MOST_SHARE = 1.5  # a larger corner counts in pixels; shares are rounded at times
_ROUNDED = 1  # pixels by which a corner may lie beyond its picture

#: A row's corners; empty where its cells are, None where they are not four finite numbers.
_Row = Corners | tuple[()] | None
_Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class BoxColumns:
    """The columns of a table of boxes.

    Attributes:
        corners: x0, y0, x1, y1, or where it is `sized` x, y, width, height.
        size: width and height of the picture.
    """

    corners: tuple[str, str, str, str]
    sized: bool
    size: tuple[str, str] | None


class BoxRows:
    """The boxes of a table, all of which count in the same unit, pixels or shares.

    Args:
        problems: is told where the picture's size is none.
    """

    def __init__(self, columns: _Columns, names: BoxColumns, problems: list[Problem]) -> None:
        cells = zip(*(columns[each] for each in names.corners), strict=True)
        self._rows = [_corners(list(map(text_of_cell, four)), names.sized) for four in cells]
        self._in_pixels = _count_pixels([row for row in self._rows if row])
        self._sizes: list[tuple[float, float] | None] | None = None
        if names.size is not None and self._in_pixels:
            self._sizes = _picture_sizes(columns, names.size, self._rows, problems)

    def read(
        self, at: int, label: str, here: Problem, problems: list[Problem]
    ) -> tuple[tuple[BoxFact, ...] | None, str]:
        """A row's boxes, and the class that it says of the whole image.

        A row without corners says the image's class, and with no class either that the image has no
        objects; a wrong one says nothing.
        """
        row = self._rows[at]
        if row == ():
            return (None, label) if label else ((), "")
        reason = self._reason(row, label)
        if row and not reason:
            size = self._sizes[at] if self._sizes is not None else None
            return (BoxFact(label, *row, self._in_pixels, size),), ""
        said = {"corners": ", ".join(f"{n:.6g}" for n in row or ())}
        problems.append(replace(here, reason=f"imports.problem.{reason}", params=said))
        return None, ""

    def _reason(self, row: _Row, label: str) -> str:
        """Why a row is no box; empty where it is one."""
        if not row:
            return "corners"
        if not label:
            return "no_label"
        if not self._in_pixels and max(row) > _MOST_SHARE:
            return "no_shares"
        if self._in_pixels and max(row) <= 1 and _is_broken(row):
            return "no_pixels"
        return ""


def _corners(cells: list[str], sized: bool) -> _Row:
    if not any(cells):
        return ()
    x0, y0, x1, y1 = map(number_of, cells)
    if sized:
        x1, y1 = x0 + x1, y0 + y1
    return (x0, y0, x1, y1) if all(map(math.isfinite, (x0, y0, x1, y1))) else None


def _count_pixels(rows: Sequence[Corners]) -> bool:
    """Whether most rows count in pixels; of two halves the one that must be what it looks like."""
    beyond = sum(max(row) > _MOST_SHARE for row in rows)
    within = len(rows) - beyond
    # 0, 0, 1, 1 is the whole picture as well as its first pixel.
    broken = any(max(row) <= _MOST_SHARE and _is_broken(row) for row in rows)
    return beyond > within or (beyond == within and not broken)


def _is_broken(row: Corners) -> bool:
    return not all(corner.is_integer() for corner in row)


def _picture_sizes(
    columns: _Columns, names: tuple[str, str], rows: Sequence[_Row], problems: list[Problem]
) -> list[tuple[float, float] | None] | None:
    """The picture's size by row; None where the columns say something else, such as the box's size.

    They do where most boxes, or one of boxes that are all as large as they say, lie beyond it. A
    few that lie beyond it were drawn across the picture's edge.
    """
    across, down = names
    sizes = [picture_size(*both) for both in zip(columns[across], columns[down], strict=True)]
    given = [(row, size) for row, size in zip(rows, sizes, strict=True) if row and size]
    beyond = sum(x1 > w + _ROUNDED or y1 > h + _ROUNDED for (_, _, x1, y1), (w, h) in given)
    own = all(
        abs(x1 - x0 - w) <= _ROUNDED and abs(y1 - y0 - h) <= _ROUNDED
        for (x0, y0, x1, y1), (w, h) in given
    )
    if beyond and (own or 2 * beyond >= len(given)):
        said = {"across": across, "down": down}
        reason = "imports.problem.no_picture_size"
        problems.append(Problem("", f"{across}, {down}", reason, said))
        return None
    return sizes


def listed_boxes(cell: Any, here: Problem, problems: list[Problem]) -> tuple[BoxFact, ...] | None:
    """The boxes of a cell of DATAG's own table; an empty cell says nothing."""
    text = text_of_cell(cell)
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
