"""What the map component sends to the browser with every run."""

from __future__ import annotations

import base64
import json

import numpy as np
from streamlit.testing.v1 import AppTest


def _page() -> None:
    import numpy as np

    from components.map import MapPoints, categorical, continuous, scatter_map

    points = MapPoints(np.zeros((3, 3), np.float32), np.array([1, 2, 3]))
    for key, colours in (
        ("classes", categorical(["a", "b", "a"], "Class")),
        ("scale", continuous(np.array([1.0, 2.0, 3.0]))),
    ):
        scatter_map(points, colours, key=key, view=key, put=lambda data: f"/blobs/{len(data)}")


def test_a_message_is_short_and_holds_neither_style_nor_texts() -> None:
    page = AppTest.from_function(_page).run()
    assert not page.exception
    protos = [element.proto for element in page.get("bidi_component")]
    assert len(protos) == 2
    for proto, colours in zip(protos, (4, 1), strict=True):
        assert not proto.css_content
        data = json.loads(proto.json or proto.mixed.json)
        assert "texts" not in data
        assert data["texts_url"].endswith("/texts/en/map_component.json")
        palette = np.frombuffer(base64.b64decode(data["palette"]), np.uint8).reshape(-1, 3)
        assert len(palette) == colours
    assert len(protos[1].SerializeToString()) < 2_000
