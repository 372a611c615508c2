"""Clicks on facets as they come from a browser."""

import pytest

from components.facets import FacetClick, read_click


@pytest.mark.parametrize(
    ("payload", "click"),
    [
        ({"kind": "add", "field": "tag", "value": "a"}, FacetClick("add", "tag", "a")),
        ({"kind": "exclude", "field": "tag", "value": ""}, FacetClick("exclude", "tag", "")),
        ({"kind": "remove", "index": 2}, FacetClick("remove", index=2)),
        ({"kind": "remove", "index": -1}, None),
        ({"kind": "remove", "index": True}, None),
        ({"kind": "remove"}, None),
        ({"kind": "drop", "field": "tag", "value": "a"}, None),
        ({"kind": "add", "field": 3, "value": "a"}, None),
    ],
)
def test_a_click_is_read_or_left_out(payload: dict[str, object], click: FacetClick | None) -> None:
    assert read_click({**payload, "asked": "q"}, "q") == click


@pytest.mark.parametrize("payload", [None, 3, [], {}, {"kind": "add", "field": "a", "value": "b"}])
def test_what_is_about_another_query_is_not_heard(payload: object) -> None:
    assert read_click(payload, "q") is None
