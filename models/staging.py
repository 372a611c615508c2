"""Folders in which files come into being before they are moved to their place."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_ABANDONED_AFTER_SECONDS = 24 * 3600


@contextmanager
def staging(folder: Path, prefix: str) -> Iterator[Path]:
    """A new folder inside of `folder` that goes at the end.

    What killed processes left there a day ago goes at once, but nothing that may still be in use.

    Args:
        prefix: of its name, and of the names of those that were left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{prefix}*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _ABANDONED_AFTER_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=folder) as name:
        yield Path(name)
