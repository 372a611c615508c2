"""Settings of the map page in its address: read with distrust, written short."""

from urllib.parse import urlencode

import numpy as np
import pytest

from components.map_page.state import MapState, Start, link_parameters, read_link
from components.workspace import Workspace


def test_a_whole_link_is_read() -> None:
    state = read_link(
        {
            "map": "3",
            "cam": "0.7_0.45_0_0_-0.5_2.5e-1",
            "hide": "1x2y3z.abc",
            "beside": "4",
            "hide2": "q",
            "colour": "field:camera",
            "bars": "confidence",
            "focus": "tag:a",
        }
    )
    assert state.starts == {
        3: Start((0.7, 0.45, 0.0, 0.0, -0.5, 0.25), ("1x2y3z", "abc")),
        4: Start(None, ("q",)),
    }
    assert (state.colour, state.bars, state.focus) == ("field:camera", "confidence", "tag:a")
    assert state.beside == 4
    assert state.troubles == []


def test_an_empty_address_asks_for_nothing() -> None:
    assert read_link({}) == MapState()


@pytest.mark.parametrize(
    ("parameters", "trouble"),
    [
        ({"map": "<script>"}, "map_page.link_map"),
        ({"map": "9" * 400}, "map_page.link_map"),
        ({"beside": "-1"}, "map_page.link_map"),
        ({"map": "٣"}, "map_page.link_map"),
        *(
            ({"map": "3", "cam": camera}, "map_page.link_view")
            for camera in (
                "x", "1_2_3", "1_2_3_4_5_0", "1_2_3_4_5_-1", "1_2_3_4_5_nan", "1_2_3_4_5_inf",
                "1e300_2_3_4_5_6", "1_2_3_4_5_6_7", "_" * 5, "1" * 10_000,
            )
        ),
        *(
            ({"map": "3", "hide": hidden}, "map_page.link_view")
            for hidden in ("A", "a..b", "a" * 8, ".", "a." * 300 + "a", "<b>")
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_left_out_and_told(parameters: dict[str, str], trouble: str) -> None:
    state = read_link(parameters)
    assert state.starts == {}
    assert state.troubles == [trouble]


def test_the_address_stays_short_for_any_selection() -> None:
    work = Workspace(1)
    work.select(np.arange(100_000))
    state = MapState(colour="field:attribute:line", bars="confidence", focus="tag:a " * 100)
    parameters = link_parameters(state, work)
    assert len(parameters["sel"]) == 12
    assert parameters["focus"] == ""
    assert len(urlencode(parameters)) < 150


def test_written_and_read_again_it_is_the_same() -> None:
    state = MapState(colour="tags", bars="field:width", focus="tag:a", beside=4)
    again = read_link(
        {name: text for name, text in link_parameters(state, Workspace(1)).items() if text}
    )
    assert (again.colour, again.bars, again.focus, again.beside) == (
        "tags", "field:width", "tag:a", 4,
    )  # fmt: skip


def test_alone_a_map_takes_the_second_ones_view_out_of_the_address() -> None:
    alone = link_parameters(MapState(), Workspace(1))
    assert (alone["cam2"], alone["hide2"]) == ("", "")
    assert "cam2" not in link_parameters(MapState(beside=2), Workspace(1))
