from collections.abc import Callable

import numpy as np
import pytest

from core.maps.kept import kept
from core.settings import settings

pytestmark = pytest.mark.usefixtures("database")


class Maker:
    """Gives the array and counts how often it was asked."""

    def __init__(self, *numbers: int) -> None:
        self.made = 0
        self._numbers = np.array(numbers, dtype=np.int32)

    def __call__(self) -> np.ndarray:
        self.made += 1
        return self._numbers


def test_is_made_once_for_a_content_and_a_kind() -> None:
    make = Maker(3, 1, 2)
    for _ in range(2):
        found = kept("clusters", "abc", 3, make)
        assert found.tolist() == [3, 1, 2]
        assert found.dtype == np.int32
    assert make.made == 1
    kept("clusters", "abd", 3, make)
    kept("principal", "abc", 3, make)
    assert make.made == 3


def test_without_a_content_nothing_is_kept() -> None:
    make = Maker(1)
    kept("clusters", "", 1, make)
    kept("clusters", "", 1, make)
    assert make.made == 2
    assert not (settings().cache_dir / "clusters").exists()


def _truncate(content: bytes) -> bytes:
    return content[:-2]


def _empty(_content: bytes) -> bytes:
    return b""


def _other(_content: bytes) -> bytes:
    return b"not an array at all"


def _flip(content: bytes) -> bytes:
    """A number of the array is another one."""
    at = content.index(np.array([5, 6], dtype="<i4").tobytes())
    return content[:at] + b"\7" + content[at + 1 :]


@pytest.mark.parametrize("damage", [_truncate, _empty, _other, _flip])
def test_what_is_damaged_is_made_again(damage: Callable[[bytes], bytes]) -> None:
    make = Maker(5, 6)
    kept("clusters", "abc", 2, make)
    path = settings().cache_dir / "clusters" / "abc.npz"
    path.write_bytes(damage(path.read_bytes()))
    assert kept("clusters", "abc", 2, make).tolist() == [5, 6]
    assert kept("clusters", "abc", 2, make).tolist() == [5, 6]
    assert make.made == 2


def test_another_length_is_made_again() -> None:
    kept("clusters", "abc", 2, Maker(5, 6))
    assert kept("clusters", "abc", 3, Maker(7, 8, 9)).tolist() == [7, 8, 9]
