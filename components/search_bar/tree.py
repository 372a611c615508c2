"""The builder's groups and conditions while they are being changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from components.search_bar import rows
from components.search_bar.form import Group, Joiner, Row
from components.search_bar.rows import RowState
from core.search import QueryError, Term, parse, to_text

_FIRST_FIELD = "tag"
Move = Literal["back", "forth", "wrap", "out"]


@dataclass(eq=False)
class GroupState:
    """A group that is being changed; `uid` numbers its widgets."""

    uid: int
    parts: list[RowState | GroupState] = field(default_factory=list)
    joiner: Joiner = "and"
    negated: bool = False

    def groups(self) -> Iterator[GroupState]:
        """This group and all groups within it."""
        yield self
        for part in self.parts:
            if isinstance(part, GroupState):
                yield from part.groups()

    def rows(self) -> Iterator[RowState]:
        """All conditions, however deep."""
        for group in self.groups():
            yield from (part for part in group.parts if not isinstance(part, GroupState))


def state_of(form: Group, uids: Iterator[int]) -> GroupState:
    """The states that show a form."""
    parts = [
        state_of(part, uids) if isinstance(part, Group) else rows.state_of(part, next(uids))
        for part in form.parts
    ]
    return GroupState(next(uids), parts, form.joiner, form.negated)


def form_of(group: GroupState) -> Group:
    """The form of what is filled in; a condition that cannot be read keeps its error."""
    parts: list[Row | Group] = []
    for part in group.parts:
        made = form_of(part) if isinstance(part, GroupState) else row_of(part)
        if made is not None:
            parts.append(made)
    return Group(tuple(parts), group.joiner, group.negated)


def row_of(row: RowState) -> Row | None:
    """The condition of a row; None, with the row's error, while it is none."""
    row.error = None
    try:
        made = rows.row_of(row)
        if made is None:
            return None
        # What the query language makes of it, so that 1..5 becomes a range here too.
        term = parse(to_text(made.term))
    except QueryError as error:
        row.error = error
        return None
    return Row(term, made.negated) if isinstance(term, Term) else None


def add_row(group: GroupState, uids: Iterator[int]) -> None:
    """Put an empty condition at the group's end."""
    group.parts.append(RowState(next(uids), _FIRST_FIELD))


def add_group(group: GroupState, uids: Iterator[int]) -> None:
    """Put a group with an empty condition at the group's end; it joins the other way."""
    inner = GroupState(next(uids), joiner="or" if group.joiner == "and" else "and")
    add_row(inner, uids)
    group.parts.append(inner)


def remove(root: GroupState, part: RowState | GroupState) -> None:
    """Take a condition or a group away, and the groups that it leaves empty."""
    parent = parent_of(root, part)
    if parent is None:
        return
    parent.parts.remove(part)
    if not parent.parts:
        remove(root, parent)


def move(root: GroupState, part: RowState | GroupState, how: Move, uids: Iterator[int]) -> None:
    """Change places with a neighbour, go into a new group, or out of its group behind it."""
    parent = parent_of(root, part)
    if parent is None:
        return
    at = parent.parts.index(part)
    if how in ("back", "forth"):
        to = at + (1 if how == "forth" else -1)
        if 0 <= to < len(parent.parts):
            parent.parts[at], parent.parts[to] = parent.parts[to], part
    elif how == "wrap":
        joiner: Joiner = "or" if parent.joiner == "and" else "and"
        parent.parts[at] = GroupState(next(uids), [part], joiner)
    else:
        outer = parent_of(root, parent)
        if outer is not None:
            parent.parts.remove(part)
            outer.parts.insert(outer.parts.index(parent) + 1, part)
            if not parent.parts:
                remove(root, parent)


def parent_of(root: GroupState, part: RowState | GroupState) -> GroupState | None:
    """The group that a condition or group stands in; None for the outermost."""
    return next((group for group in root.groups() if part in group.parts), None)
