"""Feature vectors as one matrix."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sqlmodel import Session, col, select

from core.analysis.tables import Embedding
from core.media.images import chunks

_ROWS = 5_000  # vectors in one statement: some 25 MB at 1,280 numbers each


def features(
    session: Session, image_ids: Sequence[int] | npt.NDArray[np.int64], model_key: str
) -> npt.NDArray[np.float32]:
    """The feature vectors of images, float32 (N, D), in the order of `image_ids`.

    The row of an image without a vector of this model, or with one of another length than the
    first, is NaN. Without any vector D is 0. Asks for no viewer: the ids have to be checked.
    """
    ids = np.asarray(image_ids, dtype=np.int64)
    matrix = np.empty((len(ids), 0), dtype=np.float32)
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    for part in chunks(ordered.tolist(), _ROWS):
        query = select(Embedding.image_id, Embedding.vector).where(
            Embedding.model_key == model_key, col(Embedding.image_id).in_(part)
        )
        for image_id, vector in session.exec(query):
            if matrix.shape[1] == 0:
                matrix = np.full((len(ids), len(vector) // 4), np.nan, dtype=np.float32)
            if len(vector) == 4 * matrix.shape[1]:
                first, last = np.searchsorted(ordered, [image_id, image_id + 1])
                matrix[order[first:last]] = np.frombuffer(vector, dtype="<f4")
    return matrix


def usable_rows(matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Which rows of a (N, D) feature matrix hold a whole vector of finite numbers: bool (N,)."""
    if matrix.shape[1] == 0:
        return np.zeros(len(matrix), dtype=np.bool_)
    # Any NaN or infinity makes the row's sum one; a sum in float64 cannot overflow on its own.
    with np.errstate(invalid="ignore"):
        usable: npt.NDArray[np.bool_] = np.isfinite(matrix.sum(axis=1, dtype=np.float64))
    return usable


def unit_length(matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The rows of a (N, D) matrix at Euclidean length 1; rows of zeros stay zeros.

    The direction of a feature vector says what is in a picture, its length mostly how strongly
    the network responds (brightness, contrast). On unit vectors Euclidean distance d and cosine
    similarity c order alike (d² = 2 - 2c), so every method that works with Euclidean distances
    compares pictures by cosine.
    """
    lengths = np.sqrt(np.einsum("nd,nd->n", matrix, matrix, dtype=np.float64))
    lengths[lengths == 0] = 1
    scaled: npt.NDArray[np.float32] = matrix / lengths[:, None].astype(np.float32)
    return scaled
