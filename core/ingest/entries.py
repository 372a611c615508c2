"""The files of an upload one by one, those inside archives included."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from core.ingest.archives import Archives, Entry, raise_refused
from core.ingest.names import UniqueNames
from core.ingest.uploads import Upload
from core.media.decoding import Refused

__all__ = ["Entries", "Entry"]


class Entries:
    """The entries of an upload. A context manager, because its archives stay open meanwhile.

    Args:
        look: called now and then while they are listed; what it raises ends that.
    """

    #: Folder for files that are needed until it ends.
    scratch: Path
    #: Names that are taken, those of all entries among them.
    names: UniqueNames

    def __init__(self, upload: Upload, look: Callable[[], None] = lambda: None) -> None:
        self._upload, self._look = upload, look
        self._stack = ExitStack()
        self._entries: list[Entry] = []

    def __enter__(self) -> "Entries":
        scratch = tempfile.TemporaryDirectory(prefix="unpacked-", dir=self._upload.folder)
        self.scratch = Path(self._stack.enter_context(scratch))
        archives = Archives(self.scratch, self._stack, look=self._look)
        self.names = archives.names
        try:
            for file in self._upload.files():
                self._look()
                self._list(archives, archives.names.take(file.name), file.path)
        except BaseException:
            self._stack.close()
            raise
        return self

    def _list(self, archives: Archives, name: str, path: Path) -> None:
        try:
            inside = archives.entries(name, path)
        except Refused as refused:
            inside = [Entry(name, partial(raise_refused, refused))]
        itself = Entry(name, path.read_bytes, file=path)
        self._entries.extend([itself] if inside is None else inside)

    def __exit__(self, *_details: object) -> None:
        self._stack.close()

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)
