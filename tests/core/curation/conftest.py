"""A project with images, and a second one that changes must not touch."""

from dataclasses import dataclass

import pytest
from sqlmodel import Session

from core.accounts.access import Viewer
from core.database import writing
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project


@dataclass
class Stage:
    """Two projects of one viewer."""

    viewer: Viewer
    project: Project
    images: list[int]
    foreign_images: list[int]

    @property
    def id(self) -> int:
        """The first project's id."""
        assert self.project.id is not None
        return self.project.id


def add_project(session: Session, viewer: Viewer, size: int) -> tuple[Project, list[int]]:
    """A project with that many images, and their ids."""
    project = Project(name="p", model_key="m", created_by=viewer.user_id)
    session.add(project)
    session.flush()
    batch = Batch(project_id=project.id, name="b", created_by=viewer.user_id)
    session.add(batch)
    session.flush()
    known = {"project_id": project.id, "batch_id": batch.id, "format": "PNG"}
    images = [
        Image(name=f"{n}.png", content_hash=str(n), width=1, height=1, byte_size=1, **known)
        for n in range(size)
    ]
    session.add_all(images)
    session.flush()
    return project, [image.id for image in images if image.id is not None]


@pytest.fixture
def stage(viewer: Viewer) -> Stage:
    """Ten images in the project, three in the other."""
    with writing() as session:
        project, images = add_project(session, viewer, 10)
        _other, foreign = add_project(session, viewer, 3)
    return Stage(viewer, project, images, foreign)
