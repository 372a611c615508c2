"""What full collections of Python's garbage collector leave alone."""

import gc
import sys
import types
import weakref

import pytest

from components import collector


class _Node:
    """An object that refers to itself."""

    def __init__(self) -> None:
        self.myself = self


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "_loaded", 0)


def test_what_is_loaded_is_spared_until_more_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    collector.spare_modules()
    spared = gc.get_freeze_count()
    assert spared > 1000
    kept = [_Node() for _ in range(100)]
    collector.spare_modules()
    assert gc.get_freeze_count() <= spared
    for number in range(30):
        monkeypatch.setitem(sys.modules, f"loaded_later_{number}", types.ModuleType("later"))
    collector.spare_modules()
    assert gc.get_freeze_count() >= spared + len(kept)


def test_garbage_is_collected_before_and_after() -> None:
    before = weakref.ref(_Node())
    collector.spare_modules()
    after = weakref.ref(_Node())
    assert before() is None
    gc.collect()
    assert after() is None
