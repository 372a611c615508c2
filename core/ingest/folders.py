"""A folder on this machine as a source: listed, linked into the staging area, nothing changed."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from core.accounts.access import Viewer
from core.errors import UserError
from core.ingest.unpacking import is_junk
from core.ingest.uploads import Upload, begin_upload


def upload_folder(viewer: Viewer, project_id: int, source: Path) -> Upload:
    """Make an upload of a folder with all below it, or of one file, in the order of the names.

    The staging area gets hard links where the disk is the same, and copies elsewhere. Links and
    what is no ordinary file are named in the batch's report and not followed.

    Raises:
        UserError: there is no such folder or file, or the disk has not enough room.
    """
    source = source.absolute()
    if not source.exists():
        raise UserError("ingest.no_folder", path=str(source))
    paths = list(_files(source))
    plain = [path for path in paths if path.is_file() and not path.is_symlink()]
    upload = begin_upload(project_id, viewer.user_id, sum(path.stat().st_size for path in plain))
    for index, path in enumerate(plain):
        _link_or_copy(path, upload.file_path(index))
        upload.add(index, _name(path, source), path.stat().st_size)
    for path in sorted(set(paths) - set(plain)):
        upload.add_refused(_name(path, source), "ingest.refused.link", {})
    return upload


def _files(source: Path) -> Iterator[Path]:
    if source.is_file():
        yield source
        return
    for parent, folders, names in os.walk(source):
        folders.sort()
        for name in sorted(names):
            path = Path(parent) / name
            if not is_junk(path.relative_to(source).as_posix()):
                yield path


def _name(path: Path, source: Path) -> str:
    """The name with its folders, from the source folder's own name on."""
    return path.relative_to(source.parent).as_posix().encode("utf-8", "replace").decode("utf-8")


def _link_or_copy(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
