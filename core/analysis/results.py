"""Storing what was found, all of it for many images at once, and finding it again by content."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from core.analysis.quality import Scores
from core.analysis.tables import Box, Embedding, Prediction, Quality
from core.database import now
from core.media.decoding import ImageFacts
from core.media.images import chunks
from core.media.tables import Image
from core.media.tones import Tones
from models.adapter import Detection, Output


@dataclass(frozen=True)
class Stored:
    """What is known of a content from an image of any project."""

    facts: ImageFacts
    scores: Scores | None
    output: Output


def insert_rows(session: Session, table: type[SQLModel], rows: list[dict[str, object]]) -> None:
    """Write rows without making objects of them, many times faster; no default is filled in."""
    if rows:
        session.connection().execute(sa.insert(table), rows)


def store_outputs(session: Session, model_key: str, results: Sequence[tuple[int, Output]]) -> None:
    """Write predictions, boxes and feature vectors of images, given by id.

    The prediction's key is image and model: a second write of the same fails as a whole.
    """
    key = {"model_key": model_key, "analysed_at": now(), "error": None}
    predictions: list[dict[str, object]] = []
    vectors: list[dict[str, object]] = []
    boxes: list[dict[str, object]] = []
    for image_id, output in results:
        predictions.append(
            {
                **key,
                "image_id": image_id,
                "label": output.label,
                "confidence": output.confidence,
                "box_count": len(output.detections),
                "entropy": output.entropy,
                "margin": output.margin,
            }
        )
        vector = np.ascontiguousarray(output.features, dtype="<f4").tobytes()
        vectors.append({"image_id": image_id, "model_key": model_key, "vector": vector})
        boxes.extend(_box_row(model_key, image_id, found) for found in output.detections)
    insert_rows(session, Prediction, predictions)
    insert_rows(session, Embedding, vectors)
    insert_rows(session, Box, boxes)


def _box_row(model_key: str, image_id: int, found: Detection) -> dict[str, object]:
    corners = dict(zip(("x0", "y0", "x1", "y1"), found.box, strict=True))
    return {
        "image_id": image_id,
        "model_key": model_key,
        "label": found.label,
        "confidence": found.confidence,
        **corners,
    }


def store_scores(session: Session, results: Iterable[tuple[int, Scores]]) -> None:
    """Write the quality scores of images that have none, given by id."""
    rows = dict(results)
    has = set(session.exec(select(Quality.image_id).where(col(Quality.image_id).in_(rows))))
    new: list[dict[str, object]] = [
        {"image_id": image_id, **vars(scores)}
        for image_id, scores in rows.items()
        if image_id not in has
    ]
    insert_rows(session, Quality, new)


def store_failure(session: Session, model_key: str, image_id: int, reason: str) -> None:
    """Note that an image cannot be analysed, so that it is not tried for ever."""
    session.add(Prediction(image_id=image_id, model_key=model_key, error=reason))


def analysed_hashes(session: Session, model_key: str, not_in_project: int) -> set[str]:
    """Content hashes of the images of other projects that this model has analysed."""
    query = (
        select(Image.content_hash)
        .join(Prediction, col(Prediction.image_id) == col(Image.id))
        .where(
            Prediction.model_key == model_key,
            col(Prediction.error).is_(None),
            Image.project_id != not_in_project,
        )
    )
    return set(session.exec(query))


def stored_by_hash(session: Session, model_key: str, hashes: Iterable[str]) -> dict[str, Stored]:
    """What this model and the pixels said of these contents, as far as anything is stored."""
    found: dict[str, Stored] = {}
    for part in chunks(list(hashes)):
        query = (
            select(Image, Prediction, Embedding, Quality)
            .join(Prediction, col(Prediction.image_id) == col(Image.id))
            .join(
                Embedding,
                sa.and_(
                    col(Embedding.image_id) == col(Image.id), col(Embedding.model_key) == model_key
                ),
            )
            .outerjoin(Quality, col(Quality.image_id) == col(Image.id))
            .where(
                col(Image.content_hash).in_(part),
                Prediction.model_key == model_key,
                col(Prediction.error).is_(None),
            )
        )
        rows = {row[0].content_hash: row for row in session.exec(query)}
        boxes = _boxes(session, model_key, [row[0].id for row in rows.values()])
        for content_hash, (image, prediction, embedding, quality) in rows.items():
            output = Output(
                prediction.label,
                prediction.confidence,
                np.frombuffer(embedding.vector, "<f4"),
                tuple(boxes.get(image.id, ())),
                prediction.entropy,
                prediction.margin,
            )
            found[content_hash] = Stored(_facts(image), _scores(quality), output)
    return found


def _boxes(
    session: Session, model_key: str, image_ids: Sequence[int | None]
) -> dict[int | None, list[Detection]]:
    query = (
        select(Box)
        .where(col(Box.image_id).in_(image_ids), Box.model_key == model_key)
        .order_by(col(Box.id))
    )
    boxes: dict[int | None, list[Detection]] = {}
    for box in session.exec(query):
        corners = (box.x0, box.y0, box.x1, box.y1)
        boxes.setdefault(box.image_id, []).append(Detection(box.label, box.confidence, corners))
    return boxes


def _facts(image: Image) -> ImageFacts:
    return ImageFacts(
        image.format,
        image.width,
        image.height,
        image.captured_at,
        image.camera,
        image.exif,
        Tones(**image.tones) if image.tones else None,
    )


def _scores(quality: Quality | None) -> Scores | None:
    if quality is None:
        return None
    return Scores(**{field.name: getattr(quality, field.name) for field in fields(Scores)})
