"""The files of a folder or a bucket, one after the other, without opening any."""

import os
import stat
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from core.database import now
from core.errors import UserError
from core.ingest.unpacking import is_junk
from core.ingest.uploads import clean_name
from core.media.decoding import Refused
from core.media.origins import Unavailable, Unreachable, s3, s3_errors, version_of
from core.media.places import Place, file_url, local_path, require_permitted, shown
from core.settings import settings

# What network drives and operating systems put into folders without anybody's asking.
_JUNK_FOLDERS = ("@eaDir", "$RECYCLE.BIN", "System Volume Information", "__MACOSX")


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a source.

    Attributes:
        name: as people see it, from the source's own name on.
        url: where it lies. For a link within the source that is the file it leads to.
        path: what tells it from the source's other files.
        version: changes whenever the file does.
        bytes: its size.
        changed_at: when it was changed last, seconds of Unix time; None: it cannot be half-written.
    """

    name: str
    url: str
    path: str
    version: str
    bytes: int
    changed_at: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something in a source that is no file to take, and why."""

    name: str
    path: str
    reason: Refused


Listed = Found | LeftOut


def list_source(place: Place, recursive: bool) -> Iterator[Listed]:
    """What a source holds: files, and whatever is left out, in the order of the names.

    Hidden files and folders (`.name`) are passed over. Folders behind links are not entered.

    Raises:
        UserError: it may not be read, is not there, or does not answer.
    """
    require_permitted(place)
    yield from _bucket(place, recursive) if place.is_s3 else _folder(place, recursive)


def name_of(place: Place, path: str) -> str:
    """The name that people see of a source's file, from `Found.path`."""
    return _name(place, path if place.is_s3 else str(local_path(path))) if path else place.name


def told_apart(name: str, used: Container[str]) -> str:
    """A file's name, with the time in it where it is in `used`.

    Cameras that number in a circle write the same names again and again.
    """
    if name not in used:
        return name
    path = PurePosixPath(name)
    return str(path.with_name(f"{path.stem} {now().astimezone():%H.%M.%S}{path.suffix}"))


def _folder(place: Place, recursive: bool) -> Iterator[Listed]:
    root = place.path
    try:
        kind = root.stat().st_mode
    except OSError:
        raise UserError("ingest.no_folder", path=str(place)) from None
    if stat.S_ISREG(kind):
        yield _file(root, root, place.name, "")
        return
    if not stat.S_ISDIR(kind):
        raise UserError("ingest.no_folder", path=str(place))
    real_root, own_data = os.path.realpath(root), os.path.realpath(settings().data_dir)
    # Folders still to be read, as what their names begin with; the last one is the next.
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            with os.scandir(root / below) as scanned:
                entries = sorted(scanned, key=lambda entry: entry.name)
        except OSError as error:
            if not below:
                raise Unavailable(
                    "sources.unreadable", path=str(place), detail=error.strerror
                ) from None
            reason = Refused("sources.refused.folder", detail=error.strerror)
            yield LeftOut(_name(place, below), _quoted(below), reason)
            continue
        folders: list[str] = []
        for entry in entries:
            if _is_hidden(entry.name):
                continue
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                if recursive and os.path.realpath(entry.path) != own_data:
                    folders.append(path)
            else:
                yield _entry(entry, _name(place, path), _quoted(path), real_root)
        waiting.extend(reversed(folders))


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in _JUNK_FOLDERS or is_junk(name)


def _name(place: Place, path: str) -> str:
    return clean_name(shown(f"{place.name}/{path}"))


def _quoted(path: str) -> str:
    return file_url(path).removeprefix("file://")


def _entry(entry: "os.DirEntry[str]", name: str, path: str, real_root: str) -> Listed:
    if not entry.is_symlink():
        return _file(Path(entry.path), entry, name, path)
    target = os.path.realpath(entry.path)
    if not target.startswith(real_root.rstrip("/") + "/"):
        return LeftOut(name, path, Refused("sources.refused.link_outside"))
    if Path(target).is_dir():
        return LeftOut(name, path, Refused("sources.refused.link_to_folder"))
    return _file(Path(target), Path(target), name, path)


def _file(where: Path, found: "os.DirEntry[str] | Path", name: str, path: str) -> Listed:
    try:
        facts = found.stat()
    except OSError as error:
        return LeftOut(name, path, Refused("sources.refused.unreadable", detail=error.strerror))
    if not stat.S_ISREG(facts.st_mode):
        return LeftOut(name, path, Refused("sources.refused.special"))
    return Found(name, file_url(where), path, version_of(facts), facts.st_size, facts.st_mtime)


def _bucket(place: Place, recursive: bool) -> Iterator[Listed]:
    """The objects below a prefix, a thousand at a time; or the one object of that name."""
    bucket, key = place.bucket_and_key
    prefix = f"{key}/" if key else ""
    more: dict[str, str] = {} if recursive else {"Delimiter": "/"}
    found = False
    while True:
        with _nothing_there(place), s3_errors(place):
            page: dict[str, Any] = s3().call_s3(
                "list_objects_v2", Bucket=bucket, Prefix=prefix, **more
            )
        for item in page.get("Contents", ()):
            found = True
            below = item["Key"][len(prefix) :]
            if below and not below.endswith("/") and not any(map(_is_hidden, below.split("/"))):
                yield _object(place, item["Key"], below, item)
        if not page.get("IsTruncated"):
            break
        more["ContinuationToken"] = page["NextContinuationToken"]
    if not found and key:
        with _nothing_there(place), s3_errors(place):
            item = s3().call_s3("head_object", Bucket=bucket, Key=key)
        one = {"ETag": item["ETag"], "Size": item["ContentLength"]}
        yield _object(place, key, "", one)


@contextmanager
def _nothing_there(place: Place) -> Iterator[None]:
    """What is looked for by name and was never there is not an original that is gone."""
    try:
        yield
    except Unreachable:
        raise
    except Unavailable:
        raise Unavailable("sources.nothing_there", path=str(place)) from None


def _object(place: Place, key: str, below: str, item: dict[str, Any]) -> Found:
    name = _name(place, below) if below else place.name
    url = f"s3://{place.bucket_and_key[0]}/{key}"
    version = f"{item['ETag'].strip(chr(34))}-{item['Size']:x}"
    return Found(name, url, below, version, item["Size"])
