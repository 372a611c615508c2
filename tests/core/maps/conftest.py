"""A project with analysed images whose features fall into three groups and one odd one out."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.accounts.access import Viewer
from core.analysis.tables import Embedding
from core.database import writing
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project

MODEL = "mobilenet_v2"


@dataclass(frozen=True)
class AnalysedProject:
    """A project, the ids of its images in ascending order, and their feature vectors."""

    id: int
    image_ids: np.ndarray
    features: np.ndarray


def three_groups(size: int, dimensions: int = 32, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features float32 (3·size, dimensions) around three directions, and each row's group."""
    random = np.random.default_rng(seed)
    centres = np.eye(3, dimensions) * 10
    groups = np.repeat(np.arange(3), size)
    noise = random.normal(scale=0.4, size=(3 * size, dimensions))
    return (centres[groups] + noise).astype(np.float32), groups


def add_images(viewer: Viewer, project_id: int, features: np.ndarray) -> np.ndarray:
    """Images of a project with these features, one a row; their ids."""
    with writing() as session:
        batch = Batch(project_id=project_id, name="set.zip", created_by=viewer.user_id)
        session.add(batch)
        session.flush()
        assert batch.id is not None
        images = [
            Image(
                project_id=project_id,
                batch_id=batch.id,
                name=f"line-{row % 3}/{row:04d}.jpg",
                content_hash=f"{batch.id:032x}{row:032x}",
                format="JPEG",
                width=64,
                height=48,
                byte_size=1000 + row,
            )
            for row in range(len(features))
        ]
        session.add_all(images)
        session.flush()
        ids = [image.id for image in images if image.id is not None]
        session.add_all(
            Embedding(image_id=image_id, model_key=MODEL, vector=row.astype("<f4").tobytes())
            for image_id, row in zip(ids, features, strict=True)
        )
    return np.array(ids, dtype=np.int64)


@pytest.fixture
def analysed(viewer: Viewer) -> AnalysedProject:
    """31 images: three groups of ten, and the last one unlike all others."""
    with writing() as session:
        project = Project(name="Textile", model_key=MODEL, created_by=viewer.user_id)
        session.add(project)
        session.flush()
        assert project.id is not None
    features, _ = three_groups(10)
    features = np.vstack([features, -np.ones((1, features.shape[1]), dtype=np.float32)])
    return AnalysedProject(project.id, add_images(viewer, project.id, features), features)
