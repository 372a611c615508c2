"""Folders and files of the server, and buckets: their addresses, and which of them may be read."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from core.errors import UserError
from core.settings import EVERYWHERE, settings

_S3, _FILE = "s3://", "file://"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")


@dataclass(frozen=True)
class Place:
    """A folder, a file, a bucket or a part of one, by its URL without a slash at its end."""

    url: str

    @property
    def is_s3(self) -> bool:
        """Whether it lies in a bucket."""
        return self.url.startswith(_S3)

    @property
    def path(self) -> Path:
        """Where it lies on this machine's disk; not for buckets."""
        return local_path(self.url)

    @property
    def bucket_and_key(self) -> tuple[str, str]:
        """Bucket and the prefix or key in it, which may be empty."""
        bucket, _, key = self.url.removeprefix(_S3).partition("/")
        return bucket, key

    @property
    def name(self) -> str:
        """Its last part, as people see it."""
        if self.is_s3:
            return self.url.removeprefix(_S3).rsplit("/", 1)[-1]
        return shown(self.path.name) or "/"

    def __str__(self) -> str:
        """As people write it."""
        return self.url if self.is_s3 else shown(str(self.path))


def parse_place(text: str) -> Place:
    """The place that somebody wrote: `/data/line3`, `~/pictures`, `s3://bucket/prefix`.

    Raises:
        UserError: it is neither a whole path nor a bucket.
    """
    text = text.strip()
    if not text or "\0" in text:
        raise UserError("sources.no_path")
    if text.startswith(_S3):
        bucket, _, key = text.removeprefix(_S3).partition("/")
        parts = [part for part in key.split("/") if part]
        if not _BUCKET.fullmatch(bucket) or ".." in parts or "." in parts:
            raise UserError("sources.no_bucket", path=text)
        return Place(_S3 + "/".join([bucket, *parts]))
    if "://" in text and not text.startswith(_FILE):
        raise UserError("sources.other_protocol", path=text)
    path = local_path(text) if text.startswith(_FILE) else Path(text)
    try:
        path = path.expanduser()
    except RuntimeError:
        raise UserError("sources.no_path") from None
    if not path.is_absolute():
        raise UserError("sources.not_absolute", path=text)
    return Place(file_url(os.path.normpath(path)))


def file_url(path: str | os.PathLike[str]) -> str:
    """The URL of a file of this machine, whatever bytes its name is made of."""
    return _FILE + quote_from_bytes(os.fsencode(path))


def local_path(url: str) -> Path:
    """The path behind a `file://` URL."""
    return Path(os.fsdecode(unquote_to_bytes(url.removeprefix(_FILE))))


def shown(name: str) -> str:
    """A path as text that can be stored and sent; bytes that are no UTF-8 become `?`."""
    return name.encode("utf-8", "replace").decode("utf-8")


def require_permitted(place: Place) -> None:
    """Let nobody read where the settings do not allow it.

    Links are followed first, so that none leads out of what is allowed. DATAG's own data folder
    holds what other people brought and is never a source.

    Raises:
        UserError: `place` is outside (`sources.not_permitted`, `sources.own_data`).
    """
    roots = settings().resolved_source_roots
    if place.is_s3:
        allowed = any(_covers(root.rstrip("/"), place.url) for root in roots)
    else:
        real = os.path.realpath(place.path)
        if _below(real, os.path.realpath(settings().data_dir)):
            raise UserError("sources.own_data", path=str(place))
        allowed = any(_below(real, os.path.realpath(root)) for root in roots if _is_folder(root))
    if not allowed:
        raise UserError("sources.not_permitted", path=str(place))


def permitted_roots() -> tuple[str, ...]:
    """Where images may be brought from, for a hint; empty where it is everywhere or nowhere."""
    roots = settings().resolved_source_roots
    return () if roots == EVERYWHERE else roots


def _covers(root: str, url: str) -> bool:
    return root in ("s3:", url) or (root.startswith(_S3) and url.startswith(f"{root}/"))


def _is_folder(root: str) -> bool:
    return not root.startswith(_S3)


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")
