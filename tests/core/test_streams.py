"""Going through long sources."""

from collections.abc import Iterator

import pytest

from core.streams import batched, gathered


def test_batches_are_whole_but_for_the_last() -> None:
    assert list(batched(range(5), 2)) == [[0, 1], [2, 3], [4]]


def test_what_came_within_the_time_goes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("core.streams.time.monotonic", lambda: clock[0])

    def items() -> Iterator[str]:
        for moment, item in (
            (10, "a"),
            (10.2, "b"),
            (10.4, "c"),
            (10.6, "d"),
            (99, "e"),
            (99.1, "f"),
        ):
            clock[0] = moment
            yield item

    assert list(gathered(items(), 0.5)) == [["a"], ["b", "c", "d"], ["e"], ["f"]]


def test_nothing_gathers_to_nothing() -> None:
    assert list(gathered([], 0.5)) == []
