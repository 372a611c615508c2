"""Files that are there whole or not at all."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

_PARTIAL = re.compile(r"\..+\.[0-9a-f]{32}")


@contextmanager
def atomic_path(target: Path, folder: Path | None = None) -> Iterator[Path]:
    """A path to write to; it becomes `target` when the block ends.

    Whatever stands at `target` stays untouched until then, and when the block raises. A process
    that is killed meanwhile leaves what it had written to `clear_partials`.

    Args:
        folder: where it lies until then, on the disk of `target`; None: beside it.
    """
    for parent in (target.parent, folder or target.parent):
        parent.mkdir(parents=True, exist_ok=True)
    partial = (folder or target.parent) / f".{target.name}.{uuid4().hex}"
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def clear_partials(folder: Path, seconds: float = 0.0) -> int:
    """Delete what killed processes left half-written in `folder` and below; how many files.

    Args:
        seconds: only what nobody has written to for so long. With 0 nobody may be writing.
    """
    oldest, removed = time.time() - seconds, 0
    for path in folder.rglob(".*"):
        # Another process may have finished it or cleared it away meanwhile.
        with suppress(FileNotFoundError):
            if _PARTIAL.fullmatch(path.name) and path.stat().st_mtime <= oldest:
                path.unlink()
                removed += 1
    return removed
