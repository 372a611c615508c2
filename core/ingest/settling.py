"""What becomes of rows that a listing made, now that their files were read.

A new content fills its row in. A content that the project has already gives what people said of the
row to the image that it is, and the row goes. What is no picture after all loses its row.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.annotations.tables import AnnotatedBox, Annotation
from core.curation.tables import ImageTag, SelectedImage
from core.ingest.chunks import Result
from core.ingest.rows import fact_columns
from core.ingest.take_in import Known, TakenIn
from core.media import thumbnails
from core.media.images import note_removed
from core.media.tables import Image, unread
from core.sources.tables import SourceFile


def fill_in(session: Session, images: Iterable[TakenIn]) -> dict[str, int]:
    """Give listed images what their files say; their ids by content hash."""
    rows: list[dict[str, object]] = []
    ids: dict[str, int] = {}
    for taken in images:
        listed = taken.listed
        assert listed is not None
        ids[taken.content_hash] = listed.image_id
        rows.append(
            {
                "listed_id": listed.image_id,
                "content_hash": taken.content_hash,
                "byte_size": taken.byte_size,
                **fact_columns(taken.facts),
                "origin": listed.place.url if listed.in_place else None,
                "origin_version": listed.version if listed.in_place else None,
            }
        )
    if rows:
        statement = sa.update(Image).where(col(Image.id) == sa.bindparam("listed_id"))
        session.connection().execute(statement, rows)
    return ids


def keep_copies(session: Session, project_id: int, results: Sequence[Result]) -> None:
    """Images whose content is in the store now no longer depend on the file in its place."""
    kept = [result.content_hash for result in results if isinstance(result, Known) and result.kept]
    if kept:
        mine = sa.and_(col(Image.project_id) == project_id, col(Image.content_hash).in_(kept))
        changed = sa.update(Image).where(mine).values(origin=None, origin_version=None)
        session.execute(changed.execution_options(synchronize_session=False))


def settle(session: Session, results: Sequence[Result], ids: dict[str, int]) -> None:
    """Merge the rows of files whose content has another image, drop those of refused files.

    Args:
        ids: the image of each content.
    """
    gone: dict[int, int | None] = {}
    for result in results:
        if result.listed is None:
            continue
        image_id = ids.get(result.content_hash) if isinstance(result, TakenIn | Known) else None
        if image_id != result.listed.image_id:
            gone[result.listed.image_id] = image_id
    if gone:
        for listed_id, image_id in _touched(session, gone):
            _hand_over(session, listed_id, image_id)
        _remove(session, gone)


def forget_unread(session: Session, batch_id: int) -> int:
    """Remove the rows of a batch whose files were never read; how many."""
    query = select(Image.id).where(Image.batch_id == batch_id, unread())
    ids = [image_id for image_id in session.exec(query) if image_id is not None]
    if ids:
        mine = sa.and_(col(Image.batch_id) == batch_id, unread())
        _forget(session, mine, max(ids))
    waiting = sa.update(SourceFile).where(col(SourceFile.waiting_batch_id) == batch_id)
    session.execute(waiting.values(waiting_batch_id=None))
    return len(ids)


def clear_previews(listed: Iterable[str]) -> None:
    """Delete the thumbnails that were made of images by the keys that they had before."""
    thumbnails.remove(listed)


def _touched(session: Session, gone: dict[int, int | None]) -> list[tuple[int, int]]:
    """Of the rows to merge those of which people said something, and where it goes."""
    merged = [listed for listed, image_id in gone.items() if image_id is not None]
    said: set[int] = set()
    for table in (ImageTag, SelectedImage, Annotation):
        column = col(table.image_id)
        said.update(session.execute(sa.select(column).where(column.in_(merged))).scalars())
    query = select(Image.id, Image.note, Image.attributes).where(col(Image.id).in_(merged))
    said.update(i for i, note, attributes in session.exec(query) if i and (note or attributes))
    return [(i, target) for i in sorted(said) if (target := gone[i]) is not None]


def _hand_over(session: Session, listed_id: int, image_id: int) -> None:
    for table, owner in ((ImageTag, ImageTag.tag_id), (SelectedImage, SelectedImage.selection_id)):
        column = col(table.image_id)
        has = sa.select(col(owner)).where(column == image_id)
        mine = sa.and_(column == listed_id, col(owner).not_in(has))
        session.execute(sa.update(table).where(mine).values(image_id=image_id))
    if session.get(Annotation, image_id) is None:
        for said in (Annotation, AnnotatedBox):
            mine = col(said.image_id) == listed_id
            session.execute(sa.update(said).where(mine).values(image_id=image_id))
    listed, image = session.get_one(Image, listed_id), session.get_one(Image, image_id)
    image.note = image.note or listed.note
    image.attributes = {**listed.attributes, **image.attributes}
    session.add(image)
    session.flush()
    session.expunge(listed)


def _remove(session: Session, gone: dict[int, int | None]) -> None:
    for listed_id, image_id in gone.items():
        if image_id is not None:
            mine = sa.update(SourceFile).where(col(SourceFile.image_id) == listed_id)
            session.execute(mine.values(image_id=image_id))
    _forget(session, col(Image.id).in_(list(gone)), max(gone))


def _forget(session: Session, mine: sa.ColumnElement[bool], highest: int) -> None:
    note_removed(session, highest)
    statement = sa.delete(Image).where(mine)
    session.execute(statement.execution_options(synchronize_session=False))
