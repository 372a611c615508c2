"""Taking in and removing take turns within the worker.

Images of one content share an original. While a batch is taken in, an original may be kept already
whose image has no row yet; whoever removes what no row refers to must not come in between.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

_LOOK_EVERY = 0.4  # seconds

_changed = Condition()
_takers = 0
_remover = False


@contextmanager
def taking_in() -> Iterator[None]:
    """Until it ends nothing is removed; several may take in at once."""
    global _takers
    with _changed:
        _changed.wait_for(lambda: not _remover)
        _takers += 1
    try:
        yield
    finally:
        with _changed:
            _takers -= 1
            _changed.notify_all()


@contextmanager
def removing(waiting: Callable[[], None]) -> Iterator[None]:
    """Wait until nothing is taken in, and keep it so.

    `waiting` is called now and then meanwhile; what it raises ends the wait.
    """
    global _remover
    with _changed:
        while not _changed.wait_for(lambda: not _takers and not _remover, _LOOK_EVERY):
            waiting()
        _remover = True
    try:
        yield
    finally:
        with _changed:
            _remover = False
            _changed.notify_all()
