"""Analysing the images that a project's model has not seen yet."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.analysis.engine import vision_model
from core.analysis.needed import needed_sides
from core.analysis.quality import Scores, measure
from core.analysis.results import store_failure, store_outputs, store_scores
from core.analysis.tables import Prediction
from core.database import reading, writing
from core.history import record
from core.jobs.context import JobContext
from core.jobs.tables import Job
from core.media import thumbnails
from core.media.decoding import Refused, decode
from core.media.originals import COLUMNS, Original, read_original
from core.media.origins import Unavailable, Unreachable
from core.media.tables import Image, unread
from core.projects.store import load_project
from core.settings import decode_threads, settings
from core.streams import batched, map_ahead
from models.adapter import Output, Prepared, VisionModel

_PAGE = 2000  # rows asked for at a time


@dataclass(frozen=True)
class _Input:
    """An image on its way to the model; all is None where its original is of no use."""

    image_id: int
    prepared: Prepared | None
    scores: Scores | None
    #: The thumbnail's JPEG by content hash.
    thumbnail: dict[str, bytes] = field(default_factory=dict)
    #: Its file lies in a place that is not ours, and may be there again later.
    may_return: bool = False


@dataclass(frozen=True)
class _Analysed:
    """Images and what the model found, by id; it found nothing where the original is of no use."""

    inputs: list[_Input]
    outputs: list[tuple[int, Output]]


def _unseen(viewer: Viewer, project_id: int, model_key: str) -> sa.ColumnElement[bool]:
    seen = sa.exists().where(
        col(Prediction.image_id) == col(Image.id), col(Prediction.model_key) == model_key
    )
    # What was listed only is its batch's to read.
    return sa.and_(col(Image.project_id) == project_id, visible_images(viewer), ~seen, ~unread())


def count_unseen(session: Session, viewer: Viewer, project_id: int, model_key: str) -> int:
    """How many images of a project the model has not seen."""
    condition = _unseen(viewer, project_id, model_key)
    return session.exec(select(sa.func.count(col(Image.id))).where(condition)).one()


def add_analysis_job(
    session: Session, viewer: Viewer, project_id: int, model_key: str | None = None
) -> Job:
    """Write the job that analyses what is not analysed; `jobs.queue.enqueue` starts it.

    Args:
        model_key: None: the project's own model.
    """
    from core.jobs.store import add_job

    params = {} if model_key is None else {"model_key": model_key}
    return add_job(session, viewer, project_id, "analyse", params)


def run_analysis(context: JobContext) -> None:
    """Run a model on every image of a project that it has not seen. Can start over at any moment.

    Raises:
        ModelError: the model's weights cannot be had.
        Unavailable: the place of originals that are not ours cannot be reached.
        Cancelled: the job was asked to stop; what was analysed is stored.
    """
    with reading() as session:
        project = load_project(session, context.viewer, context.project_id)
        model_key = context.params.get("model_key") or project.model_key
        total = count_unseen(session, context.viewer, context.project_id, model_key)
    if total == 0:
        return
    model = vision_model(context, model_key)
    context.report("analysis.stage.images", 0, total)
    done = failed = 0
    # Decoding, analysing and storing go on at once, as when images are taken in.
    with ThreadPoolExecutor(decode_threads()) as pool, ThreadPoolExecutor(2) as analysis:
        sources = _unseen_images(context, model_key)
        inputs = map_ahead(
            pool, lambda source: _prepare(model, *source), sources, settings().batch_size * 3
        )
        chunks = batched(inputs, settings().batch_size)
        for chunk in map_ahead(analysis, lambda some: _analyse(model, some), chunks, 3):
            context.stop_if_cancelled()
            failed += _store(model, chunk)
            done += len(chunk.inputs)
            context.report("analysis.stage.images", done, total)
    with writing() as session:
        details = {"model": model.card.name, "n": done, "failed": failed}
        record(session, context.viewer, context.project_id, "analysis.finished", details)


def _unseen_images(context: JobContext, model_key: str) -> Iterator[tuple[int, Original]]:
    """Id and original of each image the model has not seen, by id."""
    last = 0
    while True:
        query = (
            sa.select(col(Image.id), *COLUMNS)
            .where(_unseen(context.viewer, context.project_id, model_key), col(Image.id) > last)
            .order_by(col(Image.id))
            .limit(_PAGE)
        )
        with reading() as session:
            rows = session.execute(query).all()
        if not rows:
            return
        for image_id, *original in rows:
            yield image_id, Original(*original)
            last = image_id


def _prepare(model: VisionModel, image_id: int, original: Original) -> _Input:
    sides = needed_sides(model.card)
    try:
        pixels = decode(read_original(original), *sides, compiled=True).pixels
    except Unreachable:
        raise
    except (Refused, Unavailable):
        return _Input(image_id, None, None, may_return=original.origin is not None)
    small = thumbnails.make(pixels)
    scores, prepared = measure(small.pixels), model.prepare(pixels)
    return _Input(image_id, prepared, scores, {original.content_hash: small.jpeg})


def _analyse(model: VisionModel, inputs: list[_Input]) -> _Analysed:
    usable = [(i.image_id, i.prepared) for i in inputs if i.prepared is not None]
    outputs = model.infer([prepared for _, prepared in usable]) if usable else []
    return _Analysed(inputs, [(i, out) for (i, _), out in zip(usable, outputs, strict=True)])


def _store(model: VisionModel, chunk: _Analysed) -> int:
    """Store what was found; the number of images whose original was of no use."""
    thumbnails.keep({key: jpeg for item in chunk.inputs for key, jpeg in item.thumbnail.items()})
    with writing() as session:
        store_outputs(session, model.card.key, chunk.outputs)
        store_scores(session, ((i.image_id, i.scores) for i in chunk.inputs if i.scores))
        for item in chunk.inputs:
            if item.prepared is None and not item.may_return:
                store_failure(
                    session, model.card.key, item.image_id, "analysis.original_unreadable"
                )
    return len(chunk.inputs) - len(chunk.outputs)
