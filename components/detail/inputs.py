"""A widget for the value of a metadata field, as the field's type wants it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import streamlit as st

from components.context import plain
from core.curation.attributes import MAX_TEXT, meant
from core.curation.field_types import FieldType, Value, fit, shown
from core.errors import UserError
from core.i18n import t

Form = Literal["text", "lines", "number", "date", "moment", "boolean", "choice"]

# What a browser counts in whole numbers without losing any.
_LARGEST = 2**53 - 1


@dataclass(frozen=True)
class Input:
    """A field with its value, and the widget that fits both.

    Attributes:
        type_: None: nothing is declared, any text may be written.
        form: of the widget; a text field where the value does not fit the type.
        raw: what the widget holds for the value.
    """

    name: str
    type_: FieldType | None
    value: Value
    form: Form
    raw: Any

    @property
    def problem(self) -> UserError | None:
        """Why the value that is there does not fit the field's type; None: it does."""
        try:
            fit(self.type_, self.name, self.value)
        except UserError as error:
            return error
        return None

    def read(self, raw: Any) -> Value:
        """The value that a widget of this form means. Raises UserError where it fits no field."""
        if self.form in ("text", "lines"):
            return meant(self.type_, self.name, self.value, raw)
        if raw is None:
            return None
        if self.form == "number":
            return int(raw) if float(raw).is_integer() else float(raw)
        if self.form == "boolean":
            return bool(raw == "yes")
        if self.form == "moment":
            return fit(self.type_, self.name, raw.replace(microsecond=0).isoformat())
        return fit(self.type_, self.name, raw.isoformat() if self.form == "date" else raw)


def input_of(name: str, type_: FieldType | None, value: Value) -> Input:
    """The widget for a field's value; None: it has none yet."""
    kind = "text" if type_ is None else type_.kind
    reader = _FORMS.get(kind, _text)
    found = reader(value)
    form, raw = _text(value) if found is None else found
    return Input(name, type_, value, form, raw)


def _text(value: Value) -> tuple[Form, Any]:
    text = shown(value)
    return ("lines" if "\n" in text else "text"), text


def _number(value: Value) -> tuple[Form, Any] | None:
    if value is None:
        return "number", None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or abs(value) > _LARGEST:  # type: ignore[arg-type]
        return None
    return "number", float(value)


def _date(value: Value) -> tuple[Form, Any] | None:
    if value is None:
        return "date", None
    try:
        if "T" in str(value):
            return "moment", datetime.fromisoformat(str(value))
        return "date", date.fromisoformat(str(value))
    except ValueError:
        return None


def _boolean(value: Value) -> tuple[Form, Any] | None:
    if value is not None and not isinstance(value, bool):
        return None
    return "boolean", None if value is None else shown(value)


def _choice(value: Value) -> tuple[Form, Any]:
    return "choice", None if value is None else shown(value)


_FORMS: dict[str, Callable[[Value], tuple[Form, Any] | None]] = {
    "number": _number,
    "date": _date,
    "boolean": _boolean,
    "choice": _choice,
}


def draw(field: Input, *, key: str, on_change: Callable[[], None] | None = None) -> Any:
    """Draw the widget with what the session holds under `key`; gives what it holds now."""
    type_ = field.type_
    unit = f" ({plain(type_.unit)})" if type_ is not None and type_.unit else ""
    common: dict[str, Any] = {"label": plain(field.name) + unit, "key": key, "on_change": on_change}
    if field.form == "number":
        return st.number_input(
            **common, value=None, min_value=-float(_LARGEST), max_value=float(_LARGEST), step=1.0,
            format="%.15g", placeholder=t("detail.empty_number"),
        )  # fmt: skip
    if field.form == "date":
        return st.date_input(**common, value=None, min_value=date.min, max_value=date.max)
    if field.form == "moment":
        return st.datetime_input(**common, value=None, min_value=datetime.min, max_value=_LAST)
    if field.form == "boolean":
        return st.segmented_control(
            **common, options=["yes", "no"], format_func=lambda each: t(f"detail.{each}")
        )
    if field.form == "choice":
        choices = list(type_.choices) if type_ is not None else []
        # One that is not in the list, or not any more, is shown as it stands.
        others = [] if field.raw is None or field.raw in choices else [field.raw]
        return st.selectbox(
            **common, options=[*others, *choices], index=None, placeholder=t("detail.no_choice")
        )
    write = st.text_area if field.form == "lines" else st.text_input
    return write(**common, max_chars=MAX_TEXT, placeholder=t("detail.empty_text"))


_LAST = datetime(9999, 12, 31, 23, 59)
