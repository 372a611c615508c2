"""Bringing, finishing and deleting a model of one's own."""

import hashlib
import re
import secrets
import shutil
import unicodedata
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.analysis.tables import Prediction
from core.database import now, reading, writing
from core.errors import NotFound, UserError
from core.history import record
from core.history.registry import Change, inverse_of
from core.history.tables import Event
from core.jobs import queue
from core.jobs.store import ACTIVE, add_job
from core.jobs.tables import Job
from core.models.settings import OwnSettings, check
from core.models.tables import UserModel
from core.projects.store import load_project
from core.projects.tables import Project
from core.settings import settings
from models.card import OwnFile
from models.official import OFFICIAL
from models.weights import own_path

SUFFIXES = (".onnx", ".safetensors", ".pth", ".pt")
_MAX_NAME = 100


def staging_path() -> Path:
    """Where a file lies while it arrives."""
    settings().uploads_dir.mkdir(parents=True, exist_ok=True)
    return settings().uploads_dir / f"model-{secrets.token_hex(16)}.part"


def check_name(file_name: str) -> str:
    """The ending of a model file's name.

    Raises:
        UserError: it is none of a model file.
    """
    suffix = Path(file_name).suffix.lower()
    if suffix not in SUFFIXES:
        raise UserError("own_models.wrong_ending", endings=", ".join(SUFFIXES))
    return suffix


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
    source = _put(arrived, sha256, check_name(file_name))
    return UserModel(
        name=_clean(Path(file_name).stem) or "model",
        file_name=_clean(file_name),
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
    source = _put(arrived, sha256, suffix)
    with writing() as session:
        model = load_draft(session, viewer, model_id)
        _remove_file(session, model)
        model.sha256, model.suffix, model.byte_size = sha256, suffix, source.bytes
        session.add(model)
    return source


def _put(arrived: Path, sha256: str, suffix: str) -> OwnFile:
    """Move a file to where its content says."""
    source = OwnFile(sha256, suffix, arrived.stat().st_size)
    target = own_path(source, settings().resolved_weights_dir)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(arrived, target)
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


def own_models(session: Session, viewer: Viewer) -> list[UserModel]:
    """The finished models that people brought and `viewer` may use, the newest first."""
    query = select(UserModel).where(
        sa.literal(viewer.user_id) > 0,
        col(UserModel.key).is_not(None),
        col(UserModel.deleted_at).is_(None),
    )
    return list(session.exec(query.order_by(col(UserModel.id).desc())))


def finish(viewer: Viewer, project_id: int, model_id: int, name: str) -> UserModel:
    """Make a draft that was tried a model like the catalogue's.

    Raises:
        NotFound: no such draft or project.
        UserError: the name is empty, too long or taken, or the model was not tried.
    """
    with writing() as session:
        load_project(session, viewer, project_id)
        model = load_draft(session, viewer, model_id)
        if model.trial is None or model.settings is None:
            raise UserError("own_models.not_tried")
        clean = _free_name(session, name, model)
        model.name, model.key = clean, _key(clean, model)
        session.add(model)
        record(session, viewer, project_id, "model.added", {"name": clean, "key": model.key})
    return model


def _free_name(session: Session, name: str, model: UserModel) -> str:
    clean = _clean(name)
    if not clean:
        raise UserError("own_models.name_missing")
    taken = select(UserModel.id).where(
        UserModel.name == clean,
        UserModel.id != model.id,
        col(UserModel.key).is_not(None),
        col(UserModel.deleted_at).is_(None),
    )
    if session.exec(taken).first() is not None:
        raise UserError("own_models.name_taken", name=clean)
    return clean


def rename_model(viewer: Viewer, project_id: int, key: str, name: str) -> None:
    """Call a model of one's own otherwise; its key, which queries name, stays.

    Raises:
        NotFound: there is none of the viewer's.
        UserError: the name is empty or taken.
    """
    with writing() as session:
        load_project(session, viewer, project_id)
        model = _finished(session, key)
        if model.created_by != viewer.user_id:
            raise NotFound("own_models.not_found")
        if model.name != _clean(name):
            details = _rename(session, model, _free_name(session, name, model))
            record(session, viewer, project_id, "model.renamed", details)


def _rename(session: Session, model: UserModel, name: str) -> dict[str, str]:
    details = {"old": model.name, "new": name, "key": model.key or ""}
    model.name = name
    session.add(model)
    return details


def _key(name: str, model: UserModel) -> str:
    """A word for queries: the name's letters and digits, and what tells namesakes apart."""
    slug = "-".join(re.findall(r"\w+", name.lower()))[:40] or "model"
    mark = hashlib.sha256(f"{model.sha256}:{model.id}:{model.settings}".encode()).hexdigest()[:6]
    return f"{slug}-{mark}"


def discard_draft(viewer: Viewer, model_id: int) -> None:
    """Throw a draft away, with its file where no other model is made of it, and stop work on it."""
    with reading() as session:
        job = last_job(session, viewer, model_id)
    if job is not None:
        queue.cancel(viewer, job.id)
    with writing() as session:
        model = load_draft(session, viewer, model_id)
        _remove(session, model)


def last_job(session: Session, viewer: Viewer, model_id: int) -> Job | None:
    """The newest job about a draft, in whichever project it was asked for."""
    query = (
        select(Job)
        .join(Project)
        .where(Job.kind == "model", visible_projects(viewer))
        .where(col(Job.params)["model_id"].as_integer() == model_id)
    )
    return session.exec(query.order_by(col(Job.created_at).desc()).limit(1)).first()


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


def delete_model(viewer: Viewer, project_id: int, key: str) -> None:
    """Take a model of one's own out of the catalogue; its file is kept, so that undo can be.

    Raises:
        NotFound: there is none.
        UserError: a project uses it, which is named.
    """
    with writing() as session:
        load_project(session, viewer, project_id)
        model = _finished(session, key)
        if model.created_by != viewer.user_id:
            raise NotFound("own_models.not_found")
        if used := users_of(session, key):
            raise UserError("own_models.in_use", projects=", ".join(used[:5]))
        model.deleted_at = now()
        session.add(model)
        record(session, viewer, project_id, "model.deleted", {"name": model.name, "key": key})


def users_of(session: Session, key: str) -> list[str]:
    """Names of the projects whose images a model analyses or has analysed."""
    from core.media.tables import Image

    main = select(Project.name).where(Project.model_key == key)
    analysed = (
        select(Project.name)
        .join(Image, col(Image.project_id) == col(Project.id))
        .join(Prediction, col(Prediction.image_id) == col(Image.id))
        .where(Prediction.model_key == key)
    )
    return sorted({*session.exec(main), *session.exec(analysed.distinct())})


def _finished(session: Session, key: str) -> UserModel:
    query = select(UserModel).where(UserModel.key == key, col(UserModel.deleted_at).is_(None))
    found = session.exec(query).first()
    if found is None:
        raise NotFound("own_models.not_found")
    return found


def _remove(session: Session, model: UserModel) -> None:
    _remove_file(session, model)
    session.delete(model)


def _remove_file(session: Session, model: UserModel) -> None:
    shared = select(UserModel.id).where(
        UserModel.sha256 == model.sha256, UserModel.suffix == model.suffix, UserModel.id != model.id
    )
    if session.exec(shared).first() is None:
        source = OwnFile(model.sha256, model.suffix, model.byte_size)
        own_path(source, settings().resolved_weights_dir).unlink(missing_ok=True)


def _clean(text: str) -> str:
    """A name in one piece, without anything that cannot be seen."""
    normal = unicodedata.normalize("NFC", text)
    return "".join(c for c in normal if unicodedata.category(c) != "Cc").strip()[:_MAX_NAME]


@inverse_of("model.added")
def _take_back_added(session: Session, _viewer: Viewer, event: Event) -> Change:
    model = _finished(session, event.details["key"])
    if used := users_of(session, model.key or ""):
        raise UserError("own_models.in_use", projects=", ".join(used[:5]))
    model.deleted_at = now()
    session.add(model)
    return Change("model.deleted", {"name": model.name, "key": model.key}, None)


@inverse_of("model.renamed")
def _take_back_renamed(session: Session, _viewer: Viewer, event: Event) -> Change:
    model = _finished(session, event.details["key"])
    if model.name != event.details["new"]:
        raise UserError("own_models.renamed_since", name=model.name)
    old = _free_name(session, event.details["old"], model)
    return Change("model.renamed", _rename(session, model, old), None)


@inverse_of("model.deleted")
def _take_back_deleted(session: Session, _viewer: Viewer, event: Event) -> Change:
    query = select(UserModel).where(UserModel.key == event.details["key"])
    model = session.exec(query).first()
    if model is None:
        raise NotFound("own_models.not_found")
    model.deleted_at = None
    session.add(model)
    return Change("model.added", {"name": model.name, "key": model.key}, None)
