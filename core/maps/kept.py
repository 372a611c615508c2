"""What was worked out from a feature set once, on disk for the next map of the same images."""

import logging
import zipfile
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from core.atomic import atomic_path
from core.settings import settings

log = logging.getLogger(__name__)

Number = TypeVar("Number", np.float32, np.int32)


def kept(
    kind: str, content: str, rows: int, make: Callable[[], npt.NDArray[Number]]
) -> npt.NDArray[Number]:
    """The array of this kind for a feature set: from disk, or made and put there.

    Args:
        kind: what it is and how it is made, a file name; another way to make it is another kind.
        content: the features' hash (`Neighbours.content`); empty: nothing is kept.
        rows: its length; what stands on disk with another one is made again.
    """
    if not content:
        return make()
    path = settings().cache_dir / kind / f"{content}.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found: npt.NDArray[Number] = arrays["kept"]
        if len(found) == rows:
            return found
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        log.warning("%s %s is damaged and made again: %s", kind, path.name, error)
    made = make()
    with atomic_path(path) as partial, partial.open("wb") as file:
        np.savez(file, kept=made)
    return made
