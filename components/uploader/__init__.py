"""A drop zone that sends files and folders of any number to DATAG's own upload route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st

from components.assets import base_path, module_source
from core.i18n import current_language
from core.i18n import texts as catalogue_texts
from core.imports.readers import ENDINGS as SIDECAR_ENDINGS

ACCEPTED = (
    *(".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".tif", ".tiff"),
    *(".webp", ".avif", ".heic", ".heif", ".jp2", ".pgm", ".ppm", ".zip"),
    *(".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz"),
    *SIDECAR_ENDINGS,
)
_TOKEN_LENGTH = 200


@dataclass(frozen=True)
class UploadEvent:
    """An upload is whole on the server.

    The figures come from the browser: look the batch up with the visitor's rights before use.
    """

    kind: str
    upload: str
    batch: int | str


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component("datag_uploader", js=module_source("uploader"))


def uploader(
    *,
    key: str,
    view: str,
    project_id: int,
    begin_url: str = "/api/uploads",
    accept: Sequence[str] = ACCEPTED,
    texts: Mapping[str, str] | None = None,
) -> UploadEvent | None:
    """Show the drop zone; give the upload that has been completed since the last run.

    Args:
        key: Streamlit's key of the widget.
        view: what the browser keeps a running upload under, across reruns and pages; one for
            each project, so that an upload is shown where it belongs.
        project_id: where the files go.
        begin_url: the upload route; `{begin_url}/{upload}/files/{index}` and so on lie below it.
        accept: endings of file names, with their dot. A file with another ending is not sent
            and is reported; one without an ending is sent for the server to decide.
        texts: the component's own texts, `uploader.*` of the visitor's language by default.
    """
    result = _component()(
        key=key,
        data={
            "view": view,
            "project_id": project_id,
            "begin_url": base_path() + begin_url,
            "accept": [ending.lower() for ending in accept],
            "texts": dict(texts) if texts is not None else catalogue_texts("uploader"),
            "language": current_language(),
        },
        on_event_change=lambda: None,
    )
    return _event(result.event)


def _event(payload: object) -> UploadEvent | None:
    """Check what the browser sent; None for anything malformed."""
    if not isinstance(payload, Mapping) or payload.get("kind") != "done":
        return None
    upload, batch = payload.get("upload"), payload.get("batch")
    if not isinstance(upload, str) or not 0 < len(upload) <= _TOKEN_LENGTH:
        return None
    if isinstance(batch, bool) or not isinstance(batch, int | str):
        return None
    if isinstance(batch, str) and len(batch) > _TOKEN_LENGTH:
        return None
    return UploadEvent("done", upload, batch)
