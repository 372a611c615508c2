"""Models that are not finished: a file that was brought, looked at, tried or thrown away."""

from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.database import now, reading, writing
from core.errors import NotFound
from core.jobs import queue
from core.jobs.store import ACTIVE, add_job
from core.jobs.tables import Job
from core.models.files import check_name, clean_name, put_file, remove_file
from core.models.settings import OwnSettings, check
from core.models.tables import UserModel
from core.projects.store import load_project
from core.projects.tables import Project
from core.settings import settings
from models.card import OwnFile
from models.official import OFFICIAL


def add_file(
    viewer: Viewer, project_id: int, file_name: str, arrived: Path, sha256: str
) -> tuple[UserModel, Job]:
    """Keep a file that has arrived whole, under its content, and let the worker look at it.

    Raises:
        NotFound: no such project, or `viewer` may not see it.
        UserError: the name's ending is none of a model file.
    """
    purge_drafts()
    model = keep_file(viewer, file_name, arrived, sha256)
    with writing() as session:
        load_project(session, viewer, project_id)
        session.add(model)
        session.flush()
        job = add_job(session, viewer, project_id, "model", {"model_id": model.id, "do": "inspect"})
    queue.enqueue(job)
    return model, job


def keep_file(viewer: Viewer, file_name: str, arrived: Path, sha256: str) -> UserModel:
    """Move a file that has arrived whole to where its content says; a draft that is not stored yet.

    Raises:
        UserError: the name's ending is none of a model file.
    """
    source = put_file(arrived, sha256, check_name(file_name))
    return UserModel(
        name=clean_name(Path(file_name).stem) or "model",
        file_name=clean_name(file_name),
        sha256=sha256,
        suffix=source.suffix,
        byte_size=source.bytes,
        created_by=viewer.user_id,
    )


def replace_file(viewer: Viewer, model_id: int, suffix: str, arrived: Path, sha256: str) -> OwnFile:
    """Give a draft another file instead of its own, which goes where no other model needs it.

    Raises:
        NotFound: no such draft.
    """
    source = put_file(arrived, sha256, suffix)
    with writing() as session:
        model = load_draft(session, viewer, model_id)
        remove_file(session, model)
        model.sha256, model.suffix, model.byte_size = sha256, suffix, source.bytes
        session.add(model)
    return source


def begin_fetch(viewer: Viewer, project_id: int, official: str) -> Job:
    """Let the worker fetch official weights and make a draft of them.

    Raises:
        NotFound: no such weights or project.
    """
    if official not in OFFICIAL:
        raise NotFound("own_models.not_found")
    with writing() as session:
        load_project(session, viewer, project_id)
        params = {"do": "fetch", "official": official}
        job = add_job(session, viewer, project_id, "model", params)
    queue.enqueue(job)
    return job


def look_again(
    viewer: Viewer, project_id: int, model_id: int, architecture: str | None = None
) -> Job:
    """Let the worker look at a draft once more, its weights as another architecture."""
    params = {"model_id": model_id, "do": "inspect", "architecture": architecture}
    return _begin(viewer, project_id, model_id, params)


def begin_trial(viewer: Viewer, project_id: int, model_id: int, wanted: OwnSettings) -> Job:
    """Let the worker try a draft on ten images of a project.

    Raises:
        NotFound: no such draft or project.
        UserError: the settings do not fit the file.
    """
    with writing() as session:
        model = load_draft(session, viewer, model_id)
        checked = check(wanted, model.facts or {"layers": []})
    params = {"model_id": model_id, "do": "try", "settings": checked.to_json()}
    return _begin(viewer, project_id, model_id, params)


def _begin(viewer: Viewer, project_id: int, model_id: int, params: dict[str, object]) -> Job:
    with writing() as session:
        load_draft(session, viewer, model_id)
        load_project(session, viewer, project_id)
        job = add_job(session, viewer, project_id, "model", params)
    queue.enqueue(job)
    return job


def load_draft(session: Session, viewer: Viewer, model_id: int) -> UserModel:
    """A model of the viewer's that is not finished.

    Raises:
        NotFound: there is none.
    """
    found = session.get(UserModel, model_id)
    gone = found is None or found.deleted_at is not None or found.key is not None
    if found is None or gone or found.created_by != viewer.user_id:
        raise NotFound("own_models.not_found")
    return found


def drafts(session: Session, viewer: Viewer) -> list[UserModel]:
    """The viewer's models that are not finished, the newest first."""
    query = select(UserModel).where(
        UserModel.created_by == viewer.user_id,
        col(UserModel.key).is_(None),
        col(UserModel.deleted_at).is_(None),
    )
    return list(session.exec(query.order_by(col(UserModel.id).desc())))


def last_job(session: Session, viewer: Viewer, model_id: int) -> Job | None:
    """The newest job about a draft, in whichever project it was asked for."""
    query = (
        select(Job)
        .join(Project)
        .where(Job.kind == "model", visible_projects(viewer))
        .where(col(Job.params)["model_id"].as_integer() == model_id)
    )
    return session.exec(query.order_by(col(Job.created_at).desc()).limit(1)).first()


def discard_draft(viewer: Viewer, model_id: int) -> None:
    """Throw a draft away, with its file where no other model is made of it, and stop work on it."""
    with reading() as session:
        job = last_job(session, viewer, model_id)
    if job is not None:
        queue.cancel(viewer, job.id)
    with writing() as session:
        model = load_draft(session, viewer, model_id)
        _remove(session, model)


def purge_drafts() -> int:
    """Throw away everybody's drafts that are older than the days of the settings; how many.

    One that the worker is busy with stays until the next time.
    """
    oldest = now() - timedelta(days=settings().draft_keep_days)
    with writing() as session:
        busy = select(Job.params).where(Job.kind == "model", col(Job.state).in_(ACTIVE))
        used = {params.get("model_id") for params in session.exec(busy)}
        query = select(UserModel).where(
            col(UserModel.key).is_(None), col(UserModel.created_at) < oldest
        )
        old = [model for model in session.exec(query) if model.id not in used]
        for model in old:
            _remove(session, model)
    return len(old)


def kept_until(model: UserModel) -> datetime:
    """When a draft will be thrown away unless it is saved, in UTC."""
    return model.created_at + timedelta(days=settings().draft_keep_days)


def _remove(session: Session, model: UserModel) -> None:
    remove_file(session, model)
    session.delete(model)
