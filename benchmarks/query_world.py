"""A large project for the query benchmark, the same in the database and in data frames."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

TAG_SHARES = {
    "everyday": 0.5, "common": 0.3, "frequent": 0.15, "usual": 0.08, "some": 0.04,
    "few": 0.02, "rare": 0.005, "scarce": 0.001, "odd": 0.0002, "single": 0.00005,
}  # fmt: skip
LABELS = [f"class {number:02d}" for number in range(20)]
OBJECTS = ["scratch", "dent", "stain", "hole", "thread"]
MODEL = "bench"
_CHUNK = 20_000
_FIRST_DAY = datetime(2024, 1, 1)


@dataclass(frozen=True)
class World:
    """One row an image: `images` (id, name, width, height, byte_size, captured_at, line, pressure,
    label, confidence and a truth value a tag); one row an object: `boxes` (image_id, label)."""

    images: pd.DataFrame
    boxes: pd.DataFrame


def generate(n: int) -> World:
    """`n` images with ten tags of very different sizes, predictions, boxes for a tenth."""
    rng = np.random.default_rng(4)
    weights = 1 / np.arange(1, len(LABELS) + 1)
    ids = np.arange(1, n + 1)
    days = rng.integers(0, 700 * 86_400, n)
    images = pd.DataFrame(
        {
            "id": ids,
            "name": [f"line-{i % 7}/{i * 7919 % n:07d}.jpg" for i in ids.tolist()],
            "width": rng.choice([640, 1280, 1920, 4096], n),
            "height": rng.choice([480, 720, 1080], n),
            "byte_size": rng.integers(20_000, 8_000_000, n),
            "captured_at": pd.Timestamp(_FIRST_DAY) + pd.to_timedelta(days, unit="s"),
            "line": rng.choice([f"A-{k}" for k in range(1, 9)], n),
            "pressure": np.round(rng.normal(2.5, 0.6, n), 2),
            "label": rng.choice(LABELS, n, p=weights / weights.sum()),
            "confidence": rng.random(n),
        }
    )
    for tag, share in TAG_SHARES.items():
        images[tag] = rng.random(n) < share
    boxed = np.sort(rng.choice(ids, n // 10, replace=False))
    owners = np.repeat(boxed, rng.integers(1, 5, len(boxed)))
    boxes = pd.DataFrame({"image_id": owners, "label": rng.choice(OBJECTS, len(owners))})
    return World(images, boxes)


def write(world: World, user_id: int) -> int:
    """Write the world into DATAG's database as one project; gives the project's id."""
    from core.curation.names import fold
    from core.database import engine, writing
    from core.tables import Batch, Box, Image, ImageTag, Prediction, Project, Tag

    with writing() as session:
        project = Project(name="Queries", model_key=MODEL, created_by=user_id)
        session.add(project)
        session.flush()
        batch = Batch(project_id=project.id or 0, name="bench", created_by=user_id)
        tags = [
            Tag(project_id=project.id or 0, name=name, folded=fold(name), colour="#0072B2")
            for name in TAG_SHARES
        ]
        session.add_all([batch, *tags])
        session.flush()
        project_id, batch_id = project.id or 0, batch.id or 0
        tag_ids = {tag.name: tag.id for tag in tags}
    with engine().execution_options(writes=True).begin() as connection:
        _insert(connection, Image, _image_rows(world.images, project_id, batch_id))
        _insert(connection, Prediction, _prediction_rows(world.images))
        _insert(connection, Box, _box_rows(world.boxes))
        for name, tag_id in tag_ids.items():
            ids = world.images["id"][world.images[name]].tolist()
            _insert(connection, ImageTag, ({"tag_id": tag_id, "image_id": i} for i in ids))
        if connection.dialect.name == "postgresql":
            connection.execute(
                sa.text("SELECT setval('image_id_seq', :last)"), {"last": len(world.images)}
            )
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return project_id


def _insert(connection: sa.Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    waiting: list[dict[str, Any]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == _CHUNK:
            connection.execute(sa.insert(table.__table__), waiting)
            waiting = []
    if waiting:
        connection.execute(sa.insert(table.__table__), waiting)


def _image_rows(images: pd.DataFrame, project_id: int, batch_id: int) -> Iterator[dict[str, Any]]:
    uploaded = datetime(2026, 1, 1, tzinfo=UTC)
    columns = ["id", "name", "width", "height", "byte_size", "captured_at", "line", "pressure"]
    for row in images[columns].itertuples(index=False):
        yield {
            "id": row.id, "project_id": project_id, "batch_id": batch_id, "name": row.name,
            "content_hash": hashlib.sha256(b"%d" % row.id).hexdigest(), "format": "JPEG",
            "width": row.width, "height": row.height, "byte_size": row.byte_size,
            "captured_at": row.captured_at.to_pydatetime(), "camera": None, "exif": {},
            "attributes": {"line": row.line, "pressure": row.pressure},
            "uploaded_at": uploaded + timedelta(seconds=row.id),
        }  # fmt: skip


def _prediction_rows(images: pd.DataFrame) -> Iterator[dict[str, Any]]:
    analysed = datetime(2026, 1, 2, tzinfo=UTC)
    for image_id, label, confidence in zip(
        images["id"].tolist(), images["label"], images["confidence"].tolist(), strict=True
    ):
        yield {
            "image_id": image_id, "model_key": MODEL, "label": label, "confidence": confidence,
            "box_count": 0, "error": None, "analysed_at": analysed,
        }  # fmt: skip


def _box_rows(boxes: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for image_id, label in zip(boxes["image_id"].tolist(), boxes["label"], strict=True):
        yield {
            "image_id": image_id, "model_key": MODEL, "label": label, "confidence": 0.8,
            "x0": 0.1, "y0": 0.1, "x1": 0.3, "y1": 0.3,
        }  # fmt: skip
