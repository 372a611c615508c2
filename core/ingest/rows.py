"""Writing a chunk's rows: images and the report on their files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.analysis.results import insert_rows
from core.database import now
from core.ingest.chunks import Result
from core.ingest.tables import Batch, BatchFile, Outcome
from core.ingest.take_in import TakenIn, TurnedAway
from core.media.decoding import ImageFacts
from core.media.tables import Image, RemovedImage


@dataclass(frozen=True)
class NewImage:
    """What a new image's row is made of; see `Image`."""

    name: str
    content_hash: str
    byte_size: int
    facts: ImageFacts
    origin: str | None = None
    origin_version: str | None = None


def insert_images(session: Session, batch: Batch, images: Iterable[NewImage]) -> dict[str, int]:
    """Write image rows; their ids by content hash, rising in the order of `images`."""
    shared = {"project_id": batch.project_id, "batch_id": batch.id, "uploaded_at": now()}
    rows = [
        {
            **shared,
            "name": image.name,
            "content_hash": image.content_hash,
            "byte_size": image.byte_size,
            **fact_columns(image.facts),
            "attributes": {},
            "origin": image.origin,
            "origin_version": image.origin_version,
        }
        for image in images
    ]
    if not rows:
        return {}
    first = _first_id(session)
    if first is not None:
        rows = [{**row, "id": first + number} for number, row in enumerate(rows)]
    # The driver gives ids as numbers; only a new object's is None.
    image_id = cast(sa.ColumnElement[int], col(Image.id))
    statement = sa.insert(Image).returning(
        col(Image.content_hash), image_id, sort_by_parameter_order=True
    )
    inserted = session.connection().execute(statement, rows)
    return {row[0]: row[1] for row in inserted}


def fact_columns(facts: ImageFacts) -> dict[str, object]:
    """The columns of an image that come from what its file says."""
    return {
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "captured_at": facts.captured_at,
        "camera": facts.camera,
        "exif": facts.exif,
        "tones": facts.tones.as_json() if facts.tones else None,
    }


def _first_id(session: Session) -> int | None:
    """The next image's id where SQLite would give that of a removed one again; else None.

    What names images by id (the history, maps, browsers' caches) must not come to mean others.
    """
    if session.connection().dialect.name != "sqlite":
        return None
    removed = session.exec(select(sa.func.max(RemovedImage.id))).one()
    highest = session.exec(select(sa.func.max(Image.id))).one() or 0
    return removed + 1 if removed is not None and removed > highest else None


def insert_report(
    session: Session,
    batch: Batch,
    results: Sequence[Result],
    new: dict[str, TakenIn],
    ids: dict[str, int],
) -> dict[str, int]:
    """Write what became of each file of a chunk; the image of each content that it had.

    Args:
        new: the images that this chunk brought, by content hash.
        ids: their ids, likewise.
    """
    hashes = {result.content_hash for result in results if not isinstance(result, TurnedAway)}
    query = select(Image.content_hash, Image.id, Image.deleted_at).where(
        Image.project_id == batch.project_id, col(Image.content_hash).in_(hashes - set(ids))
    )
    there = session.exec(query).all()
    ids = {**{h: image_id for h, image_id, _ in there if image_id is not None}, **ids}
    binned = {h for h, _, deleted_at in there if deleted_at is not None}
    rows = [_report_row(batch, result, new, ids, binned) for result in results]
    insert_rows(session, BatchFile, rows)
    return ids


def _report_row(
    batch: Batch,
    result: Result,
    new: dict[str, TakenIn],
    ids: dict[str, int],
    binned: set[str],
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
    outcome = Outcome.BINNED if result.content_hash in binned else Outcome.DUPLICATE
    if new.get(result.content_hash) is result:
        outcome = Outcome.ACCEPTED
    return {**row, "outcome": outcome.value, "image_id": ids.get(result.content_hash)}
