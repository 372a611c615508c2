"""How many threads the compiled loops take."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Lock
from time import perf_counter
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
T = TypeVar("T")

# Below, threads spend more time waiting for each other than they save.
THREADS_FROM = 2_000  # points

_TRIAL = 2  # rounds with another number of threads
_FIRST, _LONGEST = 8, 128  # rounds between two trials
_BETTER = 0.9  # of the time with the present number


# Where neither OpenMP nor TBB is installed, Numba's own threads end the process when two loops run
# at once; and two loops on the same cores are no faster than one after the other.
_one = Lock()


def one_at_a_time(loop: Callable[P, T]) -> Callable[P, T]:
    """`loop`, compiled for several cores, waiting for its turn among all such loops."""

    @wraps(loop)
    def in_turn(*args: P.args, **kwargs: P.kwargs) -> T:
        with _one:
            return loop(*args, **kwargs)

    return in_turn


@contextmanager
def threads_for(points: int) -> Iterator[None]:
    """All cores inside for many points, one thread for few."""
    before = numba.get_num_threads()
    numba.set_num_threads(before if points >= THREADS_FROM else 1)
    try:
        yield
    finally:
        numba.set_num_threads(before)


@contextmanager
def half_the_threads() -> Iterator[None]:
    """Half of the cores inside, for work that goes on beside other work of its own."""
    before = numba.get_num_threads()
    numba.set_num_threads(max(1, before // 2))
    try:
        yield
    finally:
        numba.set_num_threads(before)


class ThreadPace:
    """The number of threads that goes fastest now, for a loop of many short rounds.

    Threads wait for the slowest of them at the end of each round. Beside other work one of them is
    always held up, so that fewer get on faster; nothing but the clock tells. So now and then a few
    rounds are run with twice or half as many threads, seldom while that is no better.
    """

    def __init__(self, most: int) -> None:
        self.threads = most  # for the next round
        self._most = most
        self._present = 0.0  # seconds of a round with the present number
        self._tried: int | None = None
        self._fewer = True  # in which direction the next trial goes
        self._between = _FIRST
        self._times: list[float] = []

    @contextmanager
    def round(self) -> Iterator[None]:
        """Run one round with `threads` threads and learn from how long it takes."""
        numba.set_num_threads(self.threads)
        began = perf_counter()
        try:
            yield
            self.took(perf_counter() - began)
        finally:
            numba.set_num_threads(self._most)

    def took(self, seconds: float) -> None:
        """A round with `threads` threads has taken so long."""
        self._times.append(seconds)
        if len(self._times) < (self._between if self._tried is None else _TRIAL):
            return
        mean = sum(self._times) / len(self._times)
        self._times = []
        if self._tried is None:
            self._present = mean
            self._tried, self.threads = self.threads, self._other()
        elif mean < _BETTER * self._present:
            self._tried, self._between = None, _FIRST
        else:
            self.threads, self._tried = self._tried, None
            self._fewer = not self._fewer
            self._between = min(2 * self._between, _LONGEST)

    def _other(self) -> int:
        """Half or twice as many threads as now, whichever there is."""
        if self.threads == 1:
            self._fewer = False
        elif self.threads == self._most:
            self._fewer = True
        return max(1, self.threads // 2) if self._fewer else min(self._most, 2 * self.threads)


def paced(work: Callable[P, T]) -> Callable[P, T]:
    """`work` as a round of a loop, with as many threads as a `ThreadPace` of its own says."""
    pace = ThreadPace(numba.get_num_threads())

    @wraps(work)
    def one_round(*args: P.args, **kwargs: P.kwargs) -> T:
        with pace.round():
            return work(*args, **kwargs)

    return one_round
