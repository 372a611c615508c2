"""Originals as a zip, in one folder per class or tag."""

import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, get_args

import numpy as np
import numpy.typing as npt
from sqlmodel import Session

from core.accounts.access import Viewer
from core.atomic import atomic_path
from core.errors import UserError
from core.formats.names import Names
from core.formats.table import image_table, write_csv
from core.i18n import t
from core.jobs.context import Cancelled
from core.projects.tables import Project

if TYPE_CHECKING:
    import pandas as pd

Folders = Literal["prediction", "tag", "none"]
#: Told how many images are done, and of how many.
Progress = Callable[[int, int], None]

TABLE = "images.csv"
MISSING = "missing.txt"
#: Folder of the images that have no prediction or tag.
WITHOUT = "_none"
# Together with the slash 200 bytes: unpacked in a deep folder still below Windows' 260 characters.
_FOLDER_BYTES, _FILE_BYTES = 80, 119
_KEPT_IN_MEMORY = 64 * 2**20
_ZIP_YEARS = range(1980, 2108)


@dataclass(frozen=True)
class ArchiveReport:
    """What went into an archive."""

    #: Images whose original is in it.
    images: int
    #: Ids of the images whose original could not be read.
    missing: list[int]


def write_zip(
    session: Session,
    viewer: Viewer,
    project: Project,
    image_ids: Sequence[int] | npt.NDArray[np.int64],
    open_original: Callable[[str], BinaryIO],
    target: Path,
    folders: Folders,
    progress: Progress,
    cancelled: Callable[[], bool],
    *,
    map_id: int | None = None,
) -> ArchiveReport:
    """Write the originals of images as a zip at `target`, which appears when it is whole.

    `folders` sorts them: by the project's model's prediction, by tag (an image with several tags
    stands in each one's folder), or not at all. Those without a prediction or tag go to `_none`.
    The file names are the last part of the images' names, made safe and different. `images.csv`
    holds the table of `image_table` and in `archive_path` where each image is (joined by `;`). An
    original that cannot be read does not stop the rest: `missing.txt` lists it. `session` is read
    before the copying begins.

    Args:
        open_original: gives the original with a content hash; raises OSError where it cannot.
        map_id: also write this map's coordinates and outlier scores to the table.

    Raises:
        Cancelled: `cancelled` said so; no file is left.
        UserError: unknown `folders`.
        OSError: `target` cannot be written.
    """
    if folders not in get_args(Folders):
        raise UserError(
            "formats.unknown_folders", value=folders, known=", ".join(get_args(Folders))
        )
    frame = image_table(session, viewer, project, image_ids, map_id=map_id)
    frame = frame.drop_duplicates("image_id", ignore_index=True)
    paths = _archive_paths(frame, folders)
    with (
        atomic_path(target) as partial,
        zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive,
    ):
        missing = _copy_originals(archive, frame, paths, open_original, progress, cancelled)
        _add_table(archive, frame.assign(archive_path=[";".join(each) for each in paths]))
        if missing:
            names = frame.set_index("image_id")["name"]
            _add_missing(archive, [(image_id, names[image_id]) for image_id in missing])
    progress(len(frame), len(frame))
    return ArchiveReport(len(frame) - len(missing), missing)


def _copy_originals(
    archive: zipfile.ZipFile,
    frame: "pd.DataFrame",
    paths: list[list[str]],
    open_original: Callable[[str], BinaryIO],
    progress: Progress,
    cancelled: Callable[[], bool],
) -> list[int]:
    """Copy each image to its paths; those that cannot be read lose theirs and are returned."""
    missing: list[int] = []
    rows = frame[["image_id", "content_hash", "captured_at"]].itertuples(index=False)
    for done, (image_id, content_hash, captured_at) in enumerate(rows):
        if cancelled():
            raise Cancelled
        progress(done, len(frame))
        with SpooledTemporaryFile(_KEPT_IN_MEMORY) as copy:
            if _read(open_original, content_hash, copy):
                _add(archive, paths[done], copy, captured_at)
            else:
                missing.append(int(image_id))
                paths[done] = []
    return missing


def _archive_paths(frame: "pd.DataFrame", folders: Folders) -> list[list[str]]:
    """Where each image goes in the archive; in several places by several tags."""
    root = Names(_FOLDER_BYTES, (TABLE, MISSING, WITHOUT))
    folder_of: dict[str, str] = {}
    files: dict[str, Names] = {
        "": Names(_FILE_BYTES, (TABLE, MISSING)),
        WITHOUT: Names(_FILE_BYTES),
    }
    paths: list[list[str]] = []
    for name, labels in zip(frame["name"], _labels(frame, folders), strict=True):
        paths.append([])
        for label in labels:
            if label is not None and label not in folder_of:
                folder_of[label] = root.add(label)
                files[folder_of[label]] = Names(_FILE_BYTES)
            folder = WITHOUT if label is None else folder_of[label]
            paths[-1].append(f"{folder}/{files[folder].add(_last_part(name))}")
        if not labels:
            paths[-1].append(files[""].add(_last_part(name)))
    return paths


def _labels(frame: "pd.DataFrame", folders: Folders) -> list[list[str | None]]:
    """The labels that each image is sorted by; None: it has none. Empty: it is not sorted."""
    if folders == "prediction":
        known = frame["prediction"].notna()
        return [
            [label if has else None] for label, has in zip(frame["prediction"], known, strict=True)
        ]
    if folders == "tag":
        return [list(tags) or [None] for tags in frame["tag_list"]]
    return [[] for _ in range(len(frame))]


def _last_part(name: str) -> str:
    return re.split(r"[/\\]", name)[-1]


def _read(open_original: Callable[[str], BinaryIO], content_hash: str, copy: IO[bytes]) -> bool:
    """Copy an original to `copy`; False where it cannot be read to its end."""
    try:
        with open_original(content_hash) as original:
            shutil.copyfileobj(original, copy)
    except OSError:
        return False
    return True


def _add(
    archive: zipfile.ZipFile, paths: list[str], copy: IO[bytes], captured_at: datetime
) -> None:
    size = copy.tell()
    for path in paths:
        info = _entry(path)
        if captured_at == captured_at and captured_at.year in _ZIP_YEARS:  # NaT equals nothing
            info.date_time = captured_at.timetuple()[:6]
        info.file_size = size  # says beforehand whether the entry needs zip64
        copy.seek(0)
        with archive.open(info, "w") as entry:
            shutil.copyfileobj(copy, entry, 2**20)


def _entry(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path)
    info.external_attr = 0o644 << 16
    return info


def _add_table(archive: zipfile.ZipFile, frame: "pd.DataFrame") -> None:
    info = _entry(TABLE)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as entry:
        write_csv(frame, entry)  # type: ignore[arg-type]


def _add_missing(archive: zipfile.ZipFile, missing: list[tuple[int, Any]]) -> None:
    lines = [t("formats.missing", n=len(missing))]
    lines += [f"{image_id}\t{' '.join(str(name).split())}" for image_id, name in missing]
    archive.writestr(_entry(MISSING), "\n".join(lines) + "\n")
