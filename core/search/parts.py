"""The images of each value of a field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: int32 (M,): places of images in `ProjectBits.ids`.
Positions = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Names:
    """The names of values by their numbers."""

    by_number: dict[int, str]

    @property
    def nbytes(self) -> int:
        """Bytes of memory, roughly."""
        return 200 * len(self.by_number)


@dataclass(frozen=True)
class Parts:
    """The images of each value of a field."""

    names: list[str]
    #: int64 (len(names) + 1,): where each one's images begin and end in `owners`.
    starts: npt.NDArray[np.int64]
    owners: Positions

    @property
    def nbytes(self) -> int:
        """Bytes of memory, roughly."""
        return self.starts.nbytes + self.owners.nbytes + 100 * len(self.names)

    def having(self, wanted: Sequence[bool]) -> Positions:
        """The images that have one of the wanted values; one that has several stands there
        several times."""
        places = np.flatnonzero(wanted)
        some = [self.owners[self.starts[at] : self.starts[at + 1]] for at in places.tolist()]
        return np.concatenate([self.owners[:0], *some])

    def numbers(self) -> npt.NDArray[np.int64]:
        """int64 (M,): for each of `owners` the number of its value."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


def parts_of(owners: Mapping[str, Positions]) -> Parts:
    """Parts of the images of each value."""
    starts = np.cumsum([0, *map(len, owners.values())])
    flat = np.concatenate([np.empty(0, dtype=np.int32), *owners.values()])
    return Parts(list(owners), starts, flat)
