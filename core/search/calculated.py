"""Values of images that follow from several others: faults, and whether a model is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlmodel import col

from core.analysis.quality import odd_size_scores
from core.analysis.tables import Box, Quality
from core.annotations.tables import AnnotatedBox
from core.curation.names import fold
from core.evaluation.truth import rightly_boxed
from core.media.tables import Image
from core.search.measures import FAULTS, FAULTY
from core.search.parts import Positions
from core.search.rows import analysed_images, boxed_images

if TYPE_CHECKING:
    from core.search.bits import ProjectBits


def odd_sizes(bits: ProjectBits) -> npt.NDArray[np.float64]:
    """How odd the size of each image is among all that are not in the bin: float64 (N,) in [0, 1];
    NaN for those in the bin."""
    counted = bits.truth(bits.asked(col(Image.deleted_at).is_(None)))
    odd = np.full(len(bits.ids), np.nan)
    widths, heights = (bits.column(side)[counted] for side in ("width", "height"))
    odd[counted] = 1 - odd_size_scores(widths.astype(np.int64), heights.astype(np.int64))
    return odd


def faults(bits: ProjectBits) -> dict[str, Positions]:
    """The images with each fault; without those that no image has."""
    found: dict[str, Positions] = {}
    for fault, stored in FAULTS.items():
        if fault == "odd_size":
            # As the score is stored: 1 less a number may round away from the threshold.
            odd = np.flatnonzero(1 - bits.column(fault) < FAULTY[fault]).astype(np.int32)
            found[fault] = odd
        else:
            faulty = col(getattr(Quality, stored)) < FAULTY[fault]
            found[fault] = bits.listed(sa.select(col(Quality.image_id)).where(faulty))
    return {fault: positions for fault, positions in found.items() if len(positions)}


def judgements(bits: ProjectBits) -> dict[str, Positions]:
    """The images of which the project's model says what people say, and the others of which both
    say something: by class, or else by boxes."""
    said = bits.parts("said")
    boxed = bits.listed(boxed_images(bits.project))
    if not len(said.owners) and not len(boxed):
        return {}
    known: dict[str, int] = {}
    numbers = []
    for field in ("pred", "said"):
        parts = bits.parts(field)
        classes = np.full(len(bits.ids), -1, dtype=np.int64)
        named = [known.setdefault(fold(name), len(known)) for name in parts.names]
        classes[parts.owners] = np.array(named, dtype=np.int64)[parts.numbers()]
        numbers.append(classes)
    analysed = bits.truth(bits.asked(analysed_images(bits.project)))
    right = np.where(analysed & (numbers[1] >= 0), numbers[0] == numbers[1], -1)
    boxed = boxed[analysed[boxed] & (numbers[1][boxed] < 0)]
    with bits.session(Box, AnnotatedBox) as session:
        ids = bits.ids[boxed].tolist()
        right[boxed] = rightly_boxed(session, ids, bits.project.model_key)
    positions = {name: np.flatnonzero(right == said) for name, said in (("yes", 1), ("no", 0))}
    return {name: at.astype(np.int32) for name, at in positions.items() if len(at)}


#: Fields of words that are calculated from other fields.
CALCULATED = {"fault": faults, "correct": judgements}
