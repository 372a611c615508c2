"""Which number format a project's images are analysed in: what they allow, once enough are seen."""

from sqlmodel import Session, select

from core.accounts.access import Viewer
from core.analysis.tables import FormatCheck
from core.database import writing
from core.projects.store import load_project
from core.projects.tables import Project
from models.formats import Check


def format_check(
    session: Session, viewer: Viewer, project_id: int, model_key: str
) -> FormatCheck | None:
    """What a project's images said of a model's faster format; None: too few were seen as yet.

    Raises:
        UserError: the viewer may not see the project.
    """
    load_project(session, viewer, project_id)
    return session.get(FormatCheck, (project_id, model_key))


def good_enough(found: FormatCheck) -> bool:
    """Whether the images are analysed in the format that was compared, else they are in f32."""
    return Check(found.recall, found.agreement, found.images).passed


def keep_check(project_id: int, model_key: str, precision: str, check: Check) -> None:
    """Keep what a project's images said, in place of an earlier result for another format."""
    with writing() as session:
        # Workers that settle it at once take turns.
        session.exec(select(Project.id).where(Project.id == project_id).with_for_update())
        session.merge(
            FormatCheck(
                project_id=project_id,
                model_key=model_key,
                format=precision,
                recall=check.recall,
                agreement=check.agreement,
                images=check.images,
            )
        )
