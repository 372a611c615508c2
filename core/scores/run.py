"""Scores as a job of their own, after whatever brought or analysed images."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images
from core.accounts.tables import User
from core.analysis.tables import Embedding
from core.database import reading, writing
from core.errors import UserError
from core.ingest.tables import Batch
from core.jobs import queue
from core.jobs.context import JobContext
from core.jobs.store import ACTIVE, add_job, project_jobs
from core.jobs.tables import Job, JobState
from core.maps.methods import MIN_IMAGES
from core.media.tables import Image
from core.projects.store import load_project
from core.scores.inputs import Inputs, read_inputs
from core.scores.store import Scored, replace_scores

#: Kinds of jobs after which there may be something to score.
FOLLOWED = ("ingest", "analyse", "demo")
_NEIGHBOURS = 90  # what t-SNE looks at by default: maps of all images find this graph again


def begin_scores(viewer: Viewer, project_id: int) -> Job:
    """Start scoring a project's images by its model's features; a job that waits is taken.

    Raises:
        NotFound: there is no such project, or `viewer` may not see it.
        UserError: fewer than ten images have features (`scores.too_few`).
    """
    with writing() as session:
        load_project(session, viewer, project_id)
        n = _analysed(session, viewer, project_id)
        if n < MIN_IMAGES:
            raise UserError("scores.too_few", n=n)
        job = _waiting(session, viewer, project_id)
        if job is None:
            job = add_job(session, viewer, project_id, "scores", {})
    queue.enqueue(job)
    return job


def follow(job_id: str) -> Job | None:
    """Start scoring after the job `job_id` where that may have brought images; None: it did not.

    While more of the project's jobs bring images, the last one of them is waited for.
    """
    with reading() as session:
        job = session.get(Job, job_id)
        user = session.get(User, job.created_by) if job is not None else None
        if job is None or user is None or job.kind not in FOLLOWED or job.state in ACTIVE:
            return None
        batch_id = job.params.get("batch_id")
        batch = session.get(Batch, batch_id) if batch_id is not None else None
        if batch is not None and batch.open:
            return None  # whoever watches its source has the images scored in a quiet moment
        viewer = Viewer(job.created_by, user.name)
        if project_jobs(session, viewer, job.project_id, ACTIVE, FOLLOWED, 1):
            return None
    return begin_if_enough(viewer, job.project_id)


def begin_if_enough(viewer: Viewer, project_id: int) -> Job | None:
    """`begin_scores`, or None: there are too few images, or the project is gone."""
    try:
        return begin_scores(viewer, project_id)
    except UserError:
        return None


def run_scores(context: JobContext) -> None:
    """Score all images of the project by its model's features. Can start over at any moment.

    Nothing is done when nothing changed since the last time: the job's result then says
    `unchanged`. A graph of nearest neighbours that a map has made is found again, and the other
    way round.

    Raises:
        UserError: fewer than ten images have usable features (`scores.too_few`).
        Cancelled: the job was asked to stop; only while scores are written is any of them new.
    """
    with reading() as session:
        before = _digest_before(session, context)
    _stage(context, "features")
    with reading() as session:
        model_key = load_project(session, context.viewer, context.project_id).model_key
        inputs = read_inputs(session, context.viewer, context.project_id, model_key)
    n = len(inputs.image_ids)
    if n < MIN_IMAGES:
        raise UserError("scores.too_few", n=n)
    digest = inputs.digest()
    if digest != before:
        scored = _score(context, inputs)
        _stage(context, "store")
        replace_scores(context.project_id, model_key, scored)
    context.result.update(digest=digest, n=n, unchanged=digest == before)


def _score(context: JobContext, inputs: Inputs) -> Scored:
    from core.maps.clusters import clusters
    from core.maps.neighbours import nearest_neighbours
    from core.maps.outliers import NEIGHBOURS, outlier_scores
    from core.scores.duplicates import duplicate_groups
    from core.scores.labels import label_errors
    from core.scores.novelty import novelty

    n = len(inputs.image_ids)
    step = _stage(context, "neighbours")
    graph = nearest_neighbours(inputs.features, min(_NEIGHBOURS, n - 1), step)
    step = _stage(context, "novelty")
    newness = novelty(inputs.features, graph, inputs.batches, step)
    _stage(context, "groups")
    duplicates = duplicate_groups(inputs.features, graph, inputs.hashes, inputs.hashed)
    context.stop_if_cancelled()
    groups = clusters(graph)
    context.stop_if_cancelled()
    return Scored(
        inputs.image_ids,
        outlier_scores(graph.first(NEIGHBOURS).distances),
        newness,
        label_errors(graph, inputs.annotated, inputs.predicted),
        duplicates,
        groups,
    )


def _stage(context: JobContext, name: str) -> Callable[[int, int | None], None]:
    """Show that a stage begins; the function it gives says how far it is and may raise."""

    def step(done: int, total: int | None) -> None:
        context.stop_if_cancelled()
        context.report(f"scores.stage.{name}", done, total)

    step(0, None)
    return step


def _analysed(session: Session, viewer: Viewer, project_id: int) -> int:
    """How many images have features by the project's model; ten are enough of an answer."""
    model_key = load_project(session, viewer, project_id).model_key
    query = (
        select(Image.id)
        .join(Embedding, col(Embedding.image_id) == col(Image.id))
        .where(
            Image.project_id == project_id,
            Embedding.model_key == model_key,
            visible_images(viewer),
        )
        .limit(MIN_IMAGES)
    )
    return session.exec(select(sa.func.count()).select_from(query.subquery())).one()


def _waiting(session: Session, viewer: Viewer, project_id: int) -> Job | None:
    """A job that scores the project and has not begun: it will see what is there now."""
    queued = project_jobs(session, viewer, project_id, (JobState.QUEUED,), ("scores",), 1)
    return queued[0] if queued else None


def _digest_before(session: Session, context: JobContext) -> object:
    """Of what the scores that stand in the database are made; None: they may be mixed.

    Asked before the job shows a stage: one that it has already is of an attempt that was cut off.
    """
    if session.get_one(Job, context.job_id).stage is not None:
        return None
    begun = (JobState.RUNNING, JobState.DONE, JobState.FAILED, JobState.CANCELLED)
    jobs = project_jobs(session, context.viewer, context.project_id, begun, ("scores",), 2)
    last = next((job for job in jobs if job.id != context.job_id), None)
    return last.result.get("digest") if last and last.state == JobState.DONE else None
