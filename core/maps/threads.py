"""How many threads the compiled loops take."""

from collections.abc import Iterator
from contextlib import contextmanager

import numba

# Below, threads spend more time waiting for each other than they save.
THREADS_FROM = 2_000  # points


@contextmanager
def threads_for(points: int) -> Iterator[None]:
    """All cores inside for many points, one thread for few."""
    before = numba.get_num_threads()
    numba.set_num_threads(before if points >= THREADS_FROM else 1)
    try:
        yield
    finally:
        numba.set_num_threads(before)
