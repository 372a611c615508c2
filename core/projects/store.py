"""Making, listing and changing projects."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.accounts.access import Viewer, visible_projects
from core.database import now, writing
from core.errors import NotFound, UserError
from core.history import record
from core.media.tables import Image
from core.models.cards import all_cards
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
        .where(col(Image.project_id) == col(Project.id))
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
