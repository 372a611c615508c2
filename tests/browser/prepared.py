"""A data folder with a project that was analysed already, for the real app to open."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

import numpy as np
import PIL.Image

from core.accounts.access import Viewer
from core.analysis.tables import Box, Prediction
from core.database import writing
from core.ingest.tables import Batch
from core.media import store
from core.media.tables import Image
from core.projects.tables import Project
from models.catalogue import DEFAULT_MODEL

Found = tuple[str, float, tuple[float, float, float, float]]
PICTURE = (240, 160)


def picture(number: int) -> bytes:
    """A picture of its own for each number."""
    rng = np.random.default_rng(number)
    coarse = PIL.Image.fromarray(rng.integers(60, 200, (8, 12, 3), dtype=np.uint8))
    content = io.BytesIO()
    coarse.resize(PICTURE, PIL.Image.Resampling.BICUBIC).save(content, "PNG")
    return content.getvalue()


def prepared_project(
    viewer: Viewer, images: int, found: Sequence[Found] = (), name: str = "Line 3"
) -> tuple[int, list[int]]:
    """A project whose model found these boxes in each of its images; its id and theirs.

    The data folder is that of the `database` fixture.
    """
    with writing() as session:
        project = Project(name=name, model_key=DEFAULT_MODEL, created_by=viewer.user_id)
        session.add(project)
        session.flush()
        batch = Batch(project_id=project.id or 0, name="first", created_by=viewer.user_id)
        session.add(batch)
        session.flush()
        made = []
        for number in range(images):
            data = picture(number)
            content_hash = hashlib.sha256(data).hexdigest()
            store.put(content_hash, data)
            image = Image(
                project_id=project.id or 0,
                batch_id=batch.id or 0,
                name=f"line/{number:04d}.png",
                content_hash=content_hash,
                format="PNG",
                width=PICTURE[0],
                height=PICTURE[1],
                byte_size=len(data),
            )
            made.append(image)
        session.add_all(made)
        session.flush()
        ids = [image.id or 0 for image in made]
        for image_id in ids:
            first = max(found, key=lambda box: box[1], default=None)
            session.add(
                Prediction(
                    image_id=image_id,
                    model_key=DEFAULT_MODEL,
                    label=first and first[0],
                    confidence=first and first[1],
                    box_count=len(found),
                )
            )
            for label, confidence, (x0, y0, x1, y1) in found:
                corners = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
                known = {"label": label, "confidence": confidence, **corners}
                session.add(Box(image_id=image_id, model_key=DEFAULT_MODEL, **known))
        return project.id or 0, ids
