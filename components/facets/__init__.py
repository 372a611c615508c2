"""What a result consists of: the values of its fields with their counts, added or excluded by a
click."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal, cast

import streamlit as st

from components.assets import module_source
from core.i18n import current_language, texts

_KINDS = ("add", "take", "exclude")


@dataclass(frozen=True)
class FacetValue:
    """One value: what the query calls it, what people read, how many images have it."""

    value: str
    label: str
    count: int
    #: Whether the query asks for it already.
    added: bool = False
    #: How far below others it stands; those below a value follow it.
    depth: int = 0


@dataclass(frozen=True)
class Facet:
    """A field with its values, the most frequent first."""

    field: str
    label: str
    values: Sequence[FacetValue] = ()
    #: Number of rarer values that are not listed.
    rest: int = 0


@dataclass(frozen=True)
class FacetClick:
    """What a click asks for.

    Attributes:
        kind: "add" a value to the query, "take" it out of it again, "exclude" it, or "remove" the
            condition of this number.
    """

    kind: Literal["add", "take", "exclude", "remove"]
    field: str = ""
    value: str = ""
    index: int = 0


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component("datag_facets", js=module_source("facets"))


def facets(
    groups: Sequence[Facet],
    active: Sequence[str],
    *,
    key: str,
    asked: str,
    clicked: Callable[[FacetClick], None],
) -> None:
    """Draw the facets.

    Args:
        active: conditions in force, each to be removed by a click.
        key: Streamlit's key of the widget, and what the browser keeps open groups under.
        asked: the query in force; a click on the facets of another one is not heard.
        clicked: called before the page runs.
    """

    def heard() -> None:
        click = read_click(st.session_state[key].get("event"), asked)
        if click is not None:
            clicked(click)

    _component()(
        key=key,
        data={
            "view": key,
            "groups": [asdict(group) for group in groups],
            "active": list(active),
            "asked": asked,
            "texts": texts("facets"),
            "language": current_language(),
        },
        on_event_change=heard,
    )


def read_click(payload: object, asked: str) -> FacetClick | None:
    """What the browser sent; None for anything malformed or about another query."""
    if not isinstance(payload, Mapping) or payload.get("asked") != asked:
        return None
    kind, name, value = (payload.get(part) for part in ("kind", "field", "value"))
    if kind == "remove":
        index = payload.get("index")
        counts = isinstance(index, int) and not isinstance(index, bool) and index >= 0
        return FacetClick("remove", index=cast(int, index)) if counts else None
    if kind not in _KINDS or not isinstance(name, str) or not isinstance(value, str):
        return None
    return FacetClick(cast(Literal["add", "take", "exclude"], kind), name, value)
