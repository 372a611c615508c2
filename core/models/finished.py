"""Finished models of one's own: named, renamed, deleted, and each of these taken back."""

import hashlib
import re

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer
from core.analysis.tables import Prediction
from core.database import now, writing
from core.errors import NotFound, UserError
from core.history import record
from core.history.registry import Change, inverse_of
from core.history.tables import Event
from core.models.drafts import load_draft
from core.models.files import clean_name
from core.models.tables import UserModel
from core.projects.store import load_project
from core.projects.tables import Project


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
    clean = clean_name(name)
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
        if model.name != clean_name(name):
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
