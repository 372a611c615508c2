"""A virtualised gallery of images with selection by mouse and keyboard."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt
import streamlit as st

from components.assets import base_path, module_source
from components.selection import Indices, decode_selection, pack_bits
from components.window_height import WindowHeight, height_data
from core.i18n import current_language, texts

Ids = npt.NDArray[np.int64]
Caption = Literal["name", "prediction", "tags"]
TileSize = Literal["small", "medium", "large"]
_HEARD_AT_MOST = 64


@dataclass(frozen=True)
class GalleryEvent:
    """What a person did in the gallery.

    Attributes:
        kind: "select", or "open" for a double click or Enter on `image_id`.
        view: the view it happened in.
        image_ids: int64 (k,), the whole selection, in display order.
        image_id: the opened image.
    """

    kind: Literal["select", "open"]
    view: str
    image_ids: Ids
    image_id: int | None = None


@dataclass
class _Heard:
    """Selections that the browser sent, by their number, to know them when they come back.

    A page sends back what it heard, perhaps when the browser is already further on; a run cut
    short by the next one may leave selections out. All are known until a later one comes back or
    the page shows a selection of its own.
    """

    version: str | None = None
    ids_url: str = ""
    digests: dict[int, bytes] = field(default_factory=dict)

    def note(self, sequence: int, bits: bytes, ids_url: str) -> None:
        """The browser sent this selection under this number."""
        if ids_url != self.ids_url:
            self.digests.clear()
        self.ids_url = ids_url
        self.digests[sequence] = _digest(bits)
        while len(self.digests) > _HEARD_AT_MOST:
            del self.digests[next(iter(self.digests))]

    def answer(self, bits: bytes, ids_url: str, version: str) -> int:
        """The browser's number of this selection, 0 if it does not come from the browser."""
        digest = _digest(bits)
        numbers = [number for number, known in self.digests.items() if known == digest]
        own = min(numbers, default=0) if ids_url == self.ids_url else 0
        if own:
            self.digests = {n: known for n, known in self.digests.items() if n >= own}
        elif version != self.version:
            self.digests.clear()
        self.version = version
        return own


def _digest(bits: bytes) -> bytes:
    return hashlib.blake2b(bits, digest_size=16).digest()


@cache
def _component() -> Any:
    # On first use: Streamlit's component registry is not there yet when the app is imported.
    return st.components.v2.component(
        "datag_gallery",
        js=module_source("gallery", ("shared/buttons.css", "style.css")),
    )


def gallery(
    image_ids: Ids,
    *,
    key: str,
    view: str,
    put: Callable[[bytes], str],
    selection: Ids | None,
    selection_version: str,
    data_version: str = "",
    height: int | WindowHeight = 640,
    thumb_size: TileSize = "medium",
    captions: Sequence[Caption] = ("name", "prediction", "tags"),
    empty: str | None = None,
    thumbnail_url: str = "/api/images/{id}/thumbnail",
    rows_url: str = "/api/images/rows",
) -> GalleryEvent | None:
    """Show images; give what was selected or opened since the last run.

    Args:
        image_ids: int64 (N,), each image once, in display order, up to a million.
        key: Streamlit's key of the widget.
        view: what the browser keeps scroll position and selection under, across reruns and pages.
        put: stores bytes and gives the URL that serves them, the same for the same bytes.
        selection: int64 (k,), ids to show as selected; those not in `image_ids` are left out.
        selection_version: the browser takes `selection` over only when this changes.
        data_version: change it when names, predictions or tags of shown images have changed.
        height: greatest height with the toolbar, CSS px.
        thumb_size: tile size until the visitor chooses another.
        captions: lines below each picture.
        empty: shown when there are no images; a general text by default.
        thumbnail_url, rows_url: addresses of a thumbnail (`{id}` is the image's) and of rows.
    """
    image_ids = np.asarray(image_ids, dtype=np.int64)
    # Float64 holds every id below 2**53 exactly, and JavaScript has no faster integer for it.
    ids_url = put(image_ids.astype("<f8").tobytes())
    st.session_state[f"_gallery_shown:{key}"] = (ids_url, image_ids)
    bits = pack_bits(_positions(image_ids, selection), len(image_ids))
    heard = st.session_state.setdefault(f"_gallery_heard:{key}", _Heard())
    words = texts("gallery")
    result = _component()(
        key=key,
        data={
            "view": view,
            "n": len(image_ids),
            "ids_url": ids_url,
            "selection_url": put(bits),
            "selection_version": selection_version,
            "heard": heard.answer(bits, ids_url, selection_version),
            "data_version": data_version,
            "thumbnail_url": base_path() + thumbnail_url,
            "rows_url": base_path() + rows_url,
            **height_data(height),
            "size": thumb_size,
            "captions": list(captions),
            "texts": words,
            "language": current_language(),
            "empty": words["empty"] if empty is None else empty,
        },
        on_event_change=lambda: None,
    )
    return _event(result.event, image_ids, ids_url, view, heard)


def selected_now(key: str, target: object) -> Ids | None:
    """What is selected in a gallery when a key of the whole page was pressed.

    Args:
        key: Streamlit's key of the gallery.
        target: what the browser says; nothing about it is trusted.

    Returns:
        int64 (k,); None when it is malformed, or about other images than the gallery shows.
    """
    ids_url, image_ids = st.session_state.get(f"_gallery_shown:{key}", ("", np.empty(0, np.int64)))
    if not isinstance(target, Mapping) or not ids_url or target.get("ids") != ids_url:
        return None
    indices = decode_selection(target.get("selection"), len(image_ids))
    return None if indices is None else image_ids[indices]


def _positions(image_ids: Ids, selection: Ids | None) -> Indices:
    if selection is None or not len(selection):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.isin(image_ids, np.asarray(selection, dtype=np.int64)))


def _event(
    payload: object, image_ids: Ids, ids_url: str, view: str, heard: _Heard
) -> GalleryEvent | None:
    """Check what the browser sent; None for anything malformed or about other images."""
    if not isinstance(payload, Mapping) or payload.get("ids") != ids_url:
        return None
    kind, sequence = payload.get("kind"), payload.get("sequence")
    indices = decode_selection(payload.get("selection"), len(image_ids))
    if indices is None or kind not in ("select", "open") or not _is_count(sequence):
        return None
    opened = None
    if kind == "open":
        index = payload.get("index")
        if not _is_count(index) or cast(int, index) >= len(image_ids):
            return None
        opened = int(image_ids[cast(int, index)])
    heard.note(cast(int, sequence), pack_bits(indices, len(image_ids)), ids_url)
    return GalleryEvent(cast(Literal["select", "open"], kind), view, image_ids[indices], opened)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
