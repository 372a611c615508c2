"""Going through long sources: ahead in threads, in batches, and by time."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_ahead(
    executor: Executor, function: Callable[[Item], Result], items: Iterable[Item], ahead: int
) -> Iterator[Result]:
    """`map(function, items)` in order, with at most `ahead` calls begun before they are asked for.

    `Executor.map` would begin them all, and so hold every result of an endless source in memory.
    """
    begun: deque[Future[Result]] = deque()
    try:
        for item in items:
            begun.append(executor.submit(function, item))
            if len(begun) >= ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        for future in begun:
            future.cancel()


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """`items` in lists of `size`, the last one perhaps shorter."""
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def gathered(items: Iterable[Item], seconds: float) -> Iterator[list[Item]]:
    """The first of `items` by itself, then lists of what came within about `seconds`.

    A list is handed out when an item comes, never in between.
    """
    due = time.monotonic()
    some: list[Item] = []
    for item in items:
        some.append(item)
        if time.monotonic() >= due:
            yield some
            some, due = [], time.monotonic() + seconds
    if some:
        yield some
