"""Scores as rows of the database."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import Session, col, select

from core.analysis.results import insert_rows
from core.database import now, writing
from core.media.tables import Image
from core.scores.tables import ImageScore

_ROWS = 20_000  # written in one transaction, in well under a second


@dataclass(frozen=True)
class Scored:
    """The scores of N images; NaN, -1 and 0 stand for what an image does not have."""

    #: int64 (N,), ascending.
    image_ids: npt.NDArray[np.int64]
    #: float32 (N,) each, in [0, 1].
    outlier: npt.NDArray[np.float32]
    novelty: npt.NDArray[np.float32]
    label_error: npt.NDArray[np.float32]
    #: int32 (N,): groups from 1 on, 0 for none.
    duplicate_group: npt.NDArray[np.int32]
    #: int32 (N,): clusters from 0 on, -1 for none.
    cluster: npt.NDArray[np.int32]


def replace_scores(project_id: int, model_key: str, scored: Scored) -> None:
    """Write the scores of a project's images by one model in the place of all that were there.

    In several transactions, so that nobody waits long. Images that are gone are left out.
    """
    moment = now()
    count = len(scored.image_ids)
    after = 0
    for start in range(0, max(count, 1), _ROWS):
        stop = min(start + _ROWS, count)
        last = None if stop == count else int(scored.image_ids[stop - 1])
        rows = _rows(scored, start, stop)
        with writing() as session:
            there = _clear(session, project_id, model_key, after, last)
            insert_rows(
                session,
                ImageScore,
                [
                    {**row, "model_key": model_key, "scored_at": moment}
                    for row in rows
                    if row["image_id"] in there
                ],
            )
        after = last or after


def _clear(
    session: Session, project_id: int, model_key: str, after: int, last: int | None
) -> set[int]:
    """Remove the scores of the project's images above `after`, up to `last`; these images' ids."""
    mine = [col(Image.project_id) == project_id, col(Image.id) > after]
    if last is not None:
        mine.append(col(Image.id) <= last)
    images = select(Image.id).where(*mine)
    session.execute(
        sa.delete(ImageScore).where(
            col(ImageScore.model_key) == model_key, col(ImageScore.image_id).in_(images)
        )
    )
    return {image_id for image_id in session.exec(images) if image_id is not None}


def _rows(scored: Scored, start: int, stop: int) -> list[dict[str, object]]:
    part = slice(start, stop)
    columns = {
        "image_id": scored.image_ids[part].tolist(),
        "outlier": _shares(scored.outlier[part]),
        "novelty": _shares(scored.novelty[part]),
        "label_error": _shares(scored.label_error[part]),
        "duplicate_group": [group or None for group in scored.duplicate_group[part].tolist()],
        "cluster": [None if c < 0 else c for c in scored.cluster[part].tolist()],
    }
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _shares(scores: npt.NDArray[np.float32]) -> list[float | None]:
    """Six decimals are more than any score means; NaN becomes None."""
    return [None if score != score else round(score, 6) for score in scores.tolist()]
