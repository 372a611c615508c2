"""What one cell of a table, or one value of a JSON document, says."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.imports.facts import Value, Vector

_MOST_DIGITS = 18  # of whole numbers below 2^63
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_TRUTH = {"true": True, "false": False}
_FORMULA = ("'=", "'+", "'-", "'@")


def typed(values: Sequence[Any]) -> list[Value]:
    """A column's values: numbers or truth values where all of its texts are, else text."""
    texts = {text_of_cell(v) for v in values if isinstance(v, str)} - {""}
    if texts and all(text.lower() in _TRUTH for text in texts):
        return [_TRUTH[text_of_cell(v).lower()] if isinstance(v, str) and v.strip() else None
                for v in values]  # fmt: skip
    if texts and all(_NUMBER.fullmatch(text) and _fits(text) for text in texts):
        return [scalar(_number_in(text_of_cell(v)) if isinstance(v, str) else v) for v in values]
    return [scalar(v) for v in values]


def _number_in(text: str) -> int | float | None:
    if not text:
        return None
    return float(text) if _is_fraction(text) else int(text)


def _fits(text: str) -> bool:
    """Whether a number is one that an attribute keeps; longer ones are mostly no amounts."""
    return _is_fraction(text) or len(text.lstrip("+-")) <= _MOST_DIGITS


def _is_fraction(text: str) -> bool:
    return any(mark in text for mark in ".eE")


def scalar(value: Any) -> Value:
    """One value as an attribute keeps it; None where there is none or it cannot be kept."""
    if isinstance(value, str):
        return text_of_cell(value) or None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int | float):
        # False for what is no number, too; `isfinite` raises for very large whole ones.
        return value if abs(value) < 2**63 else None
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def text_of_cell(value: Any) -> str:
    """A cell's text; the apostrophe that keeps a spreadsheet from running it is taken off."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = str(value).strip()
    return text[1:] if text.startswith(_FORMULA) else text


def whole(value: Any) -> int | None:
    """A whole number of at most 18 digits; None where there is none."""
    text = text_of_cell(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def tags_of(value: Any) -> tuple[str, ...]:
    """The tags of a cell, a list or a text in which `;` stands between them."""
    if isinstance(value, list | tuple):
        return tuple(text_of_cell(each) for each in value if text_of_cell(each))
    # DATAG writes a `;` inside a name as `\;` and a backslash as `\\`.
    parts = re.findall(r"(?:[^;\\]|\\.)+", text_of_cell(value))
    tags = (re.sub(r"\\(.)", r"\1", part).strip() for part in parts)
    return tuple(tag for tag in tags if tag)


def is_vector(values: Sequence[Any]) -> bool:
    first = next((v for v in values if v is not None), None)
    if isinstance(first, np.ndarray):
        return first.ndim == 1 and first.dtype.kind in "fiu"
    return (
        isinstance(first, list)
        and len(first) > 1
        and all(isinstance(n, int | float) and not isinstance(n, bool) for n in first)
    )


def vector_of(value: Any) -> Vector | None:
    """float32 (D,): a list of numbers; None where it is none, or not all of them are finite."""
    try:
        with np.errstate(over="ignore"):
            vector = np.asarray([] if value is None else value, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        return None
    return vector if vector.ndim == 1 and len(vector) and np.isfinite(vector).all() else None


def number_of(text: str) -> float:
    """NaN where there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
