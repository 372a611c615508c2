"""Making, listing and changing projects."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_images, visible_projects
from core.database import now, writing
from core.errors import NotFound, UserError
from core.history import Change, inverse_of, record
from core.history.tables import Event
from core.media.tables import Image
from core.models.cards import all_cards, model_name
from core.projects.tables import Project, Visibility

_MAX_NAME = 100


@dataclass(frozen=True)
class ProjectSummary:
    """A project with the number of its images, for a list."""

    project: Project
    image_count: int


def create_project(
    viewer: Viewer,
    name: str,
    model_key: str,
    description: str = "",
    visibility: Visibility = Visibility.PRIVATE,
    notice: str | None = None,
) -> Project:
    """Make a project.

    Raises:
        UserError: the name is empty, too long or in use, or the model is not in the catalogue.
    """
    name = name.strip()
    if not name:
        raise UserError("projects.name_missing")
    if len(name) > _MAX_NAME:
        raise UserError("projects.name_too_long", limit=_MAX_NAME)
    with writing() as session:
        if model_key not in all_cards(session):
            raise UserError("projects.unknown_model", model=model_key)
        same = sa.and_(col(Project.name) == name, visible_projects(viewer))
        if session.exec(select(Project).where(same)).first() is not None:
            raise UserError("projects.name_taken", name=name)
        project = Project(
            name=name,
            description=description.strip(),
            visibility=visibility,
            model_key=model_key,
            notice=notice,
            created_by=viewer.user_id,
        )
        session.add(project)
        session.flush()
        assert project.id is not None
        record(session, viewer, project.id, "project.created", {"name": name, "model": model_key})
    return project


def list_projects(session: Session, viewer: Viewer) -> list[ProjectSummary]:
    """The projects that `viewer` may see, the newest first."""
    counted = (
        sa.select(sa.func.count(col(Image.id)))
        .where(col(Image.project_id) == col(Project.id), visible_images(viewer))
        .correlate(Project)
        .scalar_subquery()
    )
    query = (
        select(Project, counted)
        .where(visible_projects(viewer))
        .order_by(col(Project.created_at).desc(), col(Project.id).desc())
    )
    return [ProjectSummary(project, count) for project, count in session.exec(query)]


def load_project(session: Session, viewer: Viewer, project_id: int) -> Project:
    """One project.

    Raises:
        NotFound: there is none, or `viewer` may not see it.
    """
    query = select(Project).where(Project.id == project_id, visible_projects(viewer))
    project = session.exec(query).first()
    if project is None:
        raise NotFound("projects.not_found", id=project_id)
    return project


def choose_model(viewer: Viewer, project_id: int, model_key: str) -> None:
    """Make a model the project's own: queries, maps and new images then go by it.

    Raises:
        NotFound: no such project, or `viewer` may not see it.
        UserError: no such model.
    """
    with writing() as session:
        project = load_project(session, viewer, project_id)
        if project.model_key != model_key:
            record(session, viewer, project_id, *_choose(session, project, model_key))


def _choose(session: Session, project: Project, model_key: str) -> tuple[str, dict[str, str]]:
    """Set the project's model; kind and details of the event."""
    cards = all_cards(session)
    if model_key not in cards:
        raise UserError("projects.unknown_model", model=model_key)
    details = {
        "model": cards[model_key].name,
        "old": model_name(session, project.model_key),
        "key": model_key,
        "old_key": project.model_key,
    }
    project.model_key = model_key
    session.add(project)
    return "model.chosen", details


@inverse_of("model.chosen")
def _take_back_choice(session: Session, viewer: Viewer, event: Event) -> Change:
    project = load_project(session, viewer, event.project_id)
    if project.model_key != event.details["key"]:
        raise UserError("projects.model_changed_since")
    return Change(*_choose(session, project, event.details["old_key"]), None)


def delete_project(viewer: Viewer, project_id: int) -> None:
    """Put a project out of sight. Its rows and originals stay, `restore_project` brings it back."""
    _set_deleted(viewer, project_id, deleted=True)


def restore_project(viewer: Viewer, project_id: int) -> None:
    """Bring back a project that `delete_project` put out of sight."""
    _set_deleted(viewer, project_id, deleted=False)


def _set_deleted(viewer: Viewer, project_id: int, deleted: bool) -> None:
    with writing() as session:
        project = session.get(Project, project_id)
        if project is None or project.created_by != viewer.user_id:
            raise NotFound("projects.not_found", id=project_id)
        project.deleted_at = now() if deleted else None
        session.add(project)
        details = {"name": project.name}
        if deleted:
            record(session, viewer, project_id, "project.deleted", details)
        else:
            record(session, viewer, project_id, "project.restored", details)
