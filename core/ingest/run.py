"""Taking a batch in: every file read once, decoded once, analysed, and reported on."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from sqlmodel import Session, col, select

from core.analysis.engine import vision_model_if_available
from core.analysis.results import analysed_hashes, store_outputs, store_scores
from core.database import now, reading, writing
from core.errors import UserError
from core.history import record
from core.imports.readers import is_sidecar
from core.imports.run import take_over
from core.ingest.batches import load_batch
from core.ingest.chunks import Chunk, Result, analyse, new_images
from core.ingest.entries import Entries, Entry
from core.ingest.names import UniqueNames
from core.ingest.pages import page_entries
from core.ingest.rows import insert_images, insert_report
from core.ingest.tables import Batch, BatchFile, Outcome
from core.ingest.take_in import Paged, Seen, take_in
from core.ingest.uploads import Upload, open_upload
from core.jobs.context import JobContext
from core.media.tables import Image
from core.media.turns import taking_in
from core.projects.store import load_project
from core.projects.tables import Project
from core.settings import decode_threads, settings
from core.streams import batched, map_ahead
from models.adapter import VisionModel


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
    model: VisionModel | None = None
    context.report("ingest.stage.listing")
    try:
        with taking_in(), Entries(upload) as entries:
            done = _recorded_paths(batch)
            left = [entry for entry in entries if entry.path not in done]
            pictures = [entry for entry in left if not is_sidecar(entry.path)]
            if pictures:
                model = vision_model_if_available(context, project.model_key)
                _take_in_all(context, batch, entries, pictures, done, model)
            take_over(context, batch, [entry for entry in left if is_sidecar(entry.path)])
    except OSError as error:
        raise UserError("ingest.storage_failed", detail=error.strerror or str(error)) from error
    _finish(context, batch, upload, model)


def _take_in_all(
    context: JobContext,
    batch: Batch,
    entries: Entries,
    left: list[Entry],
    done: set[str],
    model: VisionModel | None,
) -> None:
    """Decoding, analysing and storing go on at once, each on the chunk after the next one's.

    Args:
        left: the pictures that have no outcome yet.
        done: names of the files that have one.
    """
    known = _known_hashes(batch.project_id)
    elsewhere = _analysed_elsewhere(batch.project_id, model)
    total, count = len(done) + len(left), len(done)
    stage, params = ("images", {}) if model is None else ("analysed", {"device": model.device})
    context.report(f"ingest.stage.{stage}", count, total, **params)

    def take(some: Iterable[Entry]) -> Iterator[Result | Seen]:
        nonlocal total
        for taken in map_ahead(
            pool,
            lambda entry: take_in(entry, model, known, elsewhere, entries.scratch),
            some,
            settings().batch_size * 3,
        ):
            if not isinstance(taken, Paged):
                yield taken
                continue
            pages = page_entries(taken.path, taken.file, taken.offsets, entries.names.take)
            pages = [page for page in pages if page.path not in done]
            total += len(pages) - 1
            yield from take(pages)
            taken.file.unlink()

    with ThreadPoolExecutor(decode_threads()) as pool, ThreadPoolExecutor(1) as analysis:
        chunks = batched(take(left), settings().batch_size)
        for chunk in map_ahead(analysis, lambda results: analyse(results, model, known), chunks, 2):
            context.stop_if_cancelled()
            _store(batch, chunk, model, known)
            count += len(chunk.results)
            context.report(f"ingest.stage.{stage}", count, total, **params)


def _recorded_paths(batch: Batch) -> set[str]:
    with reading() as session:
        return set(session.exec(select(BatchFile.path).where(BatchFile.batch_id == batch.id)))


def _known_hashes(project_id: int) -> set[str]:
    with reading() as session:
        return set(session.exec(select(Image.content_hash).where(Image.project_id == project_id)))


def _analysed_elsewhere(project_id: int, model: VisionModel | None) -> set[str]:
    if model is None:
        return set()
    with reading() as session:
        return analysed_hashes(session, model.card.key, project_id)


def _store(batch: Batch, chunk: Chunk, model: VisionModel | None, known: set[str]) -> None:
    """Write all rows of a chunk at once: the images, what was found, the report."""
    with writing() as session:
        known.update(_stored_meanwhile(session, batch.project_id, new_images(chunk.results, known)))
        new = new_images(chunk.results, known)
        ids = insert_images(session, batch, new.values())
        scores = [(ids[h], taken.scores) for h, taken in new.items() if taken.scores is not None]
        store_scores(session, scores)
        if model is not None:
            found = [(ids[h], chunk.outputs[h]) for h in new]
            store_outputs(session, model.card.key, found)
        insert_report(session, batch, chunk.results, new, ids)
    known.update(new)


def _stored_meanwhile(session: Session, project_id: int, hashes: Iterable[str]) -> set[str]:
    """Those of these contents that another worker has stored since this one began.

    Until the transaction ends no other can store any: the project's row is locked, or on SQLite
    the database.
    """
    session.exec(select(Project.id).where(Project.id == project_id).with_for_update())
    query = select(Image.content_hash).where(
        Image.project_id == project_id, col(Image.content_hash).in_(list(hashes))
    )
    return set(session.exec(query))


def _finish(context: JobContext, batch: Batch, upload: Upload, model: VisionModel | None) -> None:
    """Close the batch: files that never arrived join the report, the staging area is emptied."""
    assert batch.id is not None
    with writing() as session:
        row = session.get_one(Batch, batch.id)
        paths = select(BatchFile.path).where(BatchFile.batch_id == batch.id)
        names = UniqueNames(session.exec(paths))
        for name, reason, params in upload.refused():
            session.add(
                BatchFile(
                    batch_id=batch.id,
                    path=names.take(name),
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
            "duplicates": sum(
                outcome in (Outcome.DUPLICATE, Outcome.BINNED) for _, outcome in outcomes
            ),
            "refused": sum(outcome == Outcome.REFUSED for _, outcome in outcomes),
        }
        record(session, context.viewer, batch.project_id, "batch.ingested", details, accepted)
        if model is not None and accepted:
            analysed = {"model": model.card.name, "n": len(accepted), "failed": 0}
            record(session, context.viewer, batch.project_id, "analysis.finished", analysed)
        context.result.update(details)
    upload.remove()
