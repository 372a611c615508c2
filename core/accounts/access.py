"""The one place that decides who sees what: conditions that every query carries."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col, select

from core.accounts.tables import User
from core.database import reading, writing
from core.media.tables import Image
from core.projects.tables import Project

_LOCAL_EMAIL = "local@datag.invalid"


@dataclass(frozen=True)
class Viewer:
    """The person on whose behalf something is read or changed."""

    user_id: int
    name: str


def local_viewer() -> Viewer:
    """The one member of a local workbench, made at the first call."""
    query = select(User).where(User.email == _LOCAL_EMAIL)
    with reading() as session:
        user = session.exec(query).first()
    if user is None:
        with writing() as session:
            user = session.exec(query).first()
            if user is None:
                user = User(name="Local user", email=_LOCAL_EMAIL)
                session.add(user)
                session.flush()
    assert user.id is not None
    return Viewer(user.id, user.name)


def visible_projects(viewer: Viewer) -> sa.ColumnElement[bool]:
    """A condition on `Project`: the projects that `viewer` may see."""
    return sa.and_(sa.literal(viewer.user_id) > 0, col(Project.deleted_at).is_(None))


def permitted_images(viewer: Viewer) -> sa.ColumnElement[bool]:
    """A condition on `Image`: the images that `viewer` may see, those in the bin too.

    Only for the bin itself and for ways back, which must not pass over what was deleted since.
    """
    return sa.and_(
        sa.literal(viewer.user_id) > 0,
        col(Image.project_id).in_(select(Project.id).where(visible_projects(viewer))),
    )


def visible_images(viewer: Viewer) -> sa.ColumnElement[bool]:
    """A condition on `Image`: the images that `viewer` may see, without those in the bin."""
    return sa.and_(permitted_images(viewer), col(Image.deleted_at).is_(None))
