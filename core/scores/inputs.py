"""What the scores of a project's images are made of."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import Session, col

from core.accounts.access import Viewer, visible_images
from core.analysis.tables import Prediction, Quality
from core.annotations.tables import Annotation
from core.maps.features import usable_rows
from core.maps.matrix import feature_rows
from core.media.tables import Image

_VERSION = b"1"  # another one when the same inputs come to give other scores


@dataclass(frozen=True)
class Inputs:
    """N images with usable features, in ascending order of their ids."""

    #: int64 (N,).
    image_ids: npt.NDArray[np.int64]
    #: float32 (N, D), unit vectors.
    features: npt.NDArray[np.float32]
    #: int64 (N,): the batches' ids; a later one's is higher.
    batches: npt.NDArray[np.int64]
    #: int64 (N,): perceptual hashes; 0 where `hashed`, bool (N,), is false.
    hashes: npt.NDArray[np.int64]
    hashed: npt.NDArray[np.bool_]
    #: int32 (N,): numbers of the classes by people and by the model; -1: none.
    annotated: npt.NDArray[np.int32]
    predicted: npt.NDArray[np.int32]

    def digest(self) -> str:
        """Differs when anything that scores are made of does."""
        content = hashlib.blake2b(_VERSION, digest_size=20)
        for array in (
            self.image_ids,
            self.batches,
            self.hashes,
            self.hashed,
            self.annotated,
            self.predicted,
            self.features,
        ):
            content.update(np.ascontiguousarray(array).data)
        return content.hexdigest()


def read_inputs(session: Session, viewer: Viewer, project_id: int, model_key: str) -> Inputs:
    """The inputs of all images of a project that `viewer` may see and whose features are usable."""
    ids, features = _features(session, viewer, project_id, model_key)
    query = (
        sa.select(
            col(Image.id),
            col(Image.batch_id),
            col(Quality.phash),
            col(Annotation.label),
            col(Prediction.label),
        )
        .outerjoin(Quality, col(Quality.image_id) == col(Image.id))
        .outerjoin(Annotation, col(Annotation.image_id) == col(Image.id))
        .outerjoin(
            Prediction,
            sa.and_(
                col(Prediction.image_id) == col(Image.id), col(Prediction.model_key) == model_key
            ),
        )
        .where(col(Image.project_id) == project_id, visible_images(viewer))
        .order_by(col(Image.id))
    )
    rows = session.execute(query).all()
    listed = np.array([row[0] for row in rows], dtype=np.int64)
    wanted = [rows[at] for at in np.searchsorted(listed, ids)]
    return Inputs(
        ids,
        features,
        np.array([row[1] for row in wanted], dtype=np.int64),
        np.array([row[2] or 0 for row in wanted], dtype=np.int64),
        np.array([row[2] is not None for row in wanted], dtype=np.bool_),
        _numbered(row[3] for row in wanted),
        _numbered(row[4] for row in wanted),
    )


def _features(
    session: Session, viewer: Viewer, project_id: int, model_key: str
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    parts = feature_rows(session, viewer, project_id, model_key)
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32)
    usable = [part.valid & usable_rows(part.vectors) for part in parts]
    kept = list(zip(parts, usable, strict=True))
    ids = np.concatenate([part.ids[rows] for part, rows in kept])
    features = np.concatenate([part.vectors[rows] for part, rows in kept])
    order = np.argsort(ids)
    return ids[order], features if (np.diff(ids) > 0).all() else features[order]


def _numbered(labels: Iterable[str | None]) -> npt.NDArray[np.int32]:
    """A number of each label, the same for the same one; -1 for None."""
    numbers: dict[str | None, int] = {None: -1}
    return np.array([numbers.setdefault(label, len(numbers) - 1) for label in labels], np.int32)
