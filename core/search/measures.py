"""Fields of one number an image that stand beside it in a table of their own."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from core.analysis.quality import THRESHOLDS
from core.analysis.tables import Prediction, Quality
from core.projects.tables import Project
from core.scores.tables import ImageScore


@dataclass(frozen=True)
class Measure:
    """Where the numbers of a field are."""

    #: A table with an `image_id`; of one with a `model_key` the project's model counts.
    table: Any
    column: Any
    #: What is stored is 1 for an image without the fault; the field is 1 for the worst.
    turned: bool = False
    #: Whole numbers that only tell apart, as those of groups do.
    names: bool = False

    @property
    def value(self) -> sa.ColumnElement[Any]:
        """The field's number; NULL where there is none."""
        stored: Any = col(self.column)
        value: sa.ColumnElement[Any] = 1 - stored if self.turned else stored
        return value

    def of(self, project: Project) -> sa.ColumnElement[bool]:
        """The rows that count for a project."""
        if not hasattr(self.table, "model_key"):
            return sa.true()
        mine: sa.ColumnElement[bool] = col(self.table.model_key) == project.model_key
        return mine


#: Faults of pictures by field, and under which name their scores are stored.
FAULTS = {
    "blur": "blurry",
    "dark": "dark",
    "bright": "light",
    "low_contrast": "low_contrast",
    "low_information": "low_information",
    "odd_size": "odd_size",
    "odd_ratio": "odd_aspect_ratio",
    "grey": "grayscale",
}
#: A stored score below it is a fault.
FAULTY = {field: THRESHOLDS[stored] for field, stored in FAULTS.items()}

MEASURES = {
    # How odd a size is follows from the sizes of all other images: it is nowhere stored.
    **{
        field: Measure(Quality, getattr(Quality, stored), turned=True)
        for field, stored in FAULTS.items()
        if field != "odd_size"
    },
    "conf": Measure(Prediction, Prediction.confidence),
    "entropy": Measure(Prediction, Prediction.entropy),
    "margin": Measure(Prediction, Prediction.margin),
    "outlier": Measure(ImageScore, ImageScore.outlier),
    "novelty": Measure(ImageScore, ImageScore.novelty),
    "label_error": Measure(ImageScore, ImageScore.label_error),
    "duplicate": Measure(ImageScore, ImageScore.duplicate_group, names=True),
    "cluster": Measure(ImageScore, ImageScore.cluster, names=True),
}
