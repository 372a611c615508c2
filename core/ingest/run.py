"""Taking a batch in: every file read once, decoded once, analysed, and reported on."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from sqlmodel import Session, col, select

from core.analysis.engine import vision_model_if_available
from core.analysis.results import store_outputs
from core.database import now, reading, writing
from core.errors import UserError
from core.history import record
from core.ingest.batches import load_batch
from core.ingest.entries import Entries, Entry
from core.ingest.tables import Batch, BatchFile, Outcome
from core.ingest.take_in import Known, TakenIn, TurnedAway, take_in
from core.ingest.uploads import Upload, open_upload
from core.jobs.context import JobContext
from core.media.tables import Image
from core.projects.store import load_project
from core.settings import decode_threads, settings
from core.streams import batched, map_ahead
from models.adapter import Output, VisionModel

Result = TakenIn | Known | TurnedAway


def run_ingest(context: JobContext) -> None:
    """Take in the batch that the job's parameter `batch_id` names. Can start over at any moment.

    Where the project's model cannot be had the images are stored all the same, and the job's
    result says why they are not analysed.

    Raises:
        UserError: the store cannot be written to.
        Cancelled: the job was asked to stop; what was taken in is stored.
    """
    with reading() as session:
        batch = load_batch(session, context.viewer, context.params["batch_id"])
        project = load_project(session, context.viewer, context.project_id)
    assert batch.upload is not None
    if batch.finished_at is not None:
        return
    upload = open_upload(batch.upload)
    model = vision_model_if_available(context, project.model_key)
    context.report("ingest.stage.listing")
    try:
        with Entries(upload) as entries:
            _take_in_all(context, batch, entries, model)
    except OSError as error:
        raise UserError("ingest.storage_failed", detail=error.strerror or str(error)) from error
    _finish(context, batch, upload, model)


def _take_in_all(
    context: JobContext, batch: Batch, entries: Entries, model: VisionModel | None
) -> None:
    done = _recorded_paths(batch)
    known = _known_hashes(batch.project_id)
    total, count = len(entries), len(done)
    context.report("ingest.stage.images", count, total)
    left: Iterator[Entry] = (entry for entry in entries if entry.path not in done)
    with ThreadPoolExecutor(decode_threads()) as pool:
        results = map_ahead(
            pool, lambda entry: take_in(entry, model, known), left, settings().batch_size * 3
        )
        for chunk in batched(results, settings().batch_size):
            context.stop_if_cancelled()
            _store(batch, chunk, model, known)
            count += len(chunk)
            context.report("ingest.stage.images", count, total)


def _recorded_paths(batch: Batch) -> set[str]:
    with reading() as session:
        return set(session.exec(select(BatchFile.path).where(BatchFile.batch_id == batch.id)))


def _known_hashes(project_id: int) -> set[str]:
    with reading() as session:
        return set(session.exec(select(Image.content_hash).where(Image.project_id == project_id)))


def _store(batch: Batch, results: list[Result], model: VisionModel | None, known: set[str]) -> None:
    """Analyse a chunk and write all its rows at once: the images, what was found, the report."""
    new: dict[str, TakenIn] = {}
    for result in results:
        if isinstance(result, TakenIn) and result.content_hash not in known:
            new.setdefault(result.content_hash, result)
    outputs = _infer(model, new.values())
    with writing() as session:
        ids = {h: _add_image(session, batch, taken) for h, taken in new.items()}
        if model is not None:
            found = [(ids[h], output) for h, output in zip(new, outputs, strict=True)]
            store_outputs(session, model.card.key, found)
        repeated = {r.content_hash for r in results if not isinstance(r, TurnedAway)} - set(ids)
        ids.update(_ids_by_hash(session, batch.project_id, repeated))
        for result in results:
            session.add(_batch_file(batch, result, new, ids))
    known.update(new)


def _infer(model: VisionModel | None, images: Iterable[TakenIn]) -> list[Output]:
    prepared = [taken.prepared for taken in images if taken.prepared is not None]
    return model.infer(prepared) if model is not None and prepared else []


def _add_image(session: Session, batch: Batch, taken: TakenIn) -> int:
    assert batch.id is not None
    image = Image(
        project_id=batch.project_id,
        batch_id=batch.id,
        name=taken.path,
        content_hash=taken.content_hash,
        byte_size=taken.byte_size,
        format=taken.facts.format,
        width=taken.facts.width,
        height=taken.facts.height,
        captured_at=taken.facts.captured_at,
        camera=taken.facts.camera,
        exif=taken.facts.exif,
    )
    session.add(image)
    session.flush()
    assert image.id is not None
    return image.id


def _ids_by_hash(session: Session, project_id: int, hashes: set[str]) -> dict[str, int]:
    query = select(Image.content_hash, Image.id).where(
        Image.project_id == project_id, col(Image.content_hash).in_(hashes)
    )
    return {h: image_id for h, image_id in session.exec(query) if image_id is not None}


def _batch_file(
    batch: Batch, result: Result, new: dict[str, TakenIn], ids: dict[str, int]
) -> BatchFile:
    assert batch.id is not None
    if isinstance(result, TurnedAway):
        return BatchFile(
            batch_id=batch.id,
            path=result.path,
            outcome=Outcome.REFUSED,
            reason=result.reason.key,
            reason_params=result.reason.params,
        )
    accepted = new.get(result.content_hash) is result
    return BatchFile(
        batch_id=batch.id,
        path=result.path,
        outcome=Outcome.ACCEPTED if accepted else Outcome.DUPLICATE,
        image_id=ids.get(result.content_hash),
    )


def _finish(context: JobContext, batch: Batch, upload: Upload, model: VisionModel | None) -> None:
    """Close the batch: files that never arrived join the report, the staging area is emptied."""
    assert batch.id is not None
    with writing() as session:
        row = session.get_one(Batch, batch.id)
        for name, reason, params in upload.refused():
            session.add(
                BatchFile(
                    batch_id=batch.id,
                    path=name,
                    outcome=Outcome.REFUSED,
                    reason=reason,
                    reason_params=params,
                )
            )
        row.finished_at = now()
        session.add(row)
        query = select(BatchFile.image_id, BatchFile.outcome).where(BatchFile.batch_id == batch.id)
        outcomes = session.exec(query).all()
        accepted = [i for i, outcome in outcomes if outcome == Outcome.ACCEPTED and i is not None]
        details = {
            "name": batch.name,
            "batch_id": batch.id,
            "accepted": len(accepted),
            "duplicates": sum(outcome == Outcome.DUPLICATE for _, outcome in outcomes),
            "refused": sum(outcome == Outcome.REFUSED for _, outcome in outcomes),
        }
        record(session, context.viewer, batch.project_id, "batch.ingested", details, accepted)
        if model is not None and accepted:
            analysed = {"model": model.card.name, "n": len(accepted), "failed": 0}
            record(session, context.viewer, batch.project_id, "analysis.finished", analysed)
        context.result.update(details)
    upload.remove()
