"""The query's text field, which completes what is typed without running the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import streamlit as st

from components.assets import base_path, module_source
from core.i18n import current_language, texts
from core.search import QueryError

_LONGEST = 20_000  # characters that are listened to at all; a query may have half of it


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component("datag_query_box", js=module_source("query_box"))


def query_box(
    text: str,
    *,
    key: str,
    project_id: int,
    version: int,
    submitted: Callable[[str], None],
    error: QueryError | None = None,
    tags_only: bool = False,
    complete_url: str = "/api/projects/{id}/complete",
) -> None:
    """Draw the field.

    Args:
        text: the query, or the wrong one that was typed last.
        key: Streamlit's key of the widget.
        project_id: whose fields and values are offered.
        version: the field takes `text` over when this changes; what is being typed is lost then.
        submitted: called with the text before the page runs, when someone presses Enter.
        error: what is wrong with `text`.
        tags_only: the text holds tags with AND, OR, NOT and brackets alone.
        complete_url: address that completes a text; `{id}` is the project's.
    """

    def heard() -> None:
        asked = read_text(st.session_state[key].get("event"))
        if asked is not None:
            submitted(asked)

    _component()(
        key=key,
        data={
            "view": key,
            "text": text,
            "version": version,
            "error": None if error is None else error.shown(),
            "tags_only": tags_only,
            "complete_url": base_path() + complete_url.replace("{id}", str(project_id)),
            "texts": texts("query_box"),
            "language": current_language(),
        },
        on_event_change=heard,
    )


def read_text(payload: object) -> str | None:
    """The query that the browser sent; None for anything malformed."""
    text = payload.get("text") if isinstance(payload, Mapping) else None
    return text[:_LONGEST] if isinstance(text, str) else None
