"""A project with images that hold everything a table can show, hostile texts among it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from core.accounts.access import Viewer
from core.analysis.tables import Box, Embedding, Prediction
from core.curation.tables import ImageTag, Tag
from core.database import writing
from core.ingest.tables import Batch
from core.media.tables import Image
from core.projects.tables import Project

MODEL = "mobilenet_v2"

#: Name, predicted label, tags, attributes.
ROWS: list[tuple[str, str | None, list[str], dict[str, Any]]] = [
    ("line-3/0001.jpg", "cat", ["scratch"], {"line": "A-3", "temperature": 21, "ok": True}),
    ("line-4/0001.jpg", "cat", ["scratch", "기스"], {"line": "=A-3+1", "temperature": 20.5}),
    ("한글 사진.jpg", "steel drum", ["a;b\\c", "a;b"], {"line": "라인 3", "ok": False}),
    ('=HYPERLINK("http://evil","x").jpg', "../../up", ["../up"], {"mixed": 5, "temperature": -3}),
    ("../../etc/passwd", None, [], {"mixed": "five", "count": 7}),
    ("-1+2.png", "CAT", ["con"], {"mixed": True, "count": 2**70}),
    ("a\r\nb\t.jpg", "nan", ["_none"], {}),
    ("@sum", "", ["images.csv"], {"mixed": None}),
]


@dataclass(frozen=True)
class Filled:
    """The project and its images' ids, in the order of `ROWS`."""

    project: Project
    ids: list[int]


def content_hash(row: int) -> str:
    """The content hash of the image of this row."""
    return f"{row:064x}"


def vector(row: int) -> np.ndarray:
    """The feature vector of the image of this row."""
    return np.arange(4, dtype=np.float32) + np.float32(row) / 10


@pytest.fixture
def filled(viewer: Viewer) -> Filled:
    """A project with one image for each of `ROWS`; the last one has not been analysed."""
    with writing() as session:
        project = Project(name="Textile", model_key=MODEL, created_by=viewer.user_id)
        session.add(project)
        session.flush()
        assert project.id is not None
        batch = Batch(project_id=project.id, name="+set.zip", created_by=viewer.user_id)
        session.add(batch)
        session.flush()
        assert batch.id is not None
        tags: dict[str, Tag] = {}
        ids: list[int] = []
        for row, (name, label, names, attributes) in enumerate(ROWS):
            image = Image(
                project_id=project.id,
                batch_id=batch.id,
                name=name,
                content_hash=content_hash(row),
                format="JPEG",
                width=640 + row,
                height=480,
                byte_size=1000 + row,
                captured_at=datetime(2024, 10, 14, 8, 30, row) if row % 2 == 0 else None,
                camera="카메라 1" if row == 2 else None,
                attributes=attributes,
                uploaded_at=datetime(2024, 11, 19, 12, 0, row, 250_000, tzinfo=UTC),
            )
            session.add(image)
            session.flush()
            assert image.id is not None
            ids.append(image.id)
            for tag_name in names:
                if tag_name not in tags:
                    tags[tag_name] = Tag(
                        project_id=project.id,
                        name=tag_name,
                        folded=tag_name.casefold(),
                        colour="#888888",
                    )
                    session.add(tags[tag_name])
                    session.flush()
                session.add(ImageTag(tag_id=tags[tag_name].id, image_id=image.id))
            if row < len(ROWS) - 1:
                _analyse(session, image.id, row, label)
    return Filled(project, ids)


def _analyse(session: Any, image_id: int, row: int, label: str | None) -> None:
    confidence = None if label is None else 0.5 + row / 100
    for model, found in [(MODEL, label), ("another_model", "wrong")]:
        session.add(
            Prediction(image_id=image_id, model_key=model, label=found, confidence=confidence)
        )
        session.add(
            Embedding(
                image_id=image_id, model_key=model, vector=vector(row).astype("<f4").tobytes()
            )
        )
    if row == 0:
        for confidence, name, model in [
            (0.25, "mouse", MODEL),
            (0.75, "고양이", MODEL),
            (0.9, "dog", "another_model"),
        ]:
            session.add(
                Box(
                    image_id=image_id,
                    model_key=model,
                    label=name,
                    confidence=confidence,
                    x0=0.0,
                    y0=0.25,
                    x1=0.5,
                    y1=1.0,
                )
            )
