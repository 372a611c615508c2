"""Taking a batch in: every file read once, decoded once, analysed, and reported on."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlmodel import Session, col, select

from core.analysis.engine import vision_model_if_available
from core.analysis.results import analysed_hashes, store_outputs, store_scores
from core.database import now, reading, writing
from core.errors import UserError
from core.history import record
from core.imports.readers import is_sidecar
from core.imports.run import take_over
from core.ingest.batches import load_batch
from core.ingest.chunks import Chunk, Result, analyse, joined, new_images
from core.ingest.entries import Entries, Entry
from core.ingest.names import UniqueNames
from core.ingest.pages import page_entries
from core.ingest.rows import NewImage, insert_images, insert_report
from core.ingest.settling import clear_previews, fill_in, keep_copies, settle
from core.ingest.tables import Batch, BatchFile, Outcome
from core.ingest.take_in import Paged, Seen, TakenIn, take_in
from core.ingest.uploads import Upload, open_upload
from core.jobs.context import JobContext
from core.media import thumbnails
from core.media.tables import Image, unread
from core.media.turns import taking_in
from core.projects.store import load_project
from core.projects.tables import Project
from core.settings import decode_threads, settings
from core.sources.entries import SourceEntries, anything_left, done_with
from core.sources.tables import Source
from core.streams import batched, gathered, map_ahead
from models.adapter import VisionModel

# Half of what a transaction costs is the same for one image and for a hundred.
_STORE_EVERY = 0.5  # seconds


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
        source = session.get(Source, batch.source_id) if batch.source_id else None
    if batch.finished_at is not None:
        if batch.upload is not None:  # the worker died before it was removed, or while it was
            Upload(batch.upload, batch.project_id, batch.created_by).remove()
        return
    context.report("ingest.stage.listing")
    try:
        if source is not None:
            _take_in_source(context, batch, project, source)
            return
        assert batch.upload is not None
        upload = open_upload(batch.upload)
        with taking_in(), Entries(upload, context.stop_if_cancelled) as entries:
            model = _take_in_entries(context, batch, project, entries)
    except OSError as error:
        raise UserError("ingest.storage_failed", detail=error.strerror or str(error)) from error
    with writing() as session:
        _finish(session, context, batch, upload.refused(), model)
    upload.remove()


def _take_in_source(context: JobContext, batch: Batch, project: Project, source: Source) -> None:
    """Read what was listed, and what a watched source adds meanwhile, until nothing is left."""
    model: VisionModel | None = None
    while True:
        with taking_in(), SourceEntries(batch, source) as entries:
            if len(entries):
                model = _take_in_entries(context, batch, project, entries)
        clear_previews(entries.keys)
        with writing() as session:
            done_with(session, source, entries.others)
            if anything_left(session, batch):
                continue
            if not session.get_one(Batch, batch.id).open:
                _finish(session, context, batch, (), model)
            return


def _take_in_entries(
    context: JobContext, batch: Batch, project: Project, entries: Entries | SourceEntries
) -> VisionModel | None:
    """Take in what has no outcome yet, the pictures first; the model that analysed them."""
    model: VisionModel | None = None
    done = _recorded_paths(batch)
    left = [entry for entry in entries if entry.listed or entry.path not in done]
    pictures = [entry for entry in left if not is_sidecar(entry.path)]
    if pictures:
        model = vision_model_if_available(context, project.model_key)
        _take_in_all(context, batch, entries, pictures, done, model)
    take_over(context, batch, [entry for entry in left if is_sidecar(entry.path)])
    return model


def _take_in_all(
    context: JobContext,
    batch: Batch,
    entries: Entries | SourceEntries,
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
    in_place = _in_place_hashes(batch.project_id)
    total, count = len(done) + len(left), len(done)
    _report(context, model, count, total)

    def take(some: Iterable[Entry]) -> Iterator[Result | Seen]:
        nonlocal total
        for taken in map_ahead(
            pool,
            lambda entry: take_in(entry, model, known, elsewhere, in_place, entries.scratch),
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

    # Two chunks at once, so that the network has work while the answers of one are put together.
    with ThreadPoolExecutor(decode_threads()) as pool, ThreadPoolExecutor(2) as analysis:
        chunks = batched(take(left), settings().batch_size)
        analysed = map_ahead(analysis, lambda results: analyse(results, model, known), chunks, 3)
        for ready in gathered(analysed, _STORE_EVERY):
            context.stop_if_cancelled()
            chunk = joined(ready)
            _store(batch, chunk, model, known)
            count += len(chunk.results)
            _report(context, model, count, total)


def _report(context: JobContext, model: VisionModel | None, done: int, total: int) -> None:
    if model is None:
        context.report("ingest.stage.images", done, total)
    else:
        # The number format may change on the way, see `models.deciding`.
        context.report("ingest.stage.analysed", done, total, device=model.device)


def _recorded_paths(batch: Batch) -> set[str]:
    with reading() as session:
        return set(session.exec(select(BatchFile.path).where(BatchFile.batch_id == batch.id)))


def _known_hashes(project_id: int) -> set[str]:
    with reading() as session:
        return set(session.exec(select(Image.content_hash).where(Image.project_id == project_id)))


def _in_place_hashes(project_id: int) -> set[str]:
    """Contents that the project has, but the store perhaps not."""
    query = select(Image.content_hash).where(
        Image.project_id == project_id, col(Image.origin).is_not(None), ~unread()
    )
    with reading() as session:
        return set(session.exec(query))


def _analysed_elsewhere(project_id: int, model: VisionModel | None) -> set[str]:
    if model is None:
        return set()
    with reading() as session:
        return analysed_hashes(session, model.card.key, project_id)


def _store(batch: Batch, chunk: Chunk, model: VisionModel | None, known: set[str]) -> None:
    """Write all rows of a chunk at once: the images, what was found, the report.

    Thumbnails come first: after a kill in between they are there already when the rows come.
    """
    brought = new_images(chunk.results, known).values()
    thumbnails.keep({t.content_hash: t.thumbnail for t in brought if t.thumbnail is not None})
    with writing() as session:
        known.update(_stored_meanwhile(session, batch.project_id, new_images(chunk.results, known)))
        new = new_images(chunk.results, known)
        ids = _store_images(session, batch, new)
        keep_copies(session, batch.project_id, chunk.results)
        scores = [(ids[h], taken.scores) for h, taken in new.items() if taken.scores is not None]
        store_scores(session, scores)
        if model is not None:
            found = [(ids[h], chunk.outputs[h]) for h in new]
            store_outputs(session, model.card.key, found)
        settle(session, chunk.results, insert_report(session, batch, chunk.results, new, ids))
    known.update(new)


def _store_images(session: Session, batch: Batch, new: dict[str, TakenIn]) -> dict[str, int]:
    """Write the rows of new images, fill in those of listed ones; their ids by content hash."""
    images = [
        NewImage(taken.path, content_hash, taken.byte_size, taken.facts)
        for content_hash, taken in new.items()
        if taken.listed is None
    ]
    ids = insert_images(session, batch, images)
    return {**ids, **fill_in(session, (taken for taken in new.values() if taken.listed))}


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


def _finish(
    session: Session,
    context: JobContext,
    batch: Batch,
    refused: Iterable[tuple[str, str, dict[str, Any]]],
    model: VisionModel | None,
) -> None:
    """Close the batch.

    Args:
        refused: files that never arrived, which join the report.
    """
    assert batch.id is not None
    row = session.get_one(Batch, batch.id)
    paths = select(BatchFile.path).where(BatchFile.batch_id == batch.id)
    names = UniqueNames(session.exec(paths))
    for name, reason, params in refused:
        file = BatchFile(batch_id=batch.id, path=names.take(name), outcome=Outcome.REFUSED)
        file.reason, file.reason_params = reason, params
        session.add(file)
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
        "applied": sum(outcome == Outcome.APPLIED for _, outcome in outcomes),
    }
    record(session, context.viewer, batch.project_id, "batch.ingested", details, accepted)
    if model is not None and accepted:
        analysed = {"model": model.card.name, "n": len(accepted), "failed": 0}
        record(session, context.viewer, batch.project_id, "analysis.finished", analysed)
    context.result.update(details)
