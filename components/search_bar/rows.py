"""One row of the query builder: its state, its widgets, the condition that it stands for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from components.search_bar.form import Row, make_term
from core.i18n import t
from core.search import Field, FieldType, Operator, QueryError, Term, fields, parse, to_text
from core.search.fields import PRESENCES

Key = Callable[[str, int], str]

_FIELDS: dict[str, Field] = {known.name: known for known in fields()}
#: Fields that are written with the name of an attribute.
_NAMED = ("meta", "exif")
#: What `no:` finds is `has:` with NOT.
_CHOOSABLE = tuple(name for name in _FIELDS if name != "no")


@dataclass(eq=False)
class RowState:
    """What a row shows."""

    uid: int
    name: str
    #: The attribute's name where the field is one of `_NAMED`.
    attribute: str = ""
    operator: Operator = Operator.IS
    values: list[str] = field(default_factory=list)
    negated: bool = False
    #: The condition as text, where no other widgets can show it.
    text: str | None = None
    error: QueryError | None = None


def is_choice(name: str) -> bool:
    """Whether a field's values are chosen from those that occur."""
    return _FIELDS[name].type is FieldType.CHOICE


def _fits(term: Term) -> bool:
    """Whether a row's widgets show a term: lists need a field that is chosen from a list."""
    name = term.field.partition(".")[0]
    if term.qualifiers:
        return False
    return is_choice(name) or term.operator is not Operator.ONE_OF


def state_of(row: Row, uid: int) -> RowState:
    """A row that shows a condition."""
    if not _fits(row.term):
        name = row.term.field.partition(".")[0]
        return RowState(uid, name, negated=row.negated, text=to_text(row.term))
    name, _, attribute = row.term.field.partition(".")
    operator = Operator.IS if row.term.operator is Operator.ONE_OF else row.term.operator
    negated = row.negated
    if name == "no":
        name, negated = "has", not negated
    return RowState(uid, name, attribute, operator, list(row.term.values), negated)


def row_of(state: RowState) -> Row | None:
    """The condition that a row stands for; None while it is not filled in. Raises QueryError."""
    if state.text is not None:
        term = parse(state.text)
        return Row(term, state.negated) if isinstance(term, Term) else None
    if state.name in _NAMED and not state.attribute.strip():
        return None
    name = f"{state.name}.{state.attribute.strip()}" if state.name in _NAMED else state.name
    term = make_term(name, state.operator, tuple(value.strip() for value in state.values))
    return None if term is None else Row(term, state.negated)


def take_over(row: RowState, key: Key) -> None:
    """Read what the row's widgets hold. Another field empties the row."""
    held = st.session_state
    row.negated = held.get(key("not", row.uid), row.negated)
    if row.text is not None:
        row.text = held.get(key("text", row.uid), row.text)
        return
    chosen = held.get(key("field", row.uid), row.name)
    if chosen != row.name:
        row.name, row.attribute, row.operator, row.values = chosen, "", Operator.IS, []
        for name in ("operator", "attribute", "values", "text", "low", "high", "presence"):
            held.pop(key(name, row.uid), None)
        return
    row.operator = held.get(key("operator", row.uid), row.operator)
    row.attribute = held.get(key("attribute", row.uid), row.attribute)
    row.values = _held_values(row, key)


def _held_values(row: RowState, key: Key) -> list[str]:
    held = st.session_state
    if is_choice(row.name):
        return list(held.get(key("values", row.uid), row.values))
    if _FIELDS[row.name].type is FieldType.PRESENCE:
        chosen = held.get(key("presence", row.uid))
        return [chosen] if chosen else []
    first = row.values[0] if row.values else ""
    if row.operator is Operator.RANGE:
        last = row.values[1] if len(row.values) > 1 else ""
        return [held.get(key("low", row.uid), first), held.get(key("high", row.uid), last)]
    return [held.get(key("text", row.uid), first)]


def draw_negation(row: RowState, key: Key, apply: Callable[[], None]) -> None:
    """The toggle that turns the row into its opposite."""
    held_as = key("not", row.uid)
    st.session_state.setdefault(held_as, row.negated)
    st.checkbox(t("search_bar.not"), key=held_as, on_change=apply)


def draw_field(row: RowState, key: Key, apply: Callable[[], None]) -> None:
    """The list of fields, and the name of the attribute for metadata."""
    held_as = key("field", row.uid)
    st.session_state.setdefault(held_as, row.name)
    st.selectbox(
        t("search_bar.field"),
        _CHOOSABLE,
        format_func=lambda known: t(f"search_bar.fields.{known}"),
        key=held_as,
        label_visibility="collapsed",
        on_change=apply,
    )
    if row.name in _NAMED:
        _text_input(row, key, "attribute", row.attribute, t("search_bar.attribute"), apply)


def draw_operator(row: RowState, key: Key, apply: Callable[[], None]) -> None:
    """The comparison; a plain word where there is only one."""
    operators = [o for o in _FIELDS[row.name].operators if o is not Operator.ONE_OF]
    if len(operators) == 1:
        st.markdown(t(f"search_bar.operators.{_operator_kind(row.name)}"))
        return
    held_as = key("operator", row.uid)
    st.session_state.setdefault(held_as, row.operator)
    dates = "date_" if _FIELDS[row.name].type is FieldType.DATE else ""
    st.selectbox(
        t("search_bar.operator"),
        operators,
        format_func=lambda operator: t(f"search_bar.operators.{dates}{operator.name.lower()}"),
        key=held_as,
        label_visibility="collapsed",
        on_change=apply,
    )


def _operator_kind(name: str) -> str:
    kinds = {FieldType.CHOICE: "choice", FieldType.PATTERN: "contains"}
    return kinds.get(_FIELDS[name].type, "presence")


def draw_values(
    row: RowState, key: Key, apply: Callable[[], None], offered: Mapping[str, int]
) -> None:
    """What to compare with. `offered`: values that occur, with their number of images."""
    if row.text is not None:
        _text_input(row, key, "text", row.text, t("search_bar.as_text"), apply)
        return
    known = _FIELDS[row.name]
    if known.type is FieldType.CHOICE:
        _draw_choice(row, key, apply, offered)
    elif known.type is FieldType.PRESENCE:
        _draw_presence(row, key, apply)
    elif row.operator is Operator.RANGE:
        low, high = [*row.values, "", ""][:2]
        left, right = st.columns(2, gap="small")
        with left:
            _text_input(row, key, "low", low, t("search_bar.from"), apply)
        with right:
            _text_input(row, key, "high", high, t("search_bar.to"), apply)
    else:
        value = row.values[0] if row.values else ""
        _text_input(row, key, "text", value, t(f"search_bar.write.{known.type}"), apply)


def _draw_choice(
    row: RowState, key: Key, apply: Callable[[], None], offered: Mapping[str, int]
) -> None:
    held_as = key("values", row.uid)
    st.session_state.setdefault(held_as, list(row.values))
    st.multiselect(
        t("search_bar.values"),
        list(dict.fromkeys([*offered, *st.session_state[held_as]])),
        format_func=lambda value: (
            f"{value} ({offered[value]:,})" if value in offered else str(value)
        ),
        key=held_as,
        placeholder=t("search_bar.choose"),
        accept_new_options=True,
        select_all=False,
        label_visibility="collapsed",
        on_change=apply,
    )


def _draw_presence(row: RowState, key: Key, apply: Callable[[], None]) -> None:
    held_as = key("presence", row.uid)
    options = list(dict.fromkeys([*PRESENCES, *row.values]))
    st.session_state.setdefault(held_as, row.values[0] if row.values else None)
    st.selectbox(
        t("search_bar.values"),
        options,
        format_func=lambda value: (
            t(f"search_bar.presences.{value}") if value in PRESENCES else str(value)
        ),
        placeholder=t("search_bar.choose"),
        key=held_as,
        label_visibility="collapsed",
        on_change=apply,
    )


def _text_input(
    row: RowState, key: Key, part: str, value: str, hint: str, apply: Callable[[], None]
) -> None:
    held_as = key(part, row.uid)
    st.session_state.setdefault(held_as, value)
    st.text_input(
        hint, key=held_as, placeholder=hint, label_visibility="collapsed", on_change=apply
    )
