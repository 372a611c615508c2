"""Storing what a model found, all of it for an image at once."""

from collections.abc import Sequence

import numpy as np
from sqlmodel import Session

from core.analysis.tables import Box, Embedding, Prediction
from models.adapter import Output


def store_outputs(session: Session, model_key: str, results: Sequence[tuple[int, Output]]) -> None:
    """Write predictions, boxes and feature vectors of images, given by id.

    The prediction's key is image and model: a second write of the same fails as a whole.
    """
    for image_id, output in results:
        session.add(
            Prediction(
                image_id=image_id,
                model_key=model_key,
                label=output.label,
                confidence=output.confidence,
                box_count=len(output.detections),
            )
        )
        vector = np.ascontiguousarray(output.features, dtype="<f4").tobytes()
        session.add(Embedding(image_id=image_id, model_key=model_key, vector=vector))
        for found in output.detections:
            x0, y0, x1, y1 = found.box
            session.add(
                Box(
                    image_id=image_id,
                    model_key=model_key,
                    label=found.label,
                    confidence=found.confidence,
                    x0=x0,
                    y0=y0,
                    x1=x1,
                    y1=y1,
                )
            )


def store_failure(session: Session, model_key: str, image_id: int, reason: str) -> None:
    """Note that an image cannot be analysed, so that it is not tried for ever."""
    session.add(Prediction(image_id=image_id, model_key=model_key, error=reason))
