"""Writing a chunk's rows: images and the report on their files."""

from collections.abc import Iterable, Sequence
from typing import cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.analysis.results import insert_rows
from core.database import now
from core.ingest.chunks import Result
from core.ingest.tables import Batch, BatchFile, Outcome
from core.ingest.take_in import TakenIn, TurnedAway
from core.media.tables import Image


def insert_images(session: Session, batch: Batch, images: Iterable[TakenIn]) -> dict[str, int]:
    """Write image rows; their ids by content hash, rising in the order of `images`."""
    shared = {"project_id": batch.project_id, "batch_id": batch.id, "uploaded_at": now()}
    rows = [
        {
            **shared,
            "name": taken.path,
            "content_hash": taken.content_hash,
            "byte_size": taken.byte_size,
            "format": taken.facts.format,
            "width": taken.facts.width,
            "height": taken.facts.height,
            "captured_at": taken.facts.captured_at,
            "camera": taken.facts.camera,
            "exif": taken.facts.exif,
            "attributes": {},
        }
        for taken in images
    ]
    if not rows:
        return {}
    # The driver gives ids as numbers; only a new object's is None.
    image_id = cast(sa.ColumnElement[int], col(Image.id))
    statement = sa.insert(Image).returning(
        col(Image.content_hash), image_id, sort_by_parameter_order=True
    )
    inserted = session.connection().execute(statement, rows)
    return {row[0]: row[1] for row in inserted}


def insert_report(
    session: Session,
    batch: Batch,
    results: Sequence[Result],
    new: dict[str, TakenIn],
    ids: dict[str, int],
) -> None:
    """Write what became of each file of a chunk.

    Args:
        new: the images that this chunk brought, by content hash.
        ids: their ids, likewise.
    """
    hashes = {result.content_hash for result in results if not isinstance(result, TurnedAway)}
    ids = {**_ids_by_hash(session, batch.project_id, hashes - set(ids)), **ids}
    insert_rows(session, BatchFile, [_report_row(batch, result, new, ids) for result in results])


def _ids_by_hash(session: Session, project_id: int, hashes: set[str]) -> dict[str, int]:
    query = select(Image.content_hash, Image.id).where(
        Image.project_id == project_id, col(Image.content_hash).in_(hashes)
    )
    return {h: image_id for h, image_id in session.exec(query) if image_id is not None}


def _report_row(
    batch: Batch, result: Result, new: dict[str, TakenIn], ids: dict[str, int]
) -> dict[str, object]:
    row: dict[str, object] = {
        "batch_id": batch.id,
        "path": result.path,
        "image_id": None,
        "reason": None,
        "reason_params": {},
    }
    if isinstance(result, TurnedAway):
        refused = {"reason": result.reason.key, "reason_params": result.reason.params}
        return {**row, **refused, "outcome": Outcome.REFUSED.value}
    accepted = new.get(result.content_hash) is result
    outcome = Outcome.ACCEPTED if accepted else Outcome.DUPLICATE
    return {**row, "outcome": outcome.value, "image_id": ids.get(result.content_hash)}
