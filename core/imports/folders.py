"""Folders as classes, as data sets for classifiers are kept: `scratch/0001.jpg`."""

from collections import Counter
from collections.abc import Iterator

from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.annotations import set_labels
from core.database import reading
from core.history.tables import Event
from core.imports.names import below_archive
from core.ingest.batches import load_batch
from core.ingest.tables import BatchFile
from core.media.tables import Image


def folder_classes(session: Session, viewer: Viewer, batch_id: int) -> dict[str, int]:
    """The folders of a batch's images, each with their number, the most first.

    Raises NotFound when there is no such batch or `viewer` may not see it.
    """
    return dict(Counter(_labels(session, viewer, batch_id).values()).most_common())


def has_class_folders(session: Session, viewer: Viewer, batch_id: int) -> bool:
    """Whether a batch's images lie in several folders; raises NotFound as above.

    One folder around all of them is what was dropped or listed, and tells nothing apart.
    """
    seen: set[str] = set()
    for _, folder in _in_folders(session, viewer, batch_id):
        seen.add(folder)
        if len(seen) > 1:
            return True
    return False


def label_by_folder(viewer: Viewer, batch_id: int) -> Event | None:
    """Make the folder of each image of a batch its true class, as one change that can be undone.

    Images without a folder are left as they are. Returns None where nothing changed. Raises
    NotFound as above, UserError for a folder whose name no class may have.
    """
    with reading() as session:
        project_id = load_batch(session, viewer, batch_id).project_id
        labels = _labels(session, viewer, batch_id)
    return set_labels(viewer, project_id, labels, "import")


def _labels(session: Session, viewer: Viewer, batch_id: int) -> dict[int, str]:
    return dict(_in_folders(session, viewer, batch_id))


def _in_folders(session: Session, viewer: Viewer, batch_id: int) -> Iterator[tuple[int, str]]:
    """The images of a batch that lie in a folder, each with its innermost one."""
    load_batch(session, viewer, batch_id)
    query = (
        select(BatchFile.image_id, BatchFile.path)
        .join(Image, col(Image.id) == col(BatchFile.image_id))
        .where(BatchFile.batch_id == batch_id, visible_images(viewer))
        .where(col(BatchFile.path).contains("/"))
        .order_by(col(BatchFile.id))
    )
    for image_id, path in session.exec(query).yield_per(1000):
        folders = below_archive(tuple(path.split("/")))[:-1]
        if image_id is not None and folders:
            yield image_id, folders[-1]
