"""Originals that are left in their place: read only, and only where the settings allow it."""

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import fsspec

from core.errors import UserError
from core.media.places import Place, require_permitted
from core.settings import settings

_TIMES = {"connect_timeout": 5, "read_timeout": 60, "retries": {"max_attempts": 3}}
# What is read at a time of a file in a bucket.
_BLOCK = 1 << 20


class Unavailable(UserError):
    """An original cannot be read now: it is gone, changed or not to be reached."""


class Unreachable(Unavailable):
    """The place itself does not answer, so nothing is known of the file."""


def s3_options() -> dict[str, Any]:
    """What the settings say of S3, for fsspec; what they leave out boto3 finds itself."""
    options: dict[str, Any] = {"config_kwargs": _TIMES, "use_listings_cache": False}
    if settings().s3_endpoint_url:
        options["endpoint_url"] = settings().s3_endpoint_url
    if settings().s3_access_key:
        options["key"] = settings().s3_access_key
        options["secret"] = settings().s3_secret_key.get_secret_value()
    return options


def s3() -> Any:
    """The buckets' file system; the same one for the same settings."""
    return fsspec.filesystem("s3", **s3_options())


@contextmanager
def s3_errors(place: Place) -> Iterator[None]:
    """What S3 and its client raise, as errors that people can mend."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except FileNotFoundError:
        raise Unavailable("sources.gone", path=str(place)) from None
    except PermissionError as error:
        raise Unreachable("sources.s3_denied", path=str(place), detail=str(error)) from error
    except (OSError, BotoCoreError, ClientError) as error:
        raise Unreachable("sources.s3_failed", path=str(place), detail=str(error)) from error


def version_of(found: os.stat_result) -> str:
    """What a file of this machine is like: when it was changed last, and its size."""
    return f"{found.st_mtime_ns:x}-{found.st_size:x}"


def open_in_place(place: Place) -> BinaryIO:
    """A file in its place, open for reading and for seeking.

    A link that stands there now, a pipe or a device is not opened.

    Raises:
        UserError: the settings do not allow it.
        Unavailable: it is gone, no file any more, or cannot be reached.
    """
    if place.is_s3:
        require_permitted(place)
        with s3_errors(place):
            path = "/".join(place.bucket_and_key)
            return cast(BinaryIO, s3().open(path, "rb", block_size=_BLOCK))
    where = place.path
    if where.is_symlink():
        raise Unavailable("sources.no_file", path=str(place))
    require_permitted(place)
    try:
        handle = os.open(where, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Unavailable("sources.gone", path=str(place)) from None
    except OSError as error:
        raise Unavailable("sources.unreadable", path=str(place), detail=error.strerror) from None
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise Unavailable("sources.no_file", path=str(place))
    return file


def read_in_place(place: Place) -> tuple[bytes, str | None]:
    """A file's bytes and its version where the disk knows it. Raises as `open_in_place`."""
    if place.is_s3:
        require_permitted(place)
        with s3_errors(place):
            return cast(bytes, s3().cat_file("/".join(place.bucket_and_key))), None
    with open_in_place(place) as file:
        version = version_of(os.fstat(file.fileno()))
        try:
            return file.read(), version
        except OSError as error:
            detail = error.strerror
            raise Unavailable("sources.unreadable", path=str(place), detail=detail) from None


def read_start(place: Place, length: int) -> bytes:
    """Up to `length` bytes of the beginning of a file in a bucket. Raises as `open_in_place`."""
    require_permitted(place)
    with s3_errors(place):
        return cast(bytes, s3().cat_file("/".join(place.bucket_and_key), start=0, end=length))


def open_unchanged(place: Place, version: str | None, content_hash: str) -> BinaryIO:
    """A file in its place, if it still has the content that it had.

    What the disk says is the same as ever is believed; anything else is read whole.

    Raises:
        UserError: the settings do not allow it.
        Unavailable: it is gone, changed, or cannot be reached.
    """
    if not place.is_s3:
        file = open_in_place(place)
        if version == version_of(os.fstat(file.fileno())):
            return file
        file.close()
    data, _ = read_in_place(place)
    if hashlib.sha256(data).hexdigest() != content_hash:
        raise Unavailable("sources.changed", path=str(place))
    return io.BytesIO(data)
