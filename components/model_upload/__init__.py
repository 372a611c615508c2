"""A drop zone for one model file, which goes straight to disk by our own route."""

from functools import cache
from typing import Any

import streamlit as st

from components.assets import base_path, module_source
from core.i18n import t, texts
from core.models.files import SUFFIXES
from core.settings import settings

_TEXTS = ("drop", "choose", "sending", "cancel", "failed", "no_connection")


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component("datag_model_upload", js=module_source("model_upload"))


def model_upload(project_id: int, *, key: str) -> int | None:
    """Show the drop zone; the id of the draft that has arrived since the last run.

    The number comes from the browser: look it up with the visitor's rights before use.
    """
    words = texts("own_models")
    hint = "drop_hint_pickled" if settings().allow_pickled_models else "drop_hint"
    limit = settings().max_model_bytes
    result = _component()(
        key=key,
        data={
            "view": f"model-upload:{project_id}",
            "url": f"{base_path()}/api/models?project={project_id}",
            "accept": list(SUFFIXES),
            "limit": limit,
            "texts": {
                **{name: words[name] for name in _TEXTS},
                "drop_hint": words[hint],
                "too_large": t("own_models.too_large", limit=f"{limit / 1e9:g}"),
            },
        },
        on_event_change=lambda: None,
    )
    event = result.event
    found = event.get("model") if isinstance(event, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None
