"""TIFF files of several pages: each page is an image, as a file of its own."""

import mmap
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from core.ingest.archives import Entry
from core.media.tiff import Buffer, Tiff, is_tiff
from core.settings import settings


def page_offsets(data: Buffer) -> list[int]:
    """Where the pages of a file are; empty for what is no TIFF.

    Raises:
        Refused: there are more than the settings allow, or the file is broken.
    """
    return Tiff(data).pages(settings().max_pages) if is_tiff(data) else []


def kept_for_pages(data: bytes, scratch: Path) -> Path:
    """A copy of a file in the folder `scratch`, from which its pages can be read one by one.

    Raises:
        OSError: it cannot be written.
    """
    with tempfile.NamedTemporaryFile(dir=scratch, prefix="pages-", delete=False) as file:
        file.write(data)
    return Path(file.name)


def page_entries(
    name: str, file: Path, offsets: Sequence[int], take_name: Callable[[str], str]
) -> list[Entry]:
    """The pages of the file `name`: `scan.tif` has `scan#1.tif`, `scan#2.tif`.

    Args:
        take_name: makes a name different from all others.
    """
    path = PurePosixPath(name)
    return [
        Entry(
            take_name(str(path.with_name(f"{path.stem}#{number}{path.suffix}"))),
            partial(_page, file, offset),
        )
        for number, offset in enumerate(offsets, 1)
    ]


def _page(file: Path, offset: int) -> bytes:
    with file.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as view:
        return Tiff(view).page(offset)
