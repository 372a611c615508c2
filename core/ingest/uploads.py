"""The staging area: uploaded files on disk, on their way from the browser to the worker.

An upload is a folder named by a random token: `upload.json` says whose it is, `files.jsonl` has a
line for each file that arrived whole, the files themselves are named by their number. What is still
on its way is `core.ingest.incoming`'s.
"""

import json
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import NotFound, UserError
from core.settings import settings

_TOKEN = re.compile(r"[0-9a-f]{32}")
_MAX_NAME = 1000
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class UploadedFile:
    """A file that arrived whole."""

    index: int
    #: The name with its folders as the visitor had it, made safe by `clean_name`.
    name: str
    path: Path
    byte_size: int
    #: When it was last changed where it came from, in milliseconds of Unix time; 0: unknown.
    modified: int = 0


@dataclass(frozen=True)
class Upload:
    """Files of one drop, in the staging area."""

    token: str
    project_id: int
    user_id: int
    #: What the visitor's browser wants to send; 0: unknown.
    expected_files: int = 0
    expected_bytes: int = 0
    #: Whether it comes from a browser, which may break off and go on later.
    resumable: bool = False

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return settings().uploads_dir / self.token

    def file_path(self, index: int) -> Path:
        """Where file number `index` lies."""
        return self.folder / _file_name(index)

    def add(self, index: int, name: str, byte_size: int, modified: int = 0) -> None:
        """Note that file number `index` is complete. One short append: all of it or nothing."""
        line = {"index": index, "name": clean_name(name), "bytes": byte_size, "modified": modified}
        self._append("files.jsonl", line)

    def add_refused(self, name: str, reason: str, params: dict[str, Any]) -> None:
        """Note a file that did not arrive, for the batch's report."""
        self._append(
            "refused.jsonl", {"name": clean_name(name), "reason": reason, "params": params}
        )

    def _append(self, name: str, line: dict[str, Any]) -> None:
        # The newline in front ends a line that a full disk cut off.
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{json.dumps(line)}\n")

    def files(self) -> Iterator[UploadedFile]:
        """The files that arrived whole, in the visitor's order."""
        # A file that was sent again after a lost answer stands in the list twice: the last counts.
        lines = {line["index"]: line for line in self._lines("files.jsonl")}
        folder = self.folder
        for index in sorted(lines):
            line = lines[index]
            path = folder / _file_name(index)
            yield UploadedFile(index, line["name"], path, line["bytes"], line["modified"])

    def refused(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Name, reason and its parameters of each file that did not arrive."""
        for line in self._lines("refused.jsonl"):
            yield line["name"], line["reason"], line["params"]

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:
        path = self.folder / name
        if not path.exists():
            return
        for line in path.read_text(encoding="utf-8").splitlines():
            with suppress(ValueError):  # an empty line, or one that a full disk cut off
                yield json.loads(line)

    def remove(self) -> None:
        """Delete the folder with everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _file_name(index: int) -> str:
    return f"{index:08d}"


def begin_upload(
    project_id: int,
    user_id: int,
    expected_bytes: int,
    *,
    expected_files: int = 0,
    resumable: bool = False,
) -> Upload:
    """Make an empty upload.

    Raises:
        UserError: the disk has not enough room for `expected_bytes`.
    """
    settings().uploads_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings().uploads_dir).free
    # An original lies in the staging area and in the store for a while.
    if expected_bytes * 2 > free:
        raise UserError(
            "ingest.disk_full", needed=f"{expected_bytes * 2 / 1e9:.1f}", free=f"{free / 1e9:.1f}"
        )
    about: dict[str, Any] = {
        "project_id": project_id,
        "user_id": user_id,
        "expected_files": expected_files,
        "expected_bytes": expected_bytes,
        "resumable": resumable,
    }
    upload = Upload(secrets.token_hex(16), **about)
    upload.folder.mkdir()
    (upload.folder / "upload.json").write_text(json.dumps(about), encoding="utf-8")
    return upload


def open_upload(token: str) -> Upload:
    """An upload by its token.

    Raises:
        NotFound: there is none, e.g. because it was taken in already.
    """
    if not _TOKEN.fullmatch(token):
        raise NotFound("ingest.no_upload")
    try:
        about = json.loads((settings().uploads_dir / token / "upload.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise NotFound("ingest.no_upload") from None
    return Upload(token, **about)


def all_uploads() -> Iterator[Upload]:
    """Every upload of the staging area, in no order."""
    folder = settings().uploads_dir
    for path in folder.iterdir() if folder.exists() else ():
        with suppress(NotFound):
            yield open_upload(path.name)


def clean_name(name: str) -> str:
    """A file's name with its folders, in one safe form: no root, no `..`, no control characters.

    Names are for people and for exports; no path on this machine is ever made from one.
    """
    name = _UNSEEN.sub("", name).replace("\\", "/").encode("utf-8", "replace").decode("utf-8")
    parts = [p for p in PurePosixPath(name).parts if p not in ("/", ".", "..", "//")]
    if parts and re.fullmatch(r"[A-Za-z]:", parts[0]):
        parts = parts[1:]
    return "/".join(parts)[-_MAX_NAME:] or "unnamed"
